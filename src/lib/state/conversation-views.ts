import type { Conversation, Member } from '#contract/entities.ts';
import { conversationsById, conversationsIn } from '../db/conversations.ts';
import { knownMessageIds } from '../db/messages.ts';
import { heldRows, isText, rowsOf } from '../db/outbox.ts';
import { membersOf } from '../db/people.ts';
import { readSeqs } from '../db/reads.ts';
import type { OutboxRow } from '../db/schema.ts';
import { readSeqWithPending, withPending } from '../intents/pending.ts';
import type { Writer } from '../intents/queue.ts';
import type { ConversationView, InboxFilter } from './inbox.svelte.ts';

/** Enough for a long day; older ones are found by search. */
const SHOWN_PER_STATE = 500;
/** In place of words, of a visitor who has written none. */
const PRESSED = 'Pressed “Talk to a person”';
const STATES = ['pending', 'unresolved', 'resolved'] as const;

/** Every conversation of the active team that has been escalated, as the person sees it. Run it in a live query. */
export async function loadViews(here: Writer): Promise<ConversationView[]> {
	const { cache, teamId } = here;
	const states = STATES.map((state) =>
		conversationsIn(cache, { teamId, state, limit: SHOWN_PER_STATE })
	);
	return viewsOf(here, (await Promise.all(states)).flat());
}

/** One conversation, or null where the cache does not have it. */
export async function loadView(here: Writer, id: string): Promise<ConversationView | null> {
	const found = await conversationsById(here.cache, { teamId: here.teamId, ids: [id] });
	return (await viewsOf(here, found))[0] ?? null;
}

/** The outbox rows that the cache does not show yet. */
export async function pendingRows({ cache, outbox, teamId }: Writer): Promise<OutboxRow[]> {
	const rows = await rowsOf(outbox, teamId);
	const ids = rows.filter(isText).map((row) => row.call.args.messageId);
	const known = await knownMessageIds(cache, { teamId, ids });
	return rows.filter((row) => !isText(row) || !known.has(row.call.args.messageId));
}

async function viewsOf(here: Writer, conversations: Conversation[]): Promise<ConversationView[]> {
	const { cache, teamId, userId } = here;
	const ids = conversations.map(({ id }) => id);
	const [rows, members, reads] = await Promise.all([
		pendingRows(here),
		membersOf(cache, teamId),
		readSeqs(cache, { teamId, userId, ids })
	]);
	const byId = new Map(members.map((member) => [member.userId, member]));
	const held = heldRows(rows);
	const underWay = rows.filter((row) => !held.has(row));
	return conversations.map((cached) =>
		viewOf({
			conversation: withPending(cached, underWay, userId),
			rows: rows.filter((row) => row.call.args.conversationId === cached.id),
			readSeq: readSeqWithPending(reads.get(cached.id) ?? 0, rows, cached.id),
			members: byId,
			userId
		})
	);
}

interface ViewInput {
	conversation: Conversation;
	/** Of this conversation. */
	rows: OutboxRow[];
	readSeq: number;
	members: Map<string, Member>;
	userId: string;
}

function viewOf({ conversation, rows, readSeq, members, userId }: ViewInput): ConversationView {
	const { preview, assigneeId, state, seq, escalatedAt } = conversation;
	const isMinePreview = preview?.authorKind === 'agent' && preview.authorId === userId;
	const isWaiting = state === 'pending' && assigneeId === null;
	return {
		conversation,
		title: conversation.visitor.name ?? 'Visitor',
		preview: preview?.body ?? (state === 'pending' ? PRESSED : ''),
		isMinePreview,
		readSeq,
		isUnread: seq > readSeq && !isMinePreview && state !== 'resolved',
		assignee: (assigneeId && members.get(assigneeId)) || null,
		unsentCount: rows.filter((row) => isText(row) && row.state !== 'sent').length,
		waitingSince: isWaiting ? (escalatedAt ?? conversation.lastMessageAt) : null
	};
}

/** Whether a visitor waits for this person, as the number on the app's icon counts them: for anybody, or for them alone. */
export function isForMe({ conversation }: ConversationView, userId: string): boolean {
	const { state, assigneeId } = conversation;
	return state === 'pending' && (assigneeId === null || assigneeId === userId);
}

export interface InboxGroups {
	waiting: ConversationView[];
	yours: ConversationView[];
	others: ConversationView[];
}

/** Sorts what the filter lets through: who waits longest first, then the newest message first. */
export function groupViews(
	views: ConversationView[],
	{ show, botId }: InboxFilter,
	userId: string
): InboxGroups {
	const passes = ({ conversation: { state, assigneeId, botId: ofBot } }: ConversationView) => {
		if (botId && ofBot !== botId) return false;
		if (show === 'resolved') return state === 'resolved';
		if (state !== 'pending' && state !== 'unresolved') return false;
		if (show === 'unassigned') return assigneeId === null;
		return show === 'open' || assigneeId === userId;
	};
	const shown = views.filter(passes).sort(byNewest);
	const isMine = (view: ConversationView) => view.conversation.assigneeId === userId;
	const isWaiting = (view: ConversationView) => view.waitingSince !== null;
	return {
		waiting: shown.filter(isWaiting).sort((a, b) => (a.waitingSince ?? 0) - (b.waitingSince ?? 0)),
		yours: shown.filter(isMine),
		others: shown.filter((view) => !isWaiting(view) && !isMine(view))
	};
}

const byNewest = (a: ConversationView, b: ConversationView) =>
	b.conversation.lastMessageAt - a.conversation.lastMessageAt;
