import { isAppRoute } from '#contract/routes.ts';
import { acknowledge } from './ack.ts';
import { act } from './act.ts';
import type { NoticeData } from './notice.ts';
import { snooze } from './snooze.ts';

/** The parts that are used, of the event and of the worker's world. */
export interface Press {
	readonly notification: { readonly data: unknown; close(): void };
	/** The button that was pressed; empty for the notification itself. */
	readonly action?: string;
	/** What was written in it. On Linux it comes without the action. */
	readonly reply?: string | null;
	waitUntil(work: Promise<unknown>): void;
}

interface AppWindow {
	readonly url: string;
	readonly frameType?: string;
	focus(): Promise<{ postMessage(message: unknown): void }>;
}

export interface ClickScope {
	location: { origin: string };
	clients: {
		matchAll(options: { type: 'window'; includeUncontrolled: true }): Promise<readonly AppWindow[]>;
		openWindow(path: string): Promise<unknown>;
	};
}

export interface ClickDeps {
	acknowledge: typeof acknowledge;
	act: typeof act;
	snooze: typeof snooze;
}

/**
 * A notification was pressed: the conversation opens in a window that is there, or in exactly one new one.
 * Focusing has to come before anything that waits, for the press allows it for a moment only.
 */
export function onNotificationClick(
	event: Press,
	scope: ClickScope,
	deps: ClickDeps = { acknowledge, act, snooze }
): void {
	event.notification.close();
	const data = dataOf(event.notification);
	event.waitUntil(follow(event, { data, scope, deps }));
}

async function follow(
	{ action, reply }: Press,
	{ data, scope, deps }: { data: NoticeData; scope: ClickScope; deps: ClickDeps }
): Promise<void> {
	const { path, ackToken } = data;
	const body = reply?.trim();
	if (action === 'snooze' && ackToken) await deps.snooze(ackToken);
	else if (body) await deps.act(data, { name: 'reply', body });
	else {
		// Who claims means to answer. Opening comes first, while the press allows it.
		await open(path, scope);
		if (action === 'claim') await deps.act(data, { name: 'claim' });
	}
	if (ackToken) await deps.acknowledge({ token: ackToken, state: 'opened' });
}

const dataOf = ({ data }: Press['notification']): NoticeData => ({
	path: '/chats',
	...(data as Partial<NoticeData> | null)
});

async function open(path: string, scope: ClickScope): Promise<void> {
	const windows = await scope.clients.matchAll({ type: 'window', includeUncontrolled: true });
	// The one used last comes first. Frames and pages of the demo or the widget are none of the app's.
	const page = windows.find(
		({ url, frameType }) => frameType !== 'nested' && isOfApp(url, scope.location.origin)
	);
	try {
		if (page) {
			const focused = await page.focus();
			focused.postMessage({ type: 'open', path });
			return;
		}
	} catch {
		// The window has just closed, or may not be focused.
	}
	await scope.clients.openWindow(path);
}

function isOfApp(url: string, origin: string): boolean {
	const { origin: theirs, pathname } = new URL(url);
	return theirs === origin && isAppRoute(pathname);
}
