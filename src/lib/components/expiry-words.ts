import type { Expiry } from '#contract/notifications.ts';
import { moment } from '$lib/ui/time.ts';

/** What soon keeps a device from ringing, and what puts it off. */
export function expiryWords({ at, why }: Expiry, now: number): string {
	const what = why === 'sign-in' ? 'Its sign-in ends' : 'Its push service forgets it';
	return `${what} ${moment(at, now)}: open Bellhop on it before then, or it stops ringing.`;
}
