import type { PresenceState } from '$lib/state/presence.svelte.ts';
import { clockTime } from '$lib/ui/time.ts';

export const PRESENCE_WORDS: Record<PresenceState['status'], string> = {
	online: 'Online',
	offline: 'Offline',
	checking: 'Checking',
	'not connected': 'Not connected'
};

/** The dot of a status; only what the server has proved is green. */
export function dotOf(status: PresenceState['status']): 'online' | 'offline' | 'checking' {
	return status === 'online' || status === 'offline' ? status : 'checking';
}

/** How long nothing was heard before somebody was taken offline, where the evidence says so. */
export function silence(since: number, lastBeatAt: number | null): string {
	if (lastBeatAt === null || lastBeatAt >= since) return 'no device reported in time';
	return `no device reported for ${Math.round((since - lastBeatAt) / 1000)} seconds`;
}

type Offline = Pick<PresenceState, 'since' | 'until' | 'reason' | 'cause' | 'lastBeatAt'> & {
	/** The admin's, where one set it. */
	setByName?: string | null;
};

/** One sentence: since when somebody is offline, and why. */
export function whyOffline({
	since,
	until,
	reason,
	cause,
	lastBeatAt,
	setByName
}: Offline): string {
	if (since === null || cause === null) return 'You have not been online yet';
	const from = `Since ${clockTime(since)}`;
	switch (cause) {
		case 'heartbeat lost':
			return `${from}, because ${silence(since, lastBeatAt)}`;
		case 'signed out':
			return `${from}, because you signed out`;
		case 'set by admin':
			return `${from}, because ${setByName ?? 'an admin'} set it`;
		case 'came back':
			return `${from}, by yourself`;
		case 'end time reached':
			return `${from}, because the time you had set ended`;
		case 'set by you': {
			const why = reason ? `${from} by your choice: ${reason}` : `${from} by your choice`;
			return until === null ? why : `${why}, until ${clockTime(until)}`;
		}
	}
}
