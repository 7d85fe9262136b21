import type { Conversation, Message } from '#contract/entities.ts';
import { LIMITS } from '#contract/limits.ts';
import { conversationsDown, newestConversations } from '../../store/conversation.ts';
import type { TeamTx } from '../../store/db.ts';
import { type MessageRange, messagesInRanges } from '../../store/message.ts';
import { type Position, TOP } from './cursor.ts';

/** A part of all there is; `next` is null where it was the last. */
export interface Part {
	conversations: Conversation[];
	messages: Message[];
	next: Position | null;
}

const CONVERSATIONS = 50;
const NEWEST_MESSAGES = 20;

/** What makes the inbox usable: the conversations in which somebody wrote last, with their newest messages. */
export async function readNewest(tx: TeamTx, botIds: readonly string[]): Promise<Part> {
	const conversations = await newestConversations(tx, { botIds, limit: CONVERSATIONS });
	const ranges = conversations.map(({ id, seq }) => ({
		conversationId: id,
		from: Math.max(1, seq - NEWEST_MESSAGES + 1),
		to: seq
	}));
	const isAll = conversations.length < CONVERSATIONS && ranges.every(({ from }) => from === 1);
	return {
		conversations,
		messages: await messagesInRanges(tx, ranges),
		next: isAll ? null : TOP
	};
}

/**
 * The next part of everything, in the order of ids, which never change: a conversation that moves up
 * in the inbox meanwhile is neither missed nor half sent. Newest first, and newest messages first.
 */
export async function readWalk(
	tx: TeamTx,
	{ botIds, position }: { botIds: readonly string[]; position: Position }
): Promise<Part> {
	const found = await conversationsDown(tx, {
		botIds,
		from: position.id,
		limit: CONVERSATIONS + 1
	});
	const conversations: Conversation[] = [];
	const ranges: MessageRange[] = [];
	let room: number = LIMITS.syncPage;
	let next = position;
	for (const conversation of found.slice(0, CONVERSATIONS)) {
		if (room <= 0) break;
		const { id, seq } = conversation;
		const to = id === position.id ? Math.min(seq, position.below - 1) : seq;
		const from = Math.max(1, to - room + 1);
		if (to >= from) ranges.push({ conversationId: id, from, to });
		room -= Math.max(0, to - from + 1);
		conversations.push(conversation);
		next = { id, below: from };
	}
	const isLast = conversations.length === found.length && (found.length === 0 || next.below <= 1);
	return {
		conversations,
		messages: await messagesInRanges(tx, ranges),
		next: isLast ? null : next
	};
}
