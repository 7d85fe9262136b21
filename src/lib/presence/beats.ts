import { newId } from '#contract/ids.ts';
import { BEAT_EVERY_MS, BeatResponse, type PageState } from '#contract/presence.ts';
import type { Page } from '../sync/page.ts';
import type { Request } from '../sync/request.ts';
import {
	type BeatMessage,
	type LeaveMessage,
	PRESENCE_CHANNEL,
	type WorkerMessage
} from './messages.ts';

export interface BeatsDeps {
	page: Page;
	userId: string;
	deviceId: string;
	request: Request;
	/** From 0 to 1: keeps the devices of a team apart. */
	random(): number;
	onAnswer(answer: BeatResponse): void;
	/** A beat went unanswered, or the page may have slept: nothing is confirmed. */
	onUnreached(): void;
}

const LOCK = 'bellhop-presence';
/** A worker that has not reported by then is broken, and the page speaks for itself. */
const WORKER_MS = 5_000;
/** Focus and visibility change together; one tick says both. */
const AGAIN_MS = 1_000;

/**
 * A page's ticks: while visible, and while hidden if it holds the lock that one page of the browser has.
 * A tick goes to the worker, which sends one beat for the device; it stands for every page it names, so
 * however many are open, whichever ticks first saves the others theirs. Runs on the page's own thread, so
 * that a beat proves the page works. Nothing is queued: without a connection there is no beat.
 */
export class Beats {
	readonly #deps: BeatsDeps;
	readonly #stopping = new AbortController();
	readonly #channel: ReturnType<Page['broadcast']>;
	readonly #stops: (() => void)[];
	#everyMs: BeatResponse['everyMs'] = BEAT_EVERY_MS;
	/** A new one after each farewell: what comes late from the old life counts no more. */
	#pageId = newId();
	#isGone = false;
	#hasLock = false;
	#lastTick = { at: Number.NEGATIVE_INFINITY, state: '' };
	#cancelTimer = () => {};
	#cancelWait = () => {};
	#letGo = () => {};

	/** Starts at once. */
	constructor(deps: BeatsDeps) {
		this.#deps = deps;
		const { page } = deps;
		this.#channel = page.broadcast(PRESENCE_CHANNEL);
		this.#stops = [
			page.on('visibility', () => this.#changed()),
			page.on('focus', () => this.#changed()),
			page.on('online', () => this.#tick()),
			page.on('offline', () => deps.onUnreached()),
			page.on('resume', () => this.#comeBack()),
			page.on('hide', () => this.#leave()),
			this.#channel.on((message) => this.#heard(message as WorkerMessage))
		];
		this.#queueForLock();
		this.#tick();
	}

	/** The page goes on without presence: the person has signed out, so there is nobody to say farewell for. */
	stop(): void {
		this.#end();
		this.#stopping.abort();
		for (const stop of this.#stops) stop();
		this.#channel.close();
	}

	/** How this page stands. */
	state(): PageState {
		const { visibility, isFocused } = this.#deps.page;
		const idleMs = Math.max(0, Math.round(this.#deps.page.idleMs()));
		return { id: this.#pageId, visibility, isFocused, idleMs };
	}

	#tick(): void {
		if (this.#isGone) return;
		const { page, userId, deviceId, onUnreached } = this.#deps;
		this.#schedule();
		if (!page.isOnline) {
			onUnreached();
			return;
		}
		const state = this.state();
		this.#lastTick = { at: page.now(), state: `${state.visibility} ${state.isFocused}` };
		const message: BeatMessage = { type: 'beat', userId, deviceId, page: state };
		this.#cancelWait();
		if (page.postToWorker(message))
			this.#cancelWait = page.after(WORKER_MS, () => void this.#sendAlone());
		else void this.#sendAlone();
	}

	/** Something happened that the server should know at once. */
	#changed(): void {
		const { page } = this.#deps;
		if (this.#isGone && page.visibility === 'visible') {
			this.#comeBack();
			return;
		}
		const isSame = this.#lastTick.state === `${page.visibility} ${page.isFocused}`;
		if (!isSame || page.now() - this.#lastTick.at >= AGAIN_MS) this.#tick();
	}

	async #sendAlone(): Promise<void> {
		const { userId, deviceId, request, onUnreached } = this.#deps;
		const { signal } = this.#stopping;
		const body = { userId, deviceId, pages: [this.state()] };
		const beat = { method: 'POST', path: '/api/presence/beat', schema: BeatResponse } as const;
		try {
			this.#answered(await request({ ...beat, body, signal }));
		} catch {
			if (!signal.aborted) onUnreached();
		}
	}

	#answered(answer: BeatResponse): void {
		this.#cancelWait();
		const { visible, hidden } = answer.everyMs;
		const isNew = visible !== this.#everyMs.visible || hidden !== this.#everyMs.hidden;
		this.#everyMs = answer.everyMs;
		if (this.#isGone) return;
		// The beat that is planned may come too late for the leases that such numbers mean.
		if (isNew) this.#schedule();
		this.#deps.onAnswer(answer);
	}

	#heard(message: WorkerMessage): void {
		if (this.#isGone) return;
		if (message.type === 'answered') {
			if (this.#isSaidBy(message)) this.#schedule();
			this.#answered(message.response);
		}
		if (message.type === 'unreached') {
			this.#cancelWait();
			this.#deps.onUnreached();
		}
		if (message.type === 'ask' && !message.known.includes(this.#pageId)) this.#tick();
		if (message.type === 'left' && message.pageId === this.#pageId) {
			// The browser was wrong.
			this.#pageId = newId();
			this.#tick();
		}
	}

	/** Whether another page's tick has told the server how this one stands: then its own can wait. */
	#isSaidBy({ pages = [] }: WorkerMessage & { type: 'answered' }): boolean {
		const { visibility } = this.#deps.page;
		return pages.some((page) => page.id === this.#pageId && page.visibility === visibility);
	}

	#schedule(): void {
		this.#cancelTimer();
		const { page, random } = this.#deps;
		if (page.visibility === 'hidden' && !this.#hasLock) return;
		// Early, never late: a lease is three full intervals.
		const ms = this.#everyMs[page.visibility] * (0.8 + 0.2 * random());
		this.#cancelTimer = page.after(ms, () => this.#tick());
	}

	#queueForLock(): void {
		const releasing = new AbortController();
		this.#letGo = () => releasing.abort();
		const signal = AbortSignal.any([this.#stopping.signal, releasing.signal]);
		const held = this.#deps.page.hold(LOCK, { signal }, async () => {
			if (signal.aborted) return;
			this.#hasLock = true;
			if (this.#deps.page.visibility === 'hidden') this.#tick();
			await new Promise<void>((resolve) => {
				signal.addEventListener('abort', () => resolve(), { once: true });
			});
		});
		// Waiting ends with an AbortError; a page without the lock still ticks while it is visible.
		held.catch(() => {});
	}

	#leave(): void {
		if (this.#isGone) return;
		const { page, deviceId } = this.#deps;
		const farewell = { deviceId, pageId: this.#pageId };
		page.beacon('/api/presence/leave', farewell);
		// A busy browser may drop what a page asked for as it closed; the worker outlives it. Said twice is said once.
		page.postToWorker({ type: 'leave', ...farewell } satisfies LeaveMessage);
		this.#pageId = newId();
		this.#end();
	}

	#end(): void {
		this.#isGone = true;
		// The browser keeps no page for the way back that holds a lock.
		this.#letGo();
		this.#hasLock = false;
		this.#cancelTimer();
		this.#cancelWait();
	}

	#comeBack(): void {
		if (this.#isGone) this.#queueForLock();
		this.#isGone = false;
		this.#deps.onUnreached();
		this.#tick();
	}
}
