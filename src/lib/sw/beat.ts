import { LIMITS } from '#contract/limits.ts';
import {
	type BeatRequest,
	BeatResponse,
	type LeaveRequest,
	type PageState
} from '#contract/presence.ts';
import { isAppRoute } from '#contract/routes.ts';
import { type BeatMessage, isBeatMessage, type WorkerMessage } from '../presence/messages.ts';
import type { Request } from '../sync/request.ts';

/** What the handler needs of a WindowClient. */
export interface Window {
	readonly id: string;
	readonly url: string;
	readonly frameType: string;
	readonly visibilityState: string;
	readonly focused: boolean;
}

/** What the handler needs of an ExtendableMessageEvent. */
export interface BeatEvent {
	readonly data: unknown;
	readonly source: { readonly id: string } | null;
	waitUntil(work: Promise<unknown>): void;
}

/** What pages have told since the worker started. */
export interface BeatMemory {
	/** The last tick, by client id. */
	readonly pages: Map<string, BeatMessage>;
	/** Clients that ticked since the last report: they know best how they stand. */
	readonly fresh: Map<string, BeatMessage>;
	/** The last of them all: where somebody else has signed in, the others may still be of who was here before. */
	latest: BeatMessage | null;
	/** Clients that the browser has listed, and not yet without. */
	readonly listed: Set<string>;
	/** Clients that have been asked once; a frozen page or the sign-in page never answers. */
	readonly asked: Set<string>;
	/** The report that ticks may still join. */
	gathering: Promise<void> | null;
	/** The request under way; the next waits for it, so that beats arrive in order. */
	sending: Promise<void>;
	/** What that request says. */
	underWay: readonly PageState[];
}

export const emptyBeatMemory = (): BeatMemory => ({
	pages: new Map(),
	fresh: new Map(),
	latest: null,
	listed: new Set(),
	asked: new Set(),
	gathering: null,
	sending: Promise.resolve(),
	underWay: []
});

export interface BeatDeps {
	clients: {
		matchAll(options: { type: 'window'; includeUncontrolled: true }): Promise<readonly Window[]>;
		get(id: string): Promise<unknown>;
	};
	request: Request;
	/** Says farewell for a page; rejects without a connection. */
	leave(farewell: LeaveRequest): Promise<unknown>;
	/** Tells all pages, over PRESENCE_CHANNEL. */
	tell(message: WorkerMessage): void;
	wait(ms: number): Promise<void>;
	memory: BeatMemory;
}

/** Pages that are asked answer within a few milliseconds or not at all. */
const ASK_MS = 200;
/** A page that closes goes out of sight first. When it is looked for after that, the second time for busy browsers. */
const LOOK_MS = [1_000, 4_000];

/** Takes a page's tick and sends one beat for the whole device: every window of the app with its visibility. */
export function onBeat(event: BeatEvent, deps: BeatDeps): void {
	const { data, source } = event;
	if (!isBeatMessage(data)) return;
	const { memory } = deps;
	const clientId = source?.id ?? data.page.id;
	memory.pages.set(clientId, data);
	if (data.page.visibility === 'hidden') event.waitUntil(look(deps));
	if (!memory.gathering && isSaid(data.page, memory.underWay)) {
		// Its answer is told to all pages.
		event.waitUntil(memory.sending);
		return;
	}
	memory.fresh.set(clientId, data);
	memory.latest = data;
	memory.gathering ??= report(deps);
	event.waitUntil(memory.gathering);
}

const isSaid = ({ id, visibility, isFocused }: PageState, pages: readonly PageState[]): boolean =>
	pages.some(
		(page) => page.id === id && page.visibility === visibility && page.isFocused === isFocused
	);

async function report(deps: BeatDeps): Promise<void> {
	const { memory } = deps;
	await askUnknown(deps);
	await memory.sending;
	const windows = await windowsOf(deps);
	// Ticks from here on belong to the next report.
	memory.gathering = null;
	const left = leaveGone(windows, deps);
	await beat(appWindows(windows), deps);
	await left;
}

async function beat(windows: readonly Window[], deps: BeatDeps): Promise<void> {
	const { memory } = deps;
	const { latest } = memory;
	const pages = latest ? pagesOf(windows, { memory, deviceId: latest.deviceId }) : [];
	memory.fresh.clear();
	if (!latest || pages.length === 0) return;
	const { userId, deviceId } = latest;
	memory.underWay = pages;
	memory.sending = send(deps, { userId, deviceId, pages });
	await memory.sending;
	memory.underWay = [];
}

async function send(deps: BeatDeps, body: BeatRequest): Promise<void> {
	try {
		const path = '/api/presence/beat';
		const response = await deps.request({ method: 'POST', path, body, schema: BeatResponse });
		deps.tell({ type: 'answered', response, pages: body.pages });
	} catch {
		deps.tell({ type: 'unreached' });
	}
}

/** A browser may lose both farewells of the page that it closes last: nobody else is left to tick, so the worker looks. */
async function look(deps: BeatDeps): Promise<void> {
	for (const ms of LOOK_MS) {
		await deps.wait(ms);
		await leaveGone(await windowsOf(deps), deps);
	}
}

/** Forgets the pages that count no more, and says farewell for those that the browser has listed and knows no longer. */
async function leaveGone(windows: readonly Window[], deps: BeatDeps): Promise<void> {
	const { clients, memory, leave, tell } = deps;
	const open = new Set(windows.map(({ id }) => id));
	const missing = [...memory.pages].filter(([id]) => memory.listed.has(id) && !open.has(id));
	for (const id of memory.listed) if (!open.has(id)) memory.listed.delete(id);
	const counted = new Set(appWindows(windows).map(({ id }) => id));
	for (const id of memory.pages.keys())
		if (!counted.has(id) && !memory.fresh.has(id)) memory.pages.delete(id);
	const farewells = missing.map(async ([id, { deviceId, page }]) => {
		if (await clients.get(id)) return;
		memory.pages.delete(id);
		memory.fresh.delete(id);
		// Should the browser be wrong, the page goes on under a new id: of one that has left, nothing counts any more.
		tell({ type: 'left', pageId: page.id });
		await leave({ deviceId, pageId: page.id });
	});
	// Without a connection the lease runs out by itself.
	await Promise.allSettled(farewells);
}

async function windowsOf({ clients, memory }: BeatDeps): Promise<readonly Window[]> {
	const windows = await clients.matchAll({ type: 'window', includeUncontrolled: true });
	for (const { id } of windows) memory.listed.add(id);
	return windows;
}

/** The windows that can prove presence: pages of the app itself, never a frame or a prerendered page. */
const appWindows = (windows: readonly Window[]): readonly Window[] =>
	windows.filter(
		({ frameType, visibilityState, url }) =>
			// `auxiliary` is a page of its own too, opened by another.
			frameType !== 'nested' && visibilityState !== 'prerender' && isAppRoute(new URL(url).pathname)
	);

/** A worker that has just started knows only the page that woke it; the others tell who they are, once. */
async function askUnknown(deps: BeatDeps): Promise<void> {
	const { memory } = deps;
	const unknown = appWindows(await windowsOf(deps)).filter(
		({ id }) => !memory.pages.has(id) && !memory.asked.has(id)
	);
	if (unknown.length === 0) return;
	for (const { id } of unknown) memory.asked.add(id);
	deps.tell({ type: 'ask', known: [...memory.pages.values()].map(({ page }) => page.id) });
	await deps.wait(ASK_MS);
}

/**
 * Of one device. A page that has just ticked counts as it says; the others as the browser says they stand now. Where
 * the browser lists none (iOS may), the ticking pages' own word is all there is.
 */
function pagesOf(
	windows: readonly Window[],
	{ memory: { pages, fresh }, deviceId }: { memory: BeatMemory; deviceId: string }
): PageState[] {
	const listed = windows.flatMap(({ id, visibilityState, focused }): PageState[] => {
		const told = pages.get(id);
		if (told?.deviceId !== deviceId) return [];
		if (fresh.has(id)) return [told.page];
		const visibility = visibilityState === 'visible' ? 'visible' : 'hidden';
		return [{ ...told.page, visibility, isFocused: focused }];
	});
	const ticked = [...fresh.values()].filter((told) => told.deviceId === deviceId);
	const known = listed.length > 0 ? listed : ticked.map(({ page }) => page);
	const byVisibility = known.toSorted(
		(a, b) => Number(b.visibility === 'visible') - Number(a.visibility === 'visible')
	);
	return byVisibility.slice(0, LIMITS.pagesPerDevice);
}
