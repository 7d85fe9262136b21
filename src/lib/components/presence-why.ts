import type { Presence } from '#contract/entities.ts';
import type { PresenceState } from '$lib/state/presence.svelte.ts';
import { clockTime, isSameDay, moment } from '$lib/ui/time.ts';
import { PRESENCE_WORDS } from './presence-words.ts';

/** "14:05", and of another day "yesterday at 14:05". */
export const sinceTime = (at: number, now: number): string =>
	isSameDay(at, now) ? clockTime(at) : moment(at, now);

/** One line about a colleague: the status, since when, until when, and what was said with it. */
export function statusLine(presence: Presence, now: number): string {
	const { status, since, until, cause, reason } = presence;
	if (status === 'checking') return PRESENCE_WORDS.checking;
	if (cause === null) return 'Has not been online yet';
	const from = `${PRESENCE_WORDS[status]} since ${sinceTime(since, now)}`;
	const end = until === null ? '' : `, until ${sinceTime(until, now)}`;
	const why = cause === 'heartbeat lost' ? 'no device reported' : reason && `“${reason}”`;
	return why ? `${from}${end} · ${why}` : `${from}${end}`;
}

/** How long nothing was heard before somebody was taken offline, where the evidence says so. */
export function silence(since: number, lastBeatAt: number | null): string {
	if (lastBeatAt === null || lastBeatAt >= since) return 'no device reported in time';
	return `no device reported for ${Math.round((since - lastBeatAt) / 1000)} seconds`;
}

type Offline = Pick<PresenceState, 'since' | 'until' | 'reason' | 'cause' | 'lastBeatAt'> & {
	/** The admin's, where one set it. */
	setByName?: string | null;
	/** Whose it is, where it is not the reader's own. */
	name?: string;
	now: number;
};

/** One sentence: since when somebody is offline, and why. */
export function whyOffline(about: Offline): string {
	const { since, until, reason, cause, lastBeatAt, setByName, name, now } = about;
	if (since === null || cause === null)
		return name ? `${name} has not been online yet` : 'You have not been online yet';
	const from = `Since ${sinceTime(since, now)}`;
	switch (cause) {
		case 'heartbeat lost':
			return `${from}, because ${silence(since, lastBeatAt)}`;
		case 'signed out':
			return `${from}, because ${name ?? 'you'} signed out`;
		case 'set by admin':
			return `${from}, because ${setByName ?? 'an admin'} set it${reason ? `: ${reason}` : ''}`;
		case 'came back':
			return from;
		case 'end time reached':
			return `${from}, because the time ${name ?? 'you'} had set ended`;
		case 'set by you': {
			const choice = `${from} by ${name ? `${name}’s` : 'your'} choice`;
			const why = reason ? `${choice}: ${reason}` : choice;
			return until === null ? why : `${why}, until ${sinceTime(until, now)}`;
		}
	}
}
