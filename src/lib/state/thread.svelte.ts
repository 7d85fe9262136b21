import type { Member, Message } from '#contract/entities.ts';
import type { ConversationView } from './inbox.svelte.ts';

export interface UnsentText {
	id: string;
	body: string;
	kind: 'reply' | 'note';
	state: 'unsent' | 'review' | 'failed';
	reason: string | null;
	createdAt: number;
}
/** `key` stays the same when an unsent text becomes a message. */
export type ThreadItem =
	| { key: string; message: Message; author: Member | null }
	| { key: string; unsent: UnsentText };

export interface Thread {
	readonly view: ConversationView | null;
	readonly items: ThreadItem[];
	readonly isLoading: boolean;
	/** Refused actions without a text, such as a claim that somebody else won. `discard` dismisses one. */
	readonly refusals: { id: string; reason: string }[];
	reply(body: string): Promise<void>;
	note(body: string): Promise<void>;
	claim(): Promise<void>;
	assign(agentId: string | null): Promise<void>;
	resolve(): Promise<void>;
	reopen(): Promise<void>;
	handBack(): Promise<void>;
	markRead(): Promise<void>;
	/** For a text in `review`: sends it as it is. */
	sendAnyway(id: string): Promise<void>;
	/** For a failed one. */
	retry(id: string): Promise<void>;
	/** Takes it out of the outbox and gives the text back. */
	discard(id: string): Promise<string>;
}

/** The conversation that `id` names now; `id` may read runes. */
export function thread(_id: () => string): Thread {
	const nothing = async () => {};
	return {
		view: null,
		items: [],
		isLoading: true,
		refusals: [],
		reply: nothing,
		note: nothing,
		claim: nothing,
		assign: nothing,
		resolve: nothing,
		reopen: nothing,
		handBack: nothing,
		markRead: nothing,
		sendAnyway: nothing,
		retry: nothing,
		discard: async () => ''
	};
}
