import type { TeamLeases } from '#contract/coverage.ts';
import type { Queries, TeamTx } from './db.ts';
import { sql } from './sql.ts';

/** Undefined for a team that keeps to the least. */
export const findLeases = (tx: TeamTx): Promise<TeamLeases | undefined> =>
	tx.maybe(sql`
		select visible_lease_s as "visibleS", hidden_lease_s as "hiddenS"
		from presence_team_settings where team_id = ${tx.teamId}`);

/** Null: the team keeps to the least again. */
export async function saveLeases(tx: TeamTx, leases: TeamLeases | null): Promise<void> {
	if (!leases) {
		await tx.run(sql`delete from presence_team_settings where team_id = ${tx.teamId}`);
		return;
	}
	await tx.run(sql`
		insert into presence_team_settings (team_id, visible_lease_s, hidden_lease_s)
		values (${tx.teamId}, ${leases.visibleS}, ${leases.hiddenS})
		on conflict (team_id) do update set visible_lease_s = excluded.visible_lease_s,
			hidden_lease_s = excluded.hidden_lease_s`);
}

/** Of every team that has chosen. */
export const longerLeases = (q: Queries): Promise<(TeamLeases & { teamId: string })[]> =>
	q.many(sql`
		select team_id as "teamId", visible_lease_s as "visibleS", hidden_lease_s as "hiddenS"
		from longer_leases()`);
