import type { Expiry } from '#contract/notifications.ts';
import type { DeviceRow } from '../../store/push-subscription.ts';

const DAY_MS = 86_400_000;
/** Time to open the app once, over a weekend too. */
const WARN_MS = 7 * DAY_MS;

/**
 * How long push services keep a browser that does not connect, by the end of their host: autopush's router records,
 * FCM's "Manage FCM registration tokens", the channels of Windows' WNS overview. Apple says nothing.
 */
const KEPT_MS: [string, number][] = [
	['.push.services.mozilla.com', 60 * DAY_MS],
	['fcm.googleapis.com', 270 * DAY_MS],
	['.notify.windows.com', 30 * DAY_MS]
];

export type Facts = Pick<
	DeviceRow,
	'state' | 'endpoint' | 'sessionEndsAt' | 'lastSeenAt' | 'lastShownAt' | 'lastOpenedAt'
>;

/**
 * What will soon keep a device that rings today from ringing: the end of its sign-in, which every contact of the app
 * puts off, or its push service's patience. Null where nothing is known to end within a week.
 */
export function expiryOf(device: Facts, now: number): Expiry | null {
	const { state, endpoint, sessionEndsAt, lastSeenAt, lastShownAt, lastOpenedAt } = device;
	if (state !== 'live' || endpoint === null || sessionEndsAt === null) return null;
	const { hostname } = new URL(endpoint);
	const keptMs = KEPT_MS.find(([end]) => hostname.endsWith(end))?.[1] ?? Number.POSITIVE_INFINITY;
	// Whoever shows a push is connected.
	const heardAt = Math.max(lastSeenAt, lastShownAt ?? 0, lastOpenedAt ?? 0);
	const forgottenAt = heardAt + keptMs;
	const expiry: Expiry =
		sessionEndsAt <= forgottenAt
			? { at: sessionEndsAt, why: 'sign-in' }
			: { at: forgottenAt, why: 'push service' };
	return expiry.at > now && expiry.at - now <= WARN_MS ? expiry : null;
}
