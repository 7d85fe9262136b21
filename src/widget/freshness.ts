/** Two clocks in milliseconds. The monotonic one cannot be set, but may stand still while a machine sleeps. */
export interface Clock {
	monotonic(): number;
	wall(): number;
}

export const browserClock: Clock = {
	monotonic: () => performance.now(),
	wall: () => Date.now()
};

/** How long ago something was, and until when it may be believed. */
export interface Freshness {
	isFresh(): boolean;
	/** Never more than what is left; 0 once it is over. */
	leftMs(): number;
	elapsedMs(): number;
}

/**
 * Starts counting now: an answer counts as true for `validForMs`. Elapsed time is the longer of
 * what both clocks say, so that neither a set clock nor a sleeping machine keeps a green dot alive.
 */
export function freshFor(validForMs: number, clock: Clock = browserClock): Freshness {
	const start = { monotonic: clock.monotonic(), wall: clock.wall() };
	const elapsedMs = () =>
		Math.max(clock.monotonic() - start.monotonic, clock.wall() - start.wall, 0);
	const leftMs = () => Math.max(0, validForMs - elapsedMs());
	return { elapsedMs, leftMs, isFresh: () => leftMs() > 0 };
}
