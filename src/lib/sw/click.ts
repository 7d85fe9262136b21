import { isAppRoute } from '#contract/routes.ts';
import { acknowledge } from './ack.ts';
import { act } from './act.ts';
import type { NoticeData } from './notice.ts';
import { snooze } from './snooze.ts';
import { closeInTurn, type Turns, turns } from './turns.ts';

/** The parts that are used, of the event and of the worker's world. */
export interface Press {
	readonly notification: { readonly data: unknown; readonly tag: string; close(): void };
	/** The button that was pressed; empty for the notification itself. */
	readonly action?: string;
	/** What was written in it. On Linux it comes without the action. */
	readonly reply?: string | null;
	waitUntil(work: Promise<unknown>): void;
}

interface Led {
	postMessage(message: unknown, transfer: Transferable[]): void;
	navigate(path: string): Promise<unknown>;
}

interface AppWindow extends Led {
	readonly url: string;
	readonly frameType?: string;
	focus(): Promise<Led>;
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
	turns: Turns;
	/** Rejects after `ms`. */
	late(ms: number): Promise<never>;
}

const clickDeps: ClickDeps = {
	acknowledge,
	act,
	snooze,
	turns,
	late: (ms) => new Promise((_, reject) => setTimeout(() => reject(new Error('late')), ms))
};

/** A page of the app says at once that it follows; one that is still loading, at its sign-in or hung does not. */
const FOLLOW_MS = 3_000;

/**
 * A notification was pressed: the conversation opens in a window that is there, or in exactly one new one.
 * Focusing has to come before anything that waits, for the press allows it for a moment only.
 */
export function onNotificationClick(
	event: Press,
	scope: ClickScope,
	deps: ClickDeps = clickDeps
): void {
	event.waitUntil(closeInTurn(deps.turns, event.notification));
	const data = dataOf(event.notification);
	event.waitUntil(follow(event, { data, scope, deps }));
}

async function follow(
	{ action, reply }: Press,
	{ data, scope, deps }: { data: NoticeData; scope: ClickScope; deps: ClickDeps }
): Promise<void> {
	const { path, ackToken } = data;
	const body = reply?.trim();
	const works: Promise<unknown>[] = [];
	if (action === 'snooze' && ackToken) works.push(deps.snooze(ackToken));
	else if (body) works.push(deps.act(data, { name: 'reply', body }));
	else {
		const opening = inTurn(() => open(path, scope, deps));
		// What a browser does not let open takes nothing back of the rest.
		works.push(opening.then((follows) => follows()).catch(() => {}));
		// Who claims means to answer. It does not wait for a window that takes long.
		if (action === 'claim') works.push(deps.act(data, { name: 'claim' }));
	}
	if (ackToken) works.push(deps.acknowledge({ token: ackToken, state: 'opened' }));
	await Promise.all(works);
}

const dataOf = ({ data }: Press['notification']): NoticeData => ({
	path: '/chats',
	...(data as Partial<NoticeData> | null)
});

let turn: Promise<unknown> = Promise.resolve();

/** Of two presses in a row the second finds the window that the first opens, instead of opening its own. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
	const mine = turn.then(work);
	turn = mine.catch(() => {});
	return mine;
}

/** Resolves when a window has come to the front, with a way to wait until it shows the path. */
async function open(
	path: string,
	scope: ClickScope,
	deps: ClickDeps
): Promise<() => Promise<void>> {
	// One that goes from page to page while it is focused is another window for the browser: it is looked for again.
	const waiting = (await openThere(path, scope, deps)) ?? (await openThere(path, scope, deps));
	if (waiting) return waiting;
	try {
		await scope.clients.openWindow(path);
		return async () => {};
	} catch (error) {
		// A press allows it for a moment (Firefox: 1 s). The window of the press before may have taken longer to open; then
		// it is in front, and is led without.
		const page = await findWindow(scope);
		if (!page) throw error;
		return lead(page, path, deps);
	}
}

/** The window of the app that was used last. Frames and pages of the demo or the widget are none of the app's. */
async function findWindow({ clients, location }: ClickScope): Promise<AppWindow | undefined> {
	const windows = await clients.matchAll({ type: 'window', includeUncontrolled: true });
	return windows.find(
		({ url, frameType }) => frameType !== 'nested' && isOfApp(url, location.origin)
	);
}

/** In a window that is there; null where there is none, or it went away. */
async function openThere(
	path: string,
	scope: ClickScope,
	deps: ClickDeps
): Promise<(() => Promise<void>) | null> {
	const page = await findWindow(scope);
	if (!page) return null;
	try {
		return lead(await page.focus(), path, deps);
	} catch {
		// The window has just closed, or may not be focused.
		return null;
	}
}

/** Tells the page where to go; it is taken there where it does not say that it goes. */
function lead(page: Led, path: string, { late }: ClickDeps): () => Promise<void> {
	const { port1, port2 } = new MessageChannel();
	const followed = new Promise<void>((resolve) => {
		port1.onmessage = () => resolve();
	});
	page.postMessage({ type: 'open', path }, [port2]);
	return () =>
		Promise.race([followed, late(FOLLOW_MS)])
			.catch(() => page.navigate(path).catch(() => {}))
			.then(() => port1.close());
}

function isOfApp(url: string, origin: string): boolean {
	const { origin: theirs, pathname } = new URL(url);
	return theirs === origin && isAppRoute(pathname);
}
