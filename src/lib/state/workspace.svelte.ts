import { newId } from '#contract/new-id.ts';
import type { SyncPage } from '#contract/sync.ts';
import { deviceId as deviceIdOf } from '../db/device.ts';
import { openCache, openOutbox } from '../db/schema.ts';
import type { Writer } from '../intents/queue.ts';
import type { Engine, EngineStatus } from '../sync/engine.ts';
import { dropEarlyNews, tellNews } from './news.ts';
import { thisPage } from './page.svelte.ts';
import { sooner } from './parts.ts';

/** The open databases of the signed-in person in the active team, and the engine that keeps them true. */
export interface Workspace extends Writer {
	/** Syncs now instead of at the next try; resolves when that is done or has failed. */
	retry(): Promise<void>;
	/** Stops the engine and closes the databases. */
	close(): void;
}

let current = $state.raw<Workspace | null>(null);
let status = $state.raw<EngineStatus>({ isConnected: true, failure: null, retryAt: null });
const lossListeners = new Set<(count: number) => void>();

/** Tells how many unsent replies and notes went with chats that the person may see no more; returns the way to stop. */
export function onTextLost(listener: (count: number) => void): () => void {
	lossListeners.add(listener);
	return () => lossListeners.delete(listener);
}

export function tellTextLost(count: number): void {
	for (const listener of lossListeners) listener(count);
}

export const workspace = {
	get current(): Workspace | null {
		return current;
	},
	get status(): EngineStatus {
		return status;
	}
};

export interface OpenInput {
	userId: string;
	teamId: string;
	onSignedOut(): void;
	onTeamLost(): void;
}

/** What is cached is shown before it has arrived. */
async function loadEngine() {
	try {
		return await import('../sync/engine.ts');
	} catch (error) {
		status = { isConnected: false, failure: null, retryAt: null };
		throw error;
	}
}

/** Opens a workspace in place of the one before. */
export async function openWorkspace(input: OpenInput): Promise<void> {
	const { userId, teamId } = input;
	const deviceId = await deviceIdOf(userId);
	closeWorkspace();
	const cache = openCache(userId);
	const outbox = openOutbox(userId);
	const stop = new AbortController();
	const wallNow = () => Date.now();
	const openedAt = thisPage.now();
	let engine: Engine | null = null;
	const flush = () => {
		// One that is still loading sends what is queued when it starts.
		engine?.flush();
		if (!status.isConnected) void askForSync();
	};
	status = { isConnected: thisPage.isOnline, failure: null, retryAt: null };
	void sooner(loadEngine, stop.signal).then((part) => {
		if (!part) return;
		const onStatus = (next: EngineStatus) => {
			status = next;
		};
		const fetchHere: typeof fetch = (path, init) => fetch(path, init);
		const onNews = (page: SyncPage, isFirst: boolean) =>
			tellNews({ page, withinMs: isFirst ? thisPage.now() - openedAt : Number.POSITIVE_INFINITY });
		const own = {
			page: thisPage,
			fetch: fetchHere,
			random: Math.random,
			onStatus,
			onNews,
			onTextLost: tellTextLost
		};
		const given = { ...input, ...own, cache, outbox, deviceId, wallNow };
		engine = part.startEngine(given, stop.signal);
	});
	const retry = async () => engine?.retry();
	const close = () => {
		stop.abort();
		cache.close();
		outbox.close();
	};
	current = { cache, outbox, userId, teamId, deviceId, newId, wallNow, flush, retry, close };
	tellWorker();
}

export function closeWorkspace(): void {
	current?.close();
	current = null;
	dropEarlyNews();
}

/** Lets the worker know whose browser this is. A page that gets its first worker tells it again. */
export function tellWorker(): void {
	if (!current) return;
	const { userId, deviceId } = current;
	thisPage.postToWorker({ type: 'identity', userId, deviceId });
}

/** Has the browser wake the worker when the connection is back, in case no page is open then. */
async function askForSync(): Promise<void> {
	const registration = await navigator.serviceWorker?.getRegistration();
	const { FLUSH_TAG } = await import('../sync/flusher.ts');
	const sync = (registration as { sync?: { register(tag: string): Promise<void> } })?.sync;
	// Refused or unknown: the outbox is sent by the next page.
	await sync?.register(FLUSH_TAG).catch(() => {});
}
