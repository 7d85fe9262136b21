import type { Queries, TeamTx } from './db.ts';
import { sql } from './sql.ts';

export interface VisitorPage {
	url: string;
	title: string;
}

/** `digest`: SHA-256 of the token's secret. `at`: milliseconds since 1970. */
export async function insertVisitor(
	tx: TeamTx,
	visitor: {
		id: string;
		botId: string;
		digest: Buffer;
		name?: string | null;
		email?: string | null;
		browser: string | null;
		page: VisitorPage | undefined;
		at: number;
	}
): Promise<void> {
	const { id, botId, digest, name = null, email = null, browser, page } = visitor;
	const at = new Date(visitor.at);
	await tx.run(sql`
		insert into visitors (team_id, id, bot_id, token_digest, name, email, browser, page_url,
			page_title, created_at, last_seen_at)
		values (${tx.teamId}, ${id}, ${botId}, ${digest}, ${name}, ${email}, ${browser}, ${page?.url ?? null},
			${page?.title ?? null}, ${at}, ${at})`);
}

export function findVisitor(
	tx: TeamTx,
	id: string
): Promise<{ botId: string; digest: Buffer } | undefined> {
	return tx.maybe(sql`
		select bot_id as "botId", token_digest as digest from visitors
		where team_id = ${tx.teamId} and id = ${id}`);
}

/** Held until the transaction ends, so that two tabs cannot both start a conversation. */
export async function lockVisitor(tx: TeamTx, id: string): Promise<void> {
	await tx.one(sql`
		select id from visitors where team_id = ${tx.teamId} and id = ${id} for update`);
}

/** Notes that the visitor is back, and on which page. True where that is another page. */
export async function seeVisitor(
	tx: TeamTx,
	{ id, page, at }: { id: string; page: VisitorPage | undefined; at: number }
): Promise<boolean> {
	const { isMoved } = await tx.one<{ isMoved: boolean }>(sql`
		with before as (
			select page_url from visitors where team_id = ${tx.teamId} and id = ${id} for update)
		update visitors v set last_seen_at = ${new Date(at)},
			page_url = coalesce(${page?.url ?? null}, v.page_url),
			page_title = coalesce(${page?.title ?? null}, v.page_title)
		from before where v.team_id = ${tx.teamId} and v.id = ${id}
		returning v.page_url is distinct from before.page_url as "isMoved"`);
	return isMoved;
}

export async function setVisitorEmail(tx: TeamTx, id: string, email: string): Promise<void> {
	await tx.run(sql`
		update visitors set email = ${email} where team_id = ${tx.teamId} and id = ${id}`);
}

/** Which team a bot belongs to; ids are all that is read across teams. */
export async function teamOfBot(q: Queries, botId: string): Promise<string | undefined> {
	const row = await q.maybe<{ id: string | null }>(sql`select team_of_bot(${botId}) as id`);
	return row?.id ?? undefined;
}
