import { BEAT_EVERY_MS, LEASE_S } from '#contract/presence.ts';

/**
 * Every number of presence, in milliseconds. A lease survives two lost beats and a throttled timer. The leases are
 * the least of any team; how a team counts longer ones: api/presence/team-leases.ts.
 */
export interface PresenceSettings {
	/** How often a page beats; told to pages with every answer. */
	everyMs: { visible: number; hidden: number };
	visibleLeaseMs: number;
	/** Browsers throttle hidden timers to one a minute: 3 x 60 s + 20 s. */
	hiddenLeaseMs: number;
	/** No team believes a beat for longer. */
	longestLeaseMs: number;
	/** What is left of a page's share after its farewell: long enough for a reload. */
	leaveMs: number;
	/** The sweep takes only leases that ended this long ago: another process writes once a second. */
	sweepGraceMs: number;
	/** For this long after a start, or the database's return, nobody is swept: one longest lease (a team's own where that is longer). */
	quietMs: number;
	/** What teams have chosen is read this often: another process may have written it. */
	teamsEveryMs: number;
	/** Beats are written and expiries looked for this often. */
	loopMs: number;
	/** A loop that comes round this late has slept with its machine; beats may have been missed. */
	stallMs: number;
	/** The longest that an answer may be believed. */
	maxValidForMs: number;
}

export const PRESENCE_SETTINGS: PresenceSettings = {
	everyMs: BEAT_EVERY_MS,
	visibleLeaseMs: LEASE_S.visible.least * 1_000,
	hiddenLeaseMs: LEASE_S.hidden.least * 1_000,
	longestLeaseMs: LEASE_S.hidden.most * 1_000,
	leaveMs: 10_000,
	sweepGraceMs: 2_000,
	quietMs: 200_000,
	teamsEveryMs: 10_000,
	loopMs: 1_000,
	stallMs: 10_000,
	maxValidForMs: 60_000
};

/** The same proportions at another speed: `scaled(settings, 10)` is ten times as fast. */
export function scaled(settings: PresenceSettings, divisor: number): PresenceSettings {
	const { everyMs, ...durations } = settings;
	const divided = Object.fromEntries(
		Object.entries(durations).map(([name, ms]) => [name, ms / divisor])
	) as unknown as Omit<PresenceSettings, 'everyMs'>;
	return {
		...divided,
		everyMs: { visible: everyMs.visible / divisor, hidden: everyMs.hidden / divisor }
	};
}
