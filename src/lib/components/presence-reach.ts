import type { Presence } from '#contract/entities.ts';
import type { Reach } from '#contract/presence.ts';

const REACH_WORDS: Record<Reach, string> = {
	reachable: 'Can be rung',
	unproved: 'Unproved',
	no: 'Not reachable'
};

/** `isHere`: online now, which the word must not deny. */
export const reachWord = (reach: Reach, isHere: boolean): string =>
	isHere && reach === 'no' ? 'Only while online' : REACH_WORDS[reach];

/** A colleague's dot: hollow green where an offline one can be rung. */
export const dotOfColleague = (
	{ status }: Pick<Presence, 'status'>,
	reach: Reach | undefined
): 'online' | 'offline' | 'checking' | 'reachable' =>
	status === 'offline' && reach === 'reachable' ? 'reachable' : status;

/** The same as one sentence about a colleague who is offline. */
export const REACH_SENTENCES: Record<Reach, string> = {
	reachable: 'Offline, reachable: a device of theirs rings.',
	unproved: 'A device is enabled, but it has not proved in the last 14 days that it rings.',
	no: 'A ring reaches nobody: there is no device, or none may ring now.'
};
