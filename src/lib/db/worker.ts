import { Dexie, type EntityTable } from 'dexie';
import type { SnoozeRequest } from '#contract/notifications.ts';
import type { AckRequest } from '#contract/push.ts';
import type { Factory } from './schema.ts';

/** What became of a push, and when by this device's clock; a version before an update did not keep that. */
export type KeptAck = Pick<AckRequest, 'token' | 'state'> & { at?: number };

/** A snooze that was pressed, by this device's clock. */
export type KeptSnooze = Pick<SnoozeRequest, 'token' | 'id'> & { pressedAt: number };

/** Whose browser this is: the person's record of it, and who they are; a page of before an update does not say that. */
export interface Identity {
	deviceId: string;
	userId?: string;
}

/** What the worker has to know when it is woken alone. */
type WorkerStore = Dexie & {
	/** What the server has not been told yet. Of the browser, not of a person: a token works without a session. */
	acks: EntityTable<KeptAck & { n: number }, 'n'>;
	/** *Snooze* that was pressed without a connection. */
	snoozes: EntityTable<KeptSnooze, 'id'>;
	/** One row, while somebody is signed in. */
	identity: EntityTable<Identity & { key: 'me' }, 'key'>;
};

/** More acknowledgements than this are not kept; the oldest go first. */
const KEPT = 200;

async function withStore<T>(
	work: (store: WorkerStore) => Promise<T>,
	factory?: Factory
): Promise<T> {
	const store = new Dexie('bellhop-worker', factory) as WorkerStore;
	store.version(1).stores({ acks: '++n', identity: 'key' });
	store.version(2).stores({ snoozes: 'id' });
	try {
		return await work(store);
	} finally {
		store.close();
	}
}

/** Keeps an acknowledgement until there is a connection. */
export const keepAck = (ack: KeptAck, factory?: Factory): Promise<void> =>
	withStore(async ({ acks }) => {
		await acks.add(ack);
		const surplus = (await acks.count()) - KEPT;
		if (surplus > 0) await acks.limit(surplus).delete();
	}, factory);

/** Hands the kept ones to `send`, oldest first, and forgets each that it took; stops at the first it did not. */
export const drainAcks = (
	send: (ack: KeptAck) => Promise<boolean>,
	factory?: Factory
): Promise<void> =>
	withStore(async ({ acks }) => {
		for (const { n, ...kept } of await acks.toArray()) {
			if (!(await send(kept))) return;
			await acks.delete(n);
		}
	}, factory);

/** Null: nobody's. */
export const setIdentity = (me: Identity | null, factory?: Factory): Promise<void> =>
	withStore(async ({ identity }) => {
		if (me) await identity.put({ key: 'me', ...me });
		else await identity.clear();
	}, factory);

export const getIdentity = (factory?: Factory): Promise<Identity | null> =>
	withStore(async ({ identity }) => (await identity.get('me')) ?? null, factory);

export const keepSnooze = (snooze: KeptSnooze, factory?: Factory): Promise<void> =>
	withStore(async ({ snoozes }) => void (await snoozes.put(snooze)), factory);

/** Hands each kept snooze to `send`, and forgets those that it took. */
export const drainSnoozes = (
	send: (snooze: KeptSnooze) => Promise<boolean>,
	factory?: Factory
): Promise<void> =>
	withStore(async ({ snoozes }) => {
		for (const snooze of await snoozes.toArray())
			if (await send(snooze)) await snoozes.delete(snooze.id);
	}, factory);
