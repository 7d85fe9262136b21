import type { TeamLeases } from '#contract/coverage.ts';
import { LEASE_S } from '#contract/presence.ts';

/** Seconds as they are typed. */
export type LeasesDraft = Record<keyof TeamLeases, string>;

const BOUNDS = { visibleS: LEASE_S.visible, hiddenS: LEASE_S.hidden } as const;

/** Null: the team keeps to the least. */
export const leasesDraftOf = (leases: TeamLeases | null | undefined): LeasesDraft => ({
	visibleS: String(leases?.visibleS ?? LEASE_S.visible.least),
	hiddenS: String(leases?.hiddenS ?? LEASE_S.hidden.least)
});

/** What is sent: null where both are the least. */
export function leasesOf(draft: LeasesDraft): TeamLeases | null {
	const leases = { visibleS: Number(draft.visibleS), hiddenS: Number(draft.hiddenS) };
	const { visible, hidden } = LEASE_S;
	return leases.visibleS === visible.least && leases.hiddenS === hidden.least ? null : leases;
}

/** What is wrong, by field. */
export function leaseProblemsOf(draft: LeasesDraft): Map<string, string> {
	const problems = new Map<string, string>();
	for (const [name, { least, most }] of Object.entries(BOUNDS)) {
		const value = Number(draft[name as keyof TeamLeases]);
		if (!Number.isInteger(value) || value < least)
			problems.set(name, `Less than ${least} is not safe. Choose ${least} to ${most} seconds.`);
		else if (value > most)
			problems.set(name, `More than ${most} is not possible. Choose ${least} to ${most} seconds.`);
	}
	return problems;
}
