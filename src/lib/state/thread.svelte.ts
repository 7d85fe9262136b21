import type { Member, Message } from '#contract/entities.ts';
import type { MutationCall } from '#contract/mutations.ts';
import { messagesOf } from '../db/messages.ts';
import { heldRows, isText, type TextRow } from '../db/outbox.ts';
import { membersOf } from '../db/people.ts';
import type { OutboxRow } from '../db/schema.ts';
import { assign } from '../intents/assign.ts';
import { claim } from '../intents/claim.ts';
import { handBack } from '../intents/hand-back.ts';
import { markRead } from '../intents/mark-read.ts';
import { note } from '../intents/note.ts';
import type { Writer } from '../intents/queue.ts';
import { reopen } from '../intents/reopen.ts';
import { reply } from '../intents/reply.ts';
import { resolve } from '../intents/resolve.ts';
import { discard, retry, sendAnyway } from '../intents/unsent.ts';
import { closeNotices } from '../push/notices.ts';
import { loadView, pendingRows } from './conversation-views.ts';
import type { ConversationView } from './inbox.svelte.ts';
import { live } from './live.svelte.ts';
import { workspace } from './workspace.svelte.ts';

export interface UnsentText {
	id: string;
	body: string;
	kind: 'reply' | 'note';
	/** `review`: somebody wrote meanwhile and it waits for a look. `held`: it waits for an earlier one. */
	state: 'unsent' | 'held' | 'review' | 'failed';
	reason: string | null;
	createdAt: number;
}
/** `key` stays the same when an unsent text becomes a message. */
export type ThreadItem =
	| { key: string; message: Message; author: Member | null }
	| { key: string; unsent: UnsentText };

export interface Thread {
	readonly view: ConversationView | null;
	/** Messages oldest first, then what is unsent in the order it was written. */
	readonly items: ThreadItem[];
	readonly isLoading: boolean;
	/** Refused actions without a text, such as a claim that somebody else won. `discard` dismisses one. */
	readonly refusals: { id: string; reason: string }[];
	/** What was asked for and waits until the person has decided about an earlier text. `discard` takes one back. */
	readonly heldActs: { id: string; name: MutationCall['name'] }[];
	/** These resolve when the intent is kept on disk, sent or not. */
	reply(body: string): Promise<void>;
	note(body: string): Promise<void>;
	claim(): Promise<void>;
	assign(agentId: string | null): Promise<void>;
	resolve(): Promise<void>;
	reopen(): Promise<void>;
	handBack(): Promise<void>;
	markRead(): Promise<void>;
	/** Takes away what tells of it on this device's desktop. */
	clearNotice(): Promise<void>;
	/** For a text in `review`: sends it as it is. */
	sendAnyway(id: string): Promise<void>;
	/** For a failed one. */
	retry(id: string): Promise<void>;
	/** Takes it out of the outbox and gives the text back. */
	discard(id: string): Promise<string>;
}

interface Loaded {
	view: ConversationView | null;
	items: ThreadItem[];
	refusals: Thread['refusals'];
	heldActs: Thread['heldActs'];
}

/** The conversation that `id` names now; `id` may read runes. */
export function thread(id: () => string): Thread {
	const loaded = live<Loaded | null>(() => {
		const here = workspace.current;
		const conversationId = id();
		return () => (here ? load(here, conversationId) : null);
	}, null);
	const here = () => {
		if (!workspace.current) throw new Error('Nobody is signed in.');
		return workspace.current;
	};
	const seq = () => loaded.value?.view?.conversation.seq ?? 0;
	const clearNotice = () => closeNotices((conversationId) => conversationId === id());
	return {
		get view() {
			return loaded.value?.view ?? null;
		},
		get items() {
			return loaded.value?.items ?? [];
		},
		get isLoading() {
			return loaded.value === null;
		},
		get refusals() {
			return loaded.value?.refusals ?? [];
		},
		get heldActs() {
			return loaded.value?.heldActs ?? [];
		},
		reply: (body) => reply(here(), { conversationId: id(), body, baseSeq: seq() }),
		note: (body) => note(here(), { conversationId: id(), body }),
		claim: () => claim(here(), id()),
		assign(agentId) {
			const expectedId = loaded.value?.view?.conversation.assigneeId ?? null;
			return assign(here(), { conversationId: id(), agentId, expectedId });
		},
		resolve: () => resolve(here(), id()),
		reopen: () => reopen(here(), id()),
		handBack: () => handBack(here(), id()),
		async markRead() {
			await markRead(here(), { conversationId: id(), seq: seq() });
			await clearNotice();
		},
		clearNotice,
		sendAnyway: (rowId) => sendAnyway(here(), rowId),
		retry: (rowId) => retry(here(), rowId),
		discard: (rowId) => discard(here(), rowId)
	};
}

async function load(here: Writer, conversationId: string): Promise<Loaded> {
	const { cache, teamId } = here;
	const [view, messages, members, pending] = await Promise.all([
		loadView(here, conversationId),
		messagesOf(cache, { teamId, conversationId }),
		membersOf(cache, teamId),
		pendingRows(here)
	]);
	const byId = new Map(members.map((member) => [member.userId, member]));
	const rows = pending.filter((row) => row.call.args.conversationId === conversationId);
	const held = heldRows(rows);
	return {
		view,
		items: [
			...messages.map((message) => ({
				key: message.id,
				message,
				author: (message.authorId && byId.get(message.authorId)) || null
			})),
			...rows.filter(isText).map((row) => ({
				key: row.call.args.messageId,
				unsent: unsentOf(row, held.has(row))
			}))
		],
		refusals: rows.flatMap((row) =>
			row.state === 'failed' && !isText(row) ? [{ id: row.id, reason: reasonOf(row) ?? '' }] : []
		),
		heldActs: [...held]
			.filter((row) => !isText(row))
			.map(({ id, call: { name } }) => ({ id, name }))
	};
}

const unsentOf = (row: TextRow, isHeld: boolean): UnsentText => ({
	id: row.id,
	body: row.call.args.body,
	kind: row.call.name,
	state: row.state === 'review' || row.state === 'failed' ? row.state : isHeld ? 'held' : 'unsent',
	reason: reasonOf(row),
	createdAt: row.createdAt
});

/** The server's words: the cause, then what to do. */
const reasonOf = ({ error }: OutboxRow): string | null =>
	error ? [error.message, error.remedy].filter(Boolean).join(' ') : null;
