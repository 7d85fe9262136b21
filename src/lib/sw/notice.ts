import type { PushPayload } from '#contract/push.ts';

type Data = PushPayload['notification']['data'];

/** What a notification of ours carries; all of it may be missing in one that an old version showed. */
export interface NoticeData extends Partial<Data> {
	/** Where it leads, within this app. */
	path: string;
}

/** A button of a notification; with `text` the answer is written in it, where the platform can. */
export interface NoticeAction {
	action: 'claim' | 'reply' | 'snooze';
	title: string;
	type?: 'text';
	placeholder?: string;
}

const SNOOZE: NoticeAction = { action: 'snooze', title: 'Snooze 10 min' };
const CLAIM: NoticeAction = { action: 'claim', title: 'Claim' };
const REPLY: NoticeAction = {
	action: 'reply',
	title: 'Reply',
	type: 'text',
	placeholder: 'Write an answer'
};

/** Two at most, which is what platforms show. */
function actionsOf(data: Record<string, unknown>): NoticeAction[] {
	if (!textOf(data.conversationId) || !textOf(data.ackToken)) return [];
	if (data.kind === 'escalation' || data.kind === 'unanswered') return [CLAIM, SNOOZE];
	// The text comes last: Chromium on Linux counts the buttons without it, and would take one for the other.
	return data.kind === 'message' ? [SNOOZE, REPLY] : [SNOOZE];
}

export interface Notice {
	title: string;
	options: NotificationOptions & { renotify?: boolean; actions?: NoticeAction[] };
	badge: number | null;
}

const ICON = '/icon-192.png';
const BADGE = '/badge-96.png';
const HOME = '/chats';

/** For a push that says nothing this version understands. */
const FALLBACK: Notice = {
	title: 'Bellhop',
	options: {
		body: 'Something waits for you.',
		tag: 'bellhop',
		icon: ICON,
		badge: BADGE,
		data: { path: HOME }
	},
	badge: null
};

/**
 * Turns a push's text into what to show. Parsed by hand and never throws: whatever came, something has to be
 * shown. `origin`: the app's own, since a notification leads nowhere else.
 */
export function noticeOf(text: string | null, origin: string): Notice {
	const given = recordOf(recordOf(parse(text)).notification);
	const title = textOf(given.title);
	if (!title) return FALLBACK;
	const data = recordOf(given.data);
	const count = Number(textOf(given.app_badge) || Number.NaN);
	const tag = textOf(given.tag) || 'bellhop';
	return {
		title,
		options: {
			body: textOf(given.body),
			tag,
			lang: textOf(given.lang),
			dir: given.dir === 'rtl' || given.dir === 'ltr' ? given.dir : 'auto',
			icon: ICON,
			badge: BADGE,
			// A newer event sounds again on the same tag; the same one sent twice does not.
			renotify: data.renotify === true,
			requireInteraction: data.kind === 'escalation' || data.kind === 'unanswered',
			actions: actionsOf(data),
			data: { ...data, path: pathOf(textOf(given.navigate), origin) } satisfies NoticeData
		},
		badge: Number.isInteger(count) && count >= 0 ? count : null
	};
}

function parse(text: string | null): unknown {
	try {
		return JSON.parse(text ?? '');
	} catch {
		return null;
	}
}

const recordOf = (value: unknown): Record<string, unknown> =>
	typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Path and query alone: another origin's page is never opened. */
function pathOf(navigate: string, origin: string): string {
	if (!URL.canParse(navigate, origin)) return HOME;
	const { pathname, search } = new URL(navigate, origin);
	return pathname.startsWith('/') ? pathname + search : HOME;
}
