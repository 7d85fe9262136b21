import type { Entity, TeamTx } from './db.ts';
import { sql } from './sql.ts';

/** Where a team stands. */
export interface Head {
	/** Another one means that the numbers began anew (a restored copy). */
	epoch: string;
	version: number;
	/** Changes after this version are all still there. */
	floor: number;
}

/** The team's newest version; undefined where there is no such team. */
export function headOf(tx: TeamTx): Promise<Head | undefined> {
	return tx.maybe<Head>(sql`
		select epoch, version, floor from teams where id = ${tx.teamId}`);
}

export interface ChangeRow {
	version: number;
	entity: Entity;
	id: string;
	ownerId: string | null;
	op: 'upsert' | 'delete';
}

/**
 * Changes of the team and of the given bots in (after, upTo], whole versions, oldest first.
 * About `limit` rows: it ends with the version in which the limit is reached.
 */
export function changesBetween(
	tx: TeamTx,
	range: { after: number; upTo: number; botIds: readonly string[]; limit: number }
): Promise<ChangeRow[]> {
	const inRange = sql`team_id = ${tx.teamId} and version > ${range.after} and version <= ${range.upTo}`;
	return tx.many<ChangeRow>(sql`
		with seen as (
			(select * from changes where ${inRange} and bot_id is null
				order by version limit ${range.limit})
			union all
			(select c.* from unnest(${range.botIds}::uuid[]) b (id) cross join lateral (
				select * from changes where ${inRange} and bot_id = b.id
				order by version limit ${range.limit}) c)
		), page as (select version from seen order by version limit ${range.limit})
		select version, entity, entity_id as id, owner_id as "ownerId", op from changes
		where team_id = ${tx.teamId} and version > ${range.after}
			and version <= (select max(version) from page)
			and (bot_id is null or bot_id = any(${range.botIds}::uuid[]))
		order by version, n`);
}
