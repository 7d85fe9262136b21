import { dropTeam } from './apply-page.ts';
import { conversationsById, removeOutOfScope } from './conversations.ts';
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
	return drop(outbox, await rowsOf(outbox, teamId));
}

/**
 * Brings what is kept of all teams in line with those that the person is in now. `botIds`: the bots that they may see
 * there; absent where the server did not say.
 */
export async function keepOnly(
	databases: Databases,
	teams: readonly { teamId: string; botIds: readonly string[] | undefined }[]
): Promise<number> {
	const { cache, outbox } = databases;
	let texts = 0;
	for (const teamId of await cache.teams.toCollection().primaryKeys()) {
		const team = teams.find((known) => known.teamId === teamId);
		if (!team) texts += await forgetTeam(databases, teamId);
		if (!team?.botIds) continue;
		const gone = new Set(await removeScope(cache, { teamId, botIds: team.botIds }));
		if (gone.size === 0) continue;
		const rows = await rowsOf(outbox, teamId);
		texts += await drop(
			outbox,
			rows.filter(({ call }) => gone.has(call.args.conversationId))
		);
	}
	return texts;
}

function removeScope(
	cache: Cache,
	{ teamId, botIds }: { teamId: string; botIds: readonly string[] }
): Promise<string[]> {
	return cache.transaction('rw', cache.tables, async () => {
		const ofTeam = cache.bots.where('teamId').equals(teamId);
		await ofTeam.filter(({ id }) => !botIds.includes(id)).delete();
		return removeOutOfScope(cache, { teamId, botIds });
	});
}
