import { delayMs, pause } from './backoff.ts';
import { isAbort } from './leader.ts';
import type { Page } from './page.ts';
import { type FlushInput, flush } from './push.ts';

/** A page that waits this long for another one's flush takes its place: that one is frozen. */
const PATIENCE_MS = 10_000;

/** The lock under which one page, or the worker, sends. */
export const flushLock = (userId: string): string => `bellhop-flush-${userId}`;

/** Of the background sync that sends when no page is open. */
export const FLUSH_TAG = 'bellhop-flush';

export interface FlusherInput extends FlushInput {
	page: Page;
	/** Of the lock that lets one flusher of the browser work. */
	lock: string;
	random(): number;
	/** After the server has answered about at least one row. */
	onAnswered(): void;
	onFailure(error: unknown): void;
}

/** Returns a function that asks for a flush, also while one waits to try again. */
export function createFlusher(input: FlusherInput): () => void {
	const { page, signal } = input;
	let isWanted = false;
	let isRunning = false;
	let wake = new AbortController();
	const run = async () => {
		isRunning = true;
		for (let failures = 0; isWanted && !signal.aborted; ) {
			isWanted = false;
			try {
				await flushAlone(input);
				failures = 0;
			} catch (error) {
				if (signal.aborted) break;
				input.onFailure(error);
				failures += 1;
				isWanted = true;
				wake = new AbortController();
				const ms = delayMs({ count: failures, error, random: input.random });
				await pause(page, ms, [signal, wake.signal]);
			}
		}
		isRunning = false;
	};
	return () => {
		isWanted = true;
		wake.abort();
		if (!isRunning) void run();
	};
}

async function flushAlone(input: FlusherInput): Promise<void> {
	const { page, lock, signal } = input;
	const impatience = new AbortController();
	const cancel = page.after(PATIENCE_MS, () => impatience.abort());
	const work = async () => {
		cancel();
		const answered = await flush(input);
		if (answered > 0) input.onAnswered();
	};
	try {
		await page.hold(lock, { signal: AbortSignal.any([signal, impatience.signal]) }, work);
	} catch (error) {
		if (!isAbort(error) || signal.aborted) throw error;
		// Stealing is safe: the server does each id once, and the frozen page's answer finds its rows settled.
		if (impatience.signal.aborted && page.visibility === 'visible') {
			await page.hold(lock, { steal: true }, work);
		} else throw error;
	} finally {
		cancel();
	}
}
