import type { SyncPage } from '#contract/sync.ts';
import { applyPage } from '../db/apply-page.ts';
import { forgetTeam } from '../db/lost.ts';
import { getCursor } from '../db/meta.ts';
import type { Cache, Outbox } from '../db/schema.ts';
import { delayMs, onReturn, pause } from './backoff.ts';
import { createFlusher, flushLock } from './flusher.ts';
import { lead } from './leader.ts';
import type { Page } from './page.ts';
import { pull } from './pull.ts';
import { ApiFailure, createRequest, type Fetch, Offline } from './request.ts';
import { follow } from './stream.ts';

/** What requests have proved. `failure`: the server answers, but refuses to sync. */
export interface EngineStatus {
	isConnected: boolean;
	failure: { requestId: string | null } | null;
	/** When syncing is tried again, by this device's clock; null where nothing failed or the browser is offline. */
	retryAt: number | null;
}

export interface EngineInput {
	page: Page;
	fetch: Fetch;
	cache: Cache;
	outbox: Outbox;
	userId: string;
	teamId: string;
	deviceId: string;
	/** Milliseconds since 1970 by this device. */
	wallNow(): number;
	/** 0 to 1. */
	random(): number;
	onStatus(status: EngineStatus): void;
	/** Another page of changes is in the cache. `isFirst`: of a first sync, which brings all that there is. */
	onNews?(page: SyncPage, isFirst: boolean): void;
	/** So many unsent replies and notes went with chats that the person may see no more. */
	onTextLost?(count: number): void;
	/** The session has ended on the server. */
	onSignedOut(): void;
	/** The person is no longer in the team; its cache is gone. */
	onTeamLost(): void;
}

export interface Engine {
	/** Sends what is queued now, and tries at once what waits for its next try. */
	flush(): void;
	/** Syncs now, in whichever page; resolves when that is done or has failed. */
	retry(): Promise<void>;
	/** Resolves when everything has stopped after the signal fired. */
	readonly done: Promise<void>;
}

/**
 * Keeps one person's databases and the server in step until the signal fires: one page of the browser pulls
 * and follows the stream, any page sends.
 */
export function startEngine(input: EngineInput, outer: AbortSignal): Engine {
	const { page } = input;
	const stop = new AbortController();
	const signal = AbortSignal.any([outer, stop.signal]);
	const request = createRequest(input.fetch);
	const status = createStatus(input, stop);
	const pullNext = createPuller(() => pull({ ...input, request, signal }));
	const flush = createFlusher({
		...input,
		request,
		signal,
		lock: flushLock(input.userId),
		onAnswered() {
			status.proved();
			pullNext().catch((error: unknown) => status.failed(error));
		},
		onFailure: (error) => status.failed(error)
	});
	const stopListening = [onReturn(page, flush), page.on('offline', status.offline)];
	let nap = new AbortController();
	const leading = lead<EngineStatus>({
		page,
		// Tabs may have different teams open, and a page leads for its own alone.
		name: `bellhop-leader-${input.userId}-${input.teamId}`,
		signal,
		status: () => status.value,
		onStatus: status.follow,
		work: async (reign, announce) => {
			status.announceBy(announce);
			const napSignal = () => {
				nap = new AbortController();
				return nap.signal;
			};
			await work({ ...input, status, pullNext, flush, stop, napSignal }, reign);
			status.announceBy(() => {});
		}
	});
	flush();
	const done = leading.finally(() => {
		for (const stopOne of stopListening) stopOne();
	});
	const retry = async () => {
		try {
			await pullNext();
			status.proved();
			nap.abort();
			flush();
		} catch (error) {
			status.failed(error);
		}
	};
	return { flush, retry, done };
}

type Status = ReturnType<typeof createStatus>;

/** What is known of the connection, told when it changes. */
function createStatus(input: EngineInput, stop: AbortController) {
	const { page, wallNow, onStatus, onSignedOut } = input;
	let value: EngineStatus = { isConnected: page.isOnline, failure: null, retryAt: null };
	let announce = () => {};
	const set = (next: EngineStatus) => {
		if (JSON.stringify(next) === JSON.stringify(value)) return;
		value = next;
		onStatus(next);
		announce();
	};
	return {
		get value() {
			return value;
		},
		announceBy(next: () => void) {
			announce = next;
		},
		/** The leader's word, in another page. */
		follow: set,
		proved: () => set({ isConnected: true, failure: null, retryAt: null }),
		offline: () => set({ isConnected: false, failure: null, retryAt: null }),
		/** `retryInMs`: given where the failure keeps the cache from being filled. */
		failed(error: unknown, retryInMs?: number) {
			if (stop.signal.aborted) return;
			const retryAt = retryInMs === undefined ? value.retryAt : wallNow() + retryInMs;
			if (error instanceof Offline) set({ isConnected: false, failure: null, retryAt });
			if (!(error instanceof ApiFailure)) return;
			if (error.code === 'unauthenticated') {
				stop.abort();
				onSignedOut();
			} else if (retryInMs !== undefined) {
				set({ isConnected: true, failure: { requestId: error.requestId }, retryAt });
			}
		}
	};
}

/** One pull at a time. A second, begun after the first, brings what the first was too early for. */
function createPuller(pullOnce: () => Promise<void>): () => Promise<void> {
	let last: Promise<void> = Promise.resolve();
	return () => {
		const next = last.then(pullOnce);
		last = next.catch(() => {});
		return next;
	};
}

interface WorkInput extends EngineInput {
	status: Status;
	pullNext(): Promise<void>;
	flush(): void;
	stop: AbortController;
	/** Ends the pause before the next try. */
	napSignal(): AbortSignal;
}

/** What the leading page does: pull, follow the stream, and again when it ends. */
async function work(input: WorkInput, reign: AbortSignal): Promise<void> {
	const { page, cache, teamId, status } = input;
	const onPage = async (next: SyncPage, from: string) => {
		const outcome = await applyPage(cache, { page: next, from, wallNow: input.wallNow() });
		if (outcome === 'applied') input.onNews?.(next, next.reset);
		// What was written here for a chat that is gone goes at the end of a pull.
		const isGone = next.deletes.some(({ entity }) => entity === 'bot' || entity === 'conversation');
		if (outcome === 'elsewhere' || isGone) await input.pullNext();
	};
	let failures = 0;
	const onOpen = () => {
		failures = 0;
		status.proved();
	};
	while (!reign.aborted) {
		const lap = new AbortController();
		const stopListening = (['online', 'offline', 'resume'] as const).map((event) =>
			page.on(event, () => lap.abort())
		);
		let error: unknown = null;
		try {
			await input.pullNext();
			status.proved();
			input.flush();
			const cursor = await getCursor(cache, teamId);
			const signal = AbortSignal.any([reign, lap.signal]);
			if (cursor) await follow({ ...input, cursor, signal, onOpen, onPage });
		} catch (caught) {
			error = caught;
		} finally {
			for (const stopOne of stopListening) stopOne();
		}
		if (reign.aborted) return;
		if (isTeamLost(error)) return loseTeam(input);
		failures += 1;
		const ms = delayMs({ count: failures, error, random: input.random });
		status.failed(error, ms);
		// After `online` or `resume` the old stream is worth nothing and a new one worth trying at once.
		if (!lap.signal.aborted || !page.isOnline) await pause(page, ms, [reign, input.napSignal()]);
	}
}

/** To somebody who is not in a team the server says that there is none. */
const isTeamLost = (error: unknown): boolean =>
	error instanceof ApiFailure && error.code === 'not_found';

async function loseTeam(input: WorkInput): Promise<void> {
	const { teamId, stop, onTeamLost, onTextLost } = input;
	const lost = await forgetTeam(input, teamId);
	if (lost > 0) onTextLost?.(lost);
	stop.abort();
	onTeamLost();
}
