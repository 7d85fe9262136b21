import type { Cache } from './schema.ts';

/** How far one person has read each of the given conversations; 0 where nothing is known. */
export async function readSeqs(
	cache: Cache,
	{ teamId, userId, ids }: { teamId: string; userId: string; ids: string[] }
): Promise<Map<string, number>> {
	const rows = await cache.reads.bulkGet(ids.map((id) => [teamId, id, userId]));
	return new Map(ids.map((id, i) => [id, rows[i]?.seq ?? 0]));
}
