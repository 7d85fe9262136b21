import type { DeviceHealth } from '#contract/notifications.ts';
import type { DeviceRow } from '../../store/push-subscription.ts';

/** A proof is worth this long. */
export const PROVED_MS = 14 * 86_400_000;
/** So many in a row that nobody saw are no accident. */
export const SILENT_PUSHES = 3;
/** A device may be slow; it is silent only once it had this long for the last of them. */
export const SILENT_AFTER_MS = 60_000;

export const isAppleEndpoint = (endpoint: string): boolean =>
	new URL(endpoint).hostname.endsWith('.push.apple.com');

export type Facts = Pick<
	DeviceRow,
	| 'state'
	| 'endpoint'
	| 'lastSeenAt'
	| 'lastAcceptedAt'
	| 'lastShownAt'
	| 'lastOpenedAt'
	| 'lastRungAt'
	| 'unconfirmed'
	| 'unconfirmedSince'
>;

/**
 * How far a device is proved. Silent: it took three pushes in a row and confirmed none, though it was seen
 * otherwise meanwhile. An Apple device that never reported *shown* may show without a worker: not confirmed.
 */
export function healthOf(facts: Facts, now: number): DeviceHealth {
	const { state, lastShownAt, lastOpenedAt, lastRungAt } = facts;
	if (state === 'none' || state === 'gone') return state;
	if (state === 'needs_resubscribe') return 'needs renewal';
	const provedAt = Math.max(lastShownAt ?? 0, lastOpenedAt ?? 0, lastRungAt ?? 0);
	const isProved = now - provedAt < PROVED_MS;
	if (lastShownAt === null && facts.endpoint !== null && isAppleEndpoint(facts.endpoint))
		return isProved ? 'proved' : 'not confirmed';
	if (isSilent(facts, now)) return 'silent';
	return isProved ? 'proved' : 'unproved';
}

function isSilent(facts: Facts, now: number): boolean {
	const { unconfirmed, unconfirmedSince, lastSeenAt, lastAcceptedAt, lastRungAt } = facts;
	return (
		unconfirmed >= SILENT_PUSHES &&
		unconfirmedSince !== null &&
		lastSeenAt > unconfirmedSince &&
		(lastRungAt ?? 0) < unconfirmedSince &&
		now - (lastAcceptedAt ?? now) >= SILENT_AFTER_MS
	);
}
