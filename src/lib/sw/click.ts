import { isAppRoute } from '#contract/routes.ts';
import { acknowledge } from './ack.ts';
import type { NoticeData } from './notice.ts';

/** The parts that are used, of the event and of the worker's world. */
export interface Press {
	readonly notification: { readonly data: unknown; close(): void };
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
}

/**
 * A notification was pressed: the conversation opens in a window that is there, or in exactly one new one.
 * Focusing has to come before anything that waits, for the press allows it for a moment only.
 */
export function onNotificationClick(
	event: Press,
	scope: ClickScope,
	deps: ClickDeps = { acknowledge }
): void {
	event.notification.close();
	const { path, ackToken } = dataOf(event.notification);
	const work = async () => {
		await open(path, scope);
		if (ackToken) await deps.acknowledge({ token: ackToken, state: 'opened' });
	};
	event.waitUntil(work());
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
