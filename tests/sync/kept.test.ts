import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { expect, test } from 'vitest';
import { newId } from '#contract/ids.ts';
import { countKeptText } from '../../src/lib/db/kept.ts';
import { deleteDatabases, openCache, openOutbox } from '../../src/lib/db/schema.ts';
import { drainAcks, keepAck } from '../../src/lib/db/worker.ts';
import { note } from '../../src/lib/intents/note.ts';
import { resolve } from '../../src/lib/intents/resolve.ts';

test('what is unsent in a browser is counted for whoever signs in, without saying whose it is', async () => {
	const factory = { indexedDB: new IDBFactory(), IDBKeyRange };
	expect(await countKeptText(factory)).toBe(0);
	const write = async (userId: string, texts: number) => {
		const [cache, outbox] = [openCache(userId, factory), openOutbox(userId, factory)];
		const writer = {
			...{ cache, outbox, userId, teamId: newId(), deviceId: newId(), newId },
			wallNow: () => 0,
			flush() {}
		};
		for (let n = 0; n < texts; n++)
			await note(writer, { conversationId: newId(), body: `Note ${n}` });
		await resolve(writer, newId());
		cache.close();
		outbox.close();
	};
	const [ana, ben] = [newId(), newId()];
	await write(ana, 2);
	await write(ben, 1);
	expect(await countKeptText(factory)).toBe(3);
	const gone = deleteDatabases(ana, factory);
	await Promise.all([gone, countKeptText(factory)]);
	expect(await countKeptText(factory)).toBe(1);
	const names = (await factory.indexedDB.databases()).map(({ name }) => name ?? '');
	expect(names.filter((name) => name.includes(ana))).toEqual([]);
});

test('an acknowledgement without a connection is kept with its moment, until it is taken', async () => {
	const factory = { indexedDB: new IDBFactory(), IDBKeyRange };
	const ack = { token: 'A'.repeat(43), state: 'shown' } as const;
	await keepAck({ ...ack, at: 5_000 }, factory);
	await keepAck({ ...ack, state: 'opened', at: 6_000 }, factory);
	const drained: unknown[] = [];
	const drain = (isTaken: boolean) =>
		drainAcks(async (kept) => {
			drained.push(kept);
			return isTaken;
		}, factory);
	for (const isTaken of [false, true, true]) await drain(isTaken);
	const first = { ...ack, at: 5_000 };
	expect(drained).toEqual([first, first, { ...ack, state: 'opened', at: 6_000 }]);
});
