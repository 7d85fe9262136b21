import { delayMs, pause } from '../sync/backoff.ts';
import { Offline } from '../sync/failures.ts';
import { thisPage } from './page.svelte.ts';

/**
 * Parts of the app that the first view does without are loaded behind it. For one that a person's act needs:
 * throws Offline where it does not arrive.
 */
export async function arrived<T>(part: Promise<T>): Promise<T> {
	try {
		return await part;
	} catch (cause) {
		throw new Offline({ cause });
	}
}

/** For one that has to come: loads until it has arrived. Null where the signal fired before. */
export async function sooner<T>(load: () => Promise<T>, signal: AbortSignal): Promise<T | null> {
	for (let count = 1; ; count++) {
		const part = await load().catch(() => null);
		if (signal.aborted || part) return signal.aborted ? null : part;
		const error = new Offline();
		await pause(thisPage, delayMs({ count, error, random: Math.random }), [signal]);
	}
}
