import type { Queries, TeamTx } from './db.ts';
import { sql } from './sql.ts';

export interface TeamRow {
	id: string;
	name: string;
	brandName: string | null;
	brandColor: string;
	/** Content hash of the brand's picture. */
	brandAvatar: string | null;
	showAgentsAs: 'agents' | 'team';
	/** Since when nobody has been online in business hours, in milliseconds; null: somebody is, or need not be. */
	uncoveredSince: number | null;
}

/** `brandName`: what visitors read; without one they read "Support". */
export async function insertTeam(
	tx: TeamTx,
	name: string,
	brandName: string | null = null
): Promise<void> {
	await tx.run(sql`
		insert into teams (id, name, brand_name) values (${tx.teamId}, ${name}, ${brandName})`);
	tx.changed({ entity: 'team', id: tx.teamId });
}

export function findTeam(tx: TeamTx): Promise<TeamRow | undefined> {
	return tx.maybe(sql`
		select id, name, brand_name as "brandName", brand_color as "brandColor",
			brand_avatar as "brandAvatar", show_agents_as as "showAgentsAs",
			(select started_at from uncovered_spans u where u.team_id = teams.id and u.ended_at is null)
				as "uncoveredSince"
		from teams where id = ${tx.teamId}`);
}

export async function updateTeam(
	tx: TeamTx,
	settings: Pick<TeamRow, 'name' | 'brandName' | 'brandColor' | 'showAgentsAs'>
): Promise<void> {
	const { name, brandName, brandColor, showAgentsAs } = settings;
	await tx.run(sql`
		update teams set name = ${name}, brand_name = ${brandName}, brand_color = ${brandColor},
			show_agents_as = ${showAgentsAs}
		where id = ${tx.teamId}`);
	tx.changed({ entity: 'team', id: tx.teamId });
}

export async function saveBrandAvatar(tx: TeamTx, avatar: string | null): Promise<void> {
	await tx.run(sql`update teams set brand_avatar = ${avatar} where id = ${tx.teamId}`);
	tx.changed({ entity: 'team', id: tx.teamId });
}

/** The ids of a person's teams, the first joined first. */
export async function teamsOfUser(q: Queries, userId: string): Promise<string[]> {
	const rows = await q.many<{ id: string }>(sql`select teams_of_user(${userId}) as id`);
	return rows.map((row) => row.id);
}
