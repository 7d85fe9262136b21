import type { DeviceHealth } from '#contract/notifications.ts';
import { newestProof } from '#contract/proof.ts';
import type { DeviceRow } from '../../store/push-subscription.ts';

/** A proof is worth this long. */
export const PROVED_MS = 14 * 86_400_000;
/** So many in a row that nobody saw are no accident. */
export const SILENT_PUSHES = 3;
/** A device may be slow: a push counts once the device has been there for so long. */
export const SILENT_AFTER_MS = 60_000;

export const isAppleEndpoint = (endpoint: string): boolean =>
	/^https:\/\/[^/]*\.push\.apple\.com\//.test(endpoint);

export type Facts = Pick<
	DeviceRow,
	| 'state'
	| 'endpoint'
	| 'lastShownAt'
	| 'lastShownLatencyMs'
	| 'lastOpenedAt'
	| 'lastRungAt'
	| 'unconfirmedFrom'
	| 'silentSince'
>;

/**
 * How far a device is proved. Silent: it took three pushes in a row and confirmed none, though it was seen
 * otherwise while each could still be shown. An Apple device that never reported *shown* may show without a worker:
 * not confirmed.
 */
export function healthOf(facts: Facts, now: number): DeviceHealth {
	const { state, lastShownAt } = facts;
	if (state === 'none' || state === 'gone' || state === 'stopped') return state;
	if (state === 'needs_resubscribe') return 'needs renewal';
	const isProved = now - (newestProof(facts)?.at ?? 0) < PROVED_MS;
	if (lastShownAt === null && facts.endpoint !== null && isAppleEndpoint(facts.endpoint))
		return isProved ? 'proved' : 'not confirmed';
	if (isSilent(facts, now)) return 'silent';
	return isProved ? 'proved' : 'unproved';
}

function isSilent({ unconfirmedFrom, lastRungAt, silentSince }: Facts, now: number): boolean {
	const rungAt = lastRungAt ?? 0;
	// Once found and told, it stands until a sign: when a device was seen is forgotten in time.
	if (silentSince !== null && silentSince > rungAt) return true;
	const missed = unconfirmedFrom.filter((from) => from > rungAt && now - from >= SILENT_AFTER_MS);
	return missed.length >= SILENT_PUSHES;
}

/**
 * When to look at a device again that has taken several pushes without a sign, in milliseconds: as soon as the last
 * of them counts, and when it has run out in `leftMs`, as a device may be seen in between by nothing but beats.
 */
export const looksAfterMs = (leftMs: number): number[] =>
	[0, leftMs].map((ms) => Math.max(0, ms) + SILENT_AFTER_MS + 1000);
