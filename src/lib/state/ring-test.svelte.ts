import { TestResult } from '#contract/notifications.ts';
import { TestPushResponse } from '#contract/push.ts';
import { reportOpened } from '../push/report.ts';
import { pause } from '../sync/backoff.ts';
import { ApiFailure, Offline, request } from '../sync/request.ts';
import { get, tell } from './api.ts';
import { clock } from './clock.svelte.ts';
import { thisPage } from './page.svelte.ts';

const PATH = '/api/push/test';
const ASK_EVERY_MS = 500;

/**
 * One test ring of one of the person's devices, watched until the device has answered or has had its time. A page
 * that slept meanwhile learns the result when it wakes.
 */
export class RingTest {
	/** What is known of the last one; null before the first. */
	result = $state.raw<TestResult | null>(null);
	/** It goes out then, by this device's clock; null while none is on its way. */
	#dueAt = $state<number | null>(null);
	/** The server's word on the one that is on its way. */
	#sent: Promise<TestPushResponse> | null = null;
	isBusy = $state(false);
	#stop: AbortController | null = null;

	/** Seconds until it goes out; 0 once it has; null while none is on its way. */
	get secondsLeft(): number | null {
		if (this.#dueAt === null) return null;
		return Math.max(0, Math.ceil((this.#dueAt - clock.here) / 1000));
	}

	/** The push service took it and the device has not said that it showed it: only the person can tell. */
	get isAsked(): boolean {
		return this.result?.verdict === 'not confirmed' && this.result.didRing === null;
	}

	/** Sends it after `afterMs` and waits for its end. Throws ApiFailure or Offline where it cannot be sent. */
	async run(deviceId: string, afterMs: number): Promise<void> {
		if (this.isBusy) return;
		this.isBusy = true;
		this.result = null;
		this.#stop = new AbortController();
		const { signal } = this.#stop;
		try {
			const body = { deviceId, afterMs };
			this.#dueAt = Date.now() + afterMs;
			this.#sent = request({ method: 'POST', path: PATH, body, schema: TestPushResponse });
			const { deliveryId } = await this.#sent;
			await this.#follow(deliveryId, signal);
		} finally {
			this.isBusy = false;
			this.#dueAt = null;
			this.#sent = null;
		}
	}

	/**
	 * Takes up the one whose notification led here, which the page that sent it may have forgotten. That it was opened
	 * is told before the server is asked what came of it. Throws ApiFailure.
	 */
	async resume(id: string): Promise<void> {
		// The one that is under way here is followed already.
		if (this.isBusy) return;
		this.isBusy = true;
		this.#stop = new AbortController();
		try {
			await reportOpened();
			await this.#follow(id, this.#stop.signal);
		} finally {
			this.isBusy = false;
		}
	}

	/** What the person heard, where the platform cannot tell. Throws ApiFailure or Offline. */
	async say(didRing: boolean): Promise<void> {
		const id = this.result?.testId;
		if (!id) return;
		await tell('PUT', PATH, { id, didRing });
		this.result = await get(`${PATH}?id=${id}`, TestResult);
	}

	/** Nobody looks any more. */
	stop(): void {
		this.#stop?.abort();
	}

	/** Takes it back, and waits no more: what has gone out already rings all the same. Throws ApiFailure or Offline. */
	async cancel(): Promise<void> {
		const sent = this.#sent;
		this.stop();
		this.result = null;
		try {
			if (sent) await tell('DELETE', PATH, { id: (await sent).deliveryId });
		} catch (error) {
			if (!(error instanceof ApiFailure && error.code === 'not_found')) throw error;
		}
	}

	async #follow(id: string, signal: AbortSignal): Promise<void> {
		while (!signal.aborted) {
			const found = await this.#ask(id, signal);
			if (signal.aborted) return;
			if (found) this.result = found;
			if (found && found.verdict !== 'waiting') return;
			await pause(thisPage, ASK_EVERY_MS, [signal]);
		}
	}

	/** A connection that is gone for a while does not end the test; who stopped it hears no more of it. */
	async #ask(id: string, signal: AbortSignal): Promise<TestResult | null> {
		try {
			return await get(`${PATH}?id=${id}`, TestResult, signal);
		} catch (error) {
			if (signal.aborted) return null;
			if (error instanceof Offline || (error instanceof ApiFailure && error.retryAfterMs))
				return null;
			throw error;
		}
	}
}
