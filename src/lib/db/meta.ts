import type { Cache, MetaValues } from './schema.ts';

/** One of the cache's single values, if it is there. */
export async function getMeta<K extends keyof MetaValues>(
	cache: Cache,
	key: K
): Promise<MetaValues[K] | undefined> {
	return (await cache.meta.get(key))?.value as MetaValues[K] | undefined;
}

export async function setMeta<K extends keyof MetaValues>(
	cache: Cache,
	key: K,
	value: MetaValues[K]
): Promise<void> {
	await cache.meta.put({ key, value });
}

/** Reads a value and deletes it, so that of several tabs one gets it. */
export function takeMeta<K extends keyof MetaValues>(
	cache: Cache,
	key: K
): Promise<MetaValues[K] | undefined> {
	return cache.transaction('rw', cache.meta, async () => {
		const value = await getMeta(cache, key);
		if (value !== undefined) await cache.meta.delete(key);
		return value;
	});
}

/** Whether a cursor stands behind a first sync that has come to its end (contract/sync.ts says how it looks). */
export const isWhole = (cursor: string | undefined): boolean => cursor?.split('.').length === 2;

/** Where the next pull of a team starts; undefined before the first. */
export const getCursor = (cache: Cache, teamId: string): Promise<string | undefined> =>
	getMeta(cache, `cursor:${teamId}`);
