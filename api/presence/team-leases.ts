import type { Db } from '../store/db.ts';
import type { Share } from '../store/lease.ts';
import { longerLeases } from '../store/presence-team-settings.ts';
import { type Leases, lengthened } from './core.ts';
import type { PresenceSettings } from './settings.ts';

/** How teams that chose longer leases count what devices prove; kept in memory, so that a beat costs no query. */
export interface TeamLeases {
	/** The shares as the team counts them. */
	count(teamId: string, shares: readonly Share[]): readonly Share[];
	/** For this long after a start nobody of the team is swept. */
	quietMsOf(teamId: string): number;
	/** Reads what teams have chosen, if that was last done a while ago. */
	refresh(now: number): Promise<void>;
	/** Reads it now: it was changed here. */
	load(): Promise<void>;
}

export function createTeamLeases(db: Db, settings: PresenceSettings): TeamLeases {
	let teams: ReadonlyMap<string, Leases> = new Map();
	let loadedAt = Number.NEGATIVE_INFINITY;
	async function load(): Promise<void> {
		const rows = await longerLeases(db.person);
		teams = new Map(
			rows.map(({ teamId, visibleS, hiddenS }) => [
				teamId,
				{ visibleLeaseMs: visibleS * 1_000, hiddenLeaseMs: hiddenS * 1_000 }
			])
		);
	}
	return {
		count(teamId, shares) {
			const leases = teams.get(teamId);
			return leases ? lengthened(shares, leases) : shares;
		},
		quietMsOf(teamId) {
			const leases = teams.get(teamId);
			if (!leases) return settings.quietMs;
			return Math.max(settings.quietMs, leases.visibleLeaseMs, leases.hiddenLeaseMs);
		},
		async refresh(now) {
			if (now - loadedAt < settings.teamsEveryMs) return;
			await load();
			loadedAt = now;
		},
		load
	};
}
