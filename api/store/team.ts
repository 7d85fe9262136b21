import type { BotRow } from './bot.ts';
import type { Queries, TeamTx } from './db.ts';
import { sql } from './sql.ts';

export interface TeamRow {
	id: string;
	name: string;
	brandName: string | null;
	brandColor: string;
	showAgentsAs: 'agents' | 'team';
}

export async function insertTeam(tx: TeamTx, name: string): Promise<void> {
	await tx.run(sql`insert into teams (id, name) values (${tx.teamId}, ${name})`);
	tx.changed({ entity: 'team', id: tx.teamId });
}

export function findTeam(tx: TeamTx): Promise<TeamRow | undefined> {
	return tx.maybe(sql`
		select id, name, brand_name as "brandName", brand_color as "brandColor",
			show_agents_as as "showAgentsAs"
		from teams where id = ${tx.teamId}`);
}

/** The ids of a person's teams, the first joined first. */
export async function teamsOfUser(q: Queries, userId: string): Promise<string[]> {
	const rows = await q.many<{ id: string }>(sql`select teams_of_user(${userId}) as id`);
	return rows.map((row) => row.id);
}

export async function insertBot(
	tx: TeamTx,
	bot: Pick<BotRow, 'id' | 'name' | 'greeting'> &
		Partial<Pick<BotRow, 'quickQuestions' | 'allowedOrigins'>>
): Promise<void> {
	const { id, name, greeting, quickQuestions = [], allowedOrigins = [] } = bot;
	await tx.run(sql`
		insert into bots (team_id, id, name, greeting, quick_questions, allowed_origins)
		values (${tx.teamId}, ${id}, ${name}, ${greeting}, ${JSON.stringify(quickQuestions)}::jsonb,
			${allowedOrigins}::text[])`);
	// Without botId: who may see a new bot is only known after this change.
	tx.changed({ entity: 'bot', id: bot.id });
}
