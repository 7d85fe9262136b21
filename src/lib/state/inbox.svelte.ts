import type { Bot, Conversation, Member } from '#contract/entities.ts';

export interface ConversationView {
	/** As the person sees it: the cache with what is still in the outbox already done. */
	conversation: Conversation;
	/** The visitor's name, or 'Visitor'. */
	title: string;
	preview: string;
	isMinePreview: boolean;
	isUnread: boolean;
	assignee: Member | null;
	/** Replies and notes that are not delivered. */
	unsentCount: number;
	/** When it was escalated, while nobody has it. */
	waitingSince: number | null;
}

export interface InboxFilter {
	show: 'open' | 'unassigned' | 'mine' | 'resolved';
	botId: string | null;
}

export interface Inbox {
	readonly status: 'loading' | 'ready' | 'error';
	readonly error: { retryInMs: number; requestId: string | null } | null;
	readonly waiting: ConversationView[];
	readonly yours: ConversationView[];
	readonly others: ConversationView[];
	/** Whatever the filter says. */
	readonly waitingCount: number;
	filter: InboxFilter;
	readonly bots: Bot[];
	readonly members: Member[];
}

let filter = $state<InboxFilter>({ show: 'open', botId: null });
export const inbox: Inbox = {
	status: 'loading',
	error: null,
	waiting: [],
	yours: [],
	others: [],
	waitingCount: 0,
	get filter() {
		return filter;
	},
	set filter(next) {
		filter = next;
	},
	bots: [],
	members: []
};
