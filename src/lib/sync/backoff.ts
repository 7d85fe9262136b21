import { ApiFailure } from './failures.ts';
import type { Page } from './page.ts';

const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/** What a try that failed leaves behind: how many in a row, and how to ask for chance. */
export interface Attempt {
	/** Failures in a row, from 1. */
	count: number;
	error: unknown;
	/** 0 to 1. */
	random(): number;
}

/**
 * Milliseconds until the next try: doubling, with half of it by chance, so that the apps of a team do not
 * all come back in the same instant. Never sooner than the server asked for.
 */
export function delayMs({ count, error, random }: Attempt): number {
	const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** (count - 1));
	const asked = error instanceof ApiFailure ? (error.retryAfterMs ?? 0) : 0;
	return Math.max(asked, Math.round(ceiling * (0.5 + random() / 2)));
}

/** When trying again at once makes sense: the page is back in sight, online, or awake. */
const RETURNS = ['online', 'visibility', 'resume'] as const;

/** Calls `listener` whenever the page comes back. */
export function onReturn(page: Page, listener: () => void): () => void {
	const stops = RETURNS.map((event) =>
		page.on(event, () => {
			if (event !== 'visibility' || page.visibility === 'visible') listener();
		})
	);
	return () => {
		for (const stop of stops) stop();
	};
}

/** Resolves after `ms`, when the page comes back, or when one of the signals fires. */
export async function pause(page: Page, ms: number, signals: AbortSignal[]): Promise<void> {
	const { promise, resolve } = Promise.withResolvers<void>();
	const signal = AbortSignal.any(signals);
	const cancel = page.after(ms, resolve);
	const stop = onReturn(page, resolve);
	const done = () => resolve();
	signal.addEventListener('abort', done);
	if (signal.aborted) resolve();
	await promise;
	signal.removeEventListener('abort', done);
	stop();
	cancel();
}
