import type { PresenceSettings } from './settings.ts';
import type { TeamLeases } from './team-leases.ts';

/**
 * The time in which this process cannot vouch: others' beats may have been missed, or written ones lost. Nobody is
 * swept for one longest lease, of the team where that is longer.
 */
export interface Quiet {
	/** Without a team: whether it is so for every one. */
	isQuiet(teamId?: string): boolean;
	/** It begins anew. */
	hush(): void;
}

export function createQuiet(
	now: () => number,
	{ settings, leases }: { settings: PresenceSettings; leases: TeamLeases }
): Quiet {
	let hushedAt = now();
	return {
		isQuiet: (teamId) =>
			now() < hushedAt + (teamId === undefined ? settings.quietMs : leases.quietMsOf(teamId)),
		hush() {
			hushedAt = now();
		}
	};
}
