import { Dexie } from 'dexie';
import { countUnsentText } from './outbox.ts';
import { type Factory, OUTBOX_PREFIX } from './schema.ts';

/**
 * How many replies and notes wait in this browser for their writers to sign in again: a session that ended left them
 * behind. Of everybody who was here; 0 where the browser does not list its databases.
 */
export async function countKeptText(factory: Factory = {}): Promise<number> {
	const store = (factory.indexedDB ?? indexedDB) as Partial<IDBFactory>;
	const databases = (await store.databases?.()) ?? [];
	const names = databases.flatMap(({ name }) => (name?.startsWith(OUTBOX_PREFIX) ? [name] : []));
	const counts = await Promise.all(names.map((name) => countIn(name, factory)));
	return counts.reduce((sum, count) => sum + count, 0);
}

/** Opened without a schema: one that a sign-out is deleting just now must not be made anew. */
async function countIn(name: string, factory: Factory): Promise<number> {
	const outbox = new Dexie(name, factory);
	try {
		await outbox.open();
		return await countUnsentText({ rows: outbox.table('rows') });
	} catch {
		return 0;
	} finally {
		outbox.close();
	}
}
