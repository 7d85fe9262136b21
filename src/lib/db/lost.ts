import { dropTeam } from './apply-page.ts';
import { conversationsById, removeOutOfScope } from './conversations.ts';
import { getMeta } from './meta.ts';
import { deleteRows, isText, rowsOf } from './outbox.ts';
import type { Cache, Outbox, OutboxRow } from './schema.ts';

/*
 * What a person may see no more leaves the device, and what they had written for it goes along: nobody could read, send
 * or discard it any more. All of these return how many unsent replies and notes went.
 */

interface Databases {
	cache: Cache;
	outbox: Outbox;
}

async function drop(outbox: Outbox, rows: readonly OutboxRow[]): Promise<number> {
	await deleteRows(
		outbox,
		rows.map(({ n }) => n)
	);
	return rows.filter((row) => row.state !== 'sent' && isText(row)).length;
}

/**
 * Drops those of a team's rows whose conversation the cache has not. Only for rows that were there before a pull that
 * has come to its end: a notification's answer can be queued before its conversation has come.
 */
export async function dropOrphans(
	{ cache, outbox }: Databases,
	{ teamId, rows }: { teamId: string; rows: readonly OutboxRow[] }
): Promise<number> {
	if (rows.length === 0) return 0;
	const ids = [...new Set(rows.map(({ call }) => call.args.conversationId))];
	const held = new Set((await conversationsById(cache, { teamId, ids })).map(({ id }) => id));
	return drop(
		outbox,
		rows.filter(({ call }) => !held.has(call.args.conversationId))
	);
}

/** Forgets a team that the person is in no more. */
export async function forgetTeam({ cache, outbox }: Databases, teamId: string): Promise<number> {
	await dropTeam(cache, teamId);
	if ((await getMeta(cache, 'keptWish'))?.teamId === teamId) await cache.meta.delete('keptWish');
	return drop(outbox, await rowsOf(outbox, teamId));
}

/**
 * Brings the teams that are kept beside the active one in line with what the person may see now. `known`: the teams they
 * are in, with the bots that they may see there (undefined where the server did not say).
 */
export async function keepOnly(
	databases: Databases,
	{ others, known }: { others: readonly string[]; known: ReadonlyMap<string, string[] | undefined> }
): Promise<number> {
	let texts = 0;
	for (const teamId of others) {
		const botIds = known.get(teamId);
		if (!known.has(teamId)) texts += await forgetTeam(databases, teamId);
		else if (botIds) texts += await forgetBots(databases, { teamId, botIds });
	}
	return texts;
}

async function forgetBots(
	{ cache, outbox }: Databases,
	{ teamId, botIds }: { teamId: string; botIds: readonly string[] }
): Promise<number> {
	const gone = await cache.transaction('rw', cache.tables, async () => {
		const ofTeam = cache.bots.where('teamId').equals(teamId);
		const bots = await ofTeam.filter(({ id }) => !botIds.includes(id)).delete();
		const ids = await removeOutOfScope(cache, { teamId, botIds });
		// Another tab may follow this team, and know more than the answer that led here: it loads all of it again.
		if (bots + ids.length > 0) await cache.meta.delete(`cursor:${teamId}`);
		return new Set(ids);
	});
	const rows = gone.size > 0 ? await rowsOf(outbox, teamId) : [];
	return drop(
		outbox,
		rows.filter(({ call }) => gone.has(call.args.conversationId))
	);
}
