import type { Bot, Conversation, Member } from '#contract/entities.ts';
import { getCursor } from '../db/meta.ts';
import { botsOf, membersOf } from '../db/people.ts';
import { clock } from './clock.svelte.ts';
import { groupViews, isForMe, loadViews } from './conversation-views.ts';
import { live } from './live.svelte.ts';
import { session } from './session.svelte.ts';
import { workspace } from './workspace.svelte.ts';

export interface ConversationView {
	/** As the person sees it: the cache with what is still in the outbox already done. */
	conversation: Conversation;
	/** The visitor's name, or 'Visitor'. */
	title: string;
	preview: string;
	isMinePreview: boolean;
	isUnread: boolean;
	/** Number of the newest message that the person has read; 0 where none. */
	readSeq: number;
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
	/** `ready` as soon as the cache holds a first page; `error` where it holds nothing and cannot be filled. */
	readonly status: 'loading' | 'ready' | 'error';
	/** `retryInMs` counts down; null where the connection decides. */
	readonly error: { retryInMs: number | null; requestId: string | null } | null;
	readonly waiting: ConversationView[];
	readonly yours: ConversationView[];
	readonly others: ConversationView[];
	/** Whatever the filter says. */
	readonly waitingCount: number;
	/** Of these and of those given to the person, which they may answer: what the number on the app's icon counts. */
	readonly waitingForMeCount: number;
	filter: InboxFilter;
	readonly bots: Bot[];
	readonly members: Member[];
	/** Asks the server now; resolves when that is done or has failed. */
	retry(): Promise<void>;
}

let filter = $state<InboxFilter>({ show: 'open', botId: null });

const views = live(() => {
	const here = workspace.current;
	return () => (here ? loadViews(here) : []);
}, []);
const bots = live(() => {
	const here = workspace.current;
	return () => (here ? botsOf(here.cache, here.teamId) : []);
}, []);
const members = live(() => {
	const here = workspace.current;
	return () => (here ? membersOf(here.cache, here.teamId) : []);
}, []);
const hasPage = live(() => {
	const here = workspace.current;
	return async () => here !== null && (await getCursor(here.cache, here.teamId)) !== undefined;
}, false);

/** A bot of another team, or one that was lost, filters nothing. */
const applied = $derived<InboxFilter>(
	bots.value.some(({ id }) => id === filter.botId) ? filter : { ...filter, botId: null }
);
const groups = $derived(groupViews(views.value, applied, workspace.current?.userId ?? ''));
const failure = $derived.by(() => {
	if (hasPage.value) return null;
	const { isConnected, failure, retryAt } = workspace.status;
	if (isConnected && !failure) return null;
	return {
		requestId: failure?.requestId ?? null,
		retryInMs: retryAt === null ? null : Math.max(0, retryAt - clock.here)
	};
});

/** The conversations of the active team. */
export const inbox: Inbox = {
	get status() {
		if (hasPage.value) return 'ready';
		return failure ? 'error' : 'loading';
	},
	get error() {
		return failure;
	},
	get waiting() {
		return groups.waiting;
	},
	get yours() {
		return groups.yours;
	},
	get others() {
		return groups.others;
	},
	get waitingCount() {
		return views.value.filter((view) => view.waitingSince !== null).length;
	},
	get waitingForMeCount() {
		const userId = workspace.current?.userId;
		if (!userId || !session.can('chat.handle')) return 0;
		return views.value.filter((view) => isForMe(view, userId)).length;
	},
	get filter() {
		return applied;
	},
	set filter(next) {
		filter = next;
	},
	get bots() {
		return bots.value;
	},
	get members() {
		return members.value;
	},
	async retry() {
		await workspace.current?.retry();
	}
};
