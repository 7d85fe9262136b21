/** When a device last gave each sign that it rings; milliseconds since 1970. An older server does not know them all. */
interface Signs {
	lastShownAt: number | null;
	/** From the sending until the device reported it shown. */
	lastShownLatencyMs: number | null;
	lastOpenedAt?: number | null | undefined;
	/** When the person last said that a test had rung. */
	lastRungAt?: number | null | undefined;
}

/** `latencyMs`: of a push that was shown, where it is known. */
export interface Proof {
	how: 'shown' | 'opened' | 'rang';
	at: number;
	latencyMs: number | null;
}

/**
 * What to try where a push was taken and not shown. Firefox ESR 153 waits for its push service for ever after one that
 * took its connection and ended it at once, as in an outage.
 */
export const UNSHOWN_REMEDY =
	'Look whether the system’s settings let this app or browser notify, and whether a focus mode is on. Close the browser whole and open it again: it can lose its push service without noticing.';

/** The newest sign that a device rings; null where there was none. */
export function newestProof(signs: Signs): Proof | null {
	const { lastShownAt, lastShownLatencyMs, lastOpenedAt, lastRungAt } = signs;
	const proofs = [
		{ how: 'shown', at: lastShownAt ?? null, latencyMs: lastShownLatencyMs },
		{ how: 'opened', at: lastOpenedAt ?? null, latencyMs: null },
		{ how: 'rang', at: lastRungAt ?? null, latencyMs: null }
	] as const;
	return proofs.reduce<Proof | null>(
		(newest, { at, ...proof }) =>
			at !== null && at > (newest?.at ?? Number.NEGATIVE_INFINITY) ? { ...proof, at } : newest,
		null
	);
}
