import type { SyncPage } from '#contract/sync.ts';
import { removeConversations, removeOutOfScope } from './conversations.ts';
import { getCursor, getMeta, setMeta } from './meta.ts';
import type { Cache } from './schema.ts';

/** A smaller change of the clock's offset is not worth waking everything that shows a time. */
const OFFSET_STEP_MS = 500;

/**
 * `applied`: rows and cursor are written. `same`: another tab had written this page already.
 * `elsewhere`: the cursor is neither where the page starts nor where it ends; nothing was done.
 */
export type PageOutcome = 'applied' | 'same' | 'elsewhere';

/**
 * Applies one page in one transaction that also moves the cursor, so a crash leaves both or neither.
 * `from`: the cursor the page was asked with. Two tabs may apply at once: the second finds the cursor moved.
 */
export function applyPage(
	cache: Cache,
	{ page, from, wallNow }: { page: SyncPage; from: string | undefined; wallNow: number }
): Promise<PageOutcome> {
	return cache.transaction('rw', cache.tables, async () => {
		const cursor = await getCursor(cache, page.teamId);
		if (cursor !== from) return cursor === page.cursor ? 'same' : 'elsewhere';
		if (page.reset) await dropTeam(cache, page.teamId);
		await upsert(cache, page);
		await remove(cache, page);
		await setMeta(cache, `cursor:${page.teamId}`, page.cursor);
		const access = page.scope.permissions?.toSorted().join(' ');
		if (access !== undefined && access !== (await getMeta(cache, `access:${page.teamId}`)))
			await setMeta(cache, `access:${page.teamId}`, access);
		const offsetMs = page.serverNow - wallNow;
		const known = await getMeta(cache, 'serverOffsetMs');
		if (known === undefined || Math.abs(known - offsetMs) > OFFSET_STEP_MS) {
			await setMeta(cache, 'serverOffsetMs', offsetMs);
		}
		return 'applied';
	});
}

/** Forgets a team: its rows and its cursor. The outbox is another database and stays. */
export function dropTeam(cache: Cache, teamId: string): Promise<void> {
	return cache.transaction('rw', cache.tables, async () => {
		const { bots, members, conversations, messages, reads } = cache;
		for (const table of [bots, members, conversations, messages, reads]) {
			await table.where('teamId').equals(teamId).delete();
		}
		await cache.teams.delete(teamId);
		await cache.meta.bulkDelete([`cursor:${teamId}`, `access:${teamId}`, `reach:${teamId}`]);
	});
}

async function upsert(cache: Cache, page: SyncPage): Promise<void> {
	const { teamId } = page;
	const ofTeam = <T>(row: T) => ({ ...row, teamId });
	if (page.team) await cache.teams.put(page.team);
	await cache.bots.bulkPut(page.bots.map(ofTeam));
	await cache.members.bulkPut(page.members.map(ofTeam));
	await cache.conversations.bulkPut(page.conversations.map(ofTeam));
	await cache.messages.bulkPut(page.messages.map(ofTeam));
	await cache.reads.bulkPut(page.reads.map(ofTeam));
}

async function remove(cache: Cache, page: SyncPage): Promise<void> {
	const { teamId } = page;
	const idsOf = (entity: SyncPage['deletes'][number]['entity']) =>
		page.deletes.filter((row) => row.entity === entity).map((row) => row.id);
	const keysOf = (entity: 'bot' | 'member' | 'message') =>
		idsOf(entity).map((id): [string, string] => [teamId, id]);
	await cache.members.bulkDelete(keysOf('member'));
	await cache.messages.bulkDelete(keysOf('message'));
	await removeConversations(cache, { teamId, ids: idsOf('conversation') });
	await cache.bots.bulkDelete(keysOf('bot'));
	await cache.bots
		.where('teamId')
		.equals(teamId)
		.filter((bot) => !page.scope.botIds.includes(bot.id))
		.delete();
	await removeOutOfScope(cache, { teamId, botIds: page.scope.botIds });
}
