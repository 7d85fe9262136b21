import { Dexie, type DexieOptions, type EntityTable, type Table } from 'dexie';
import type { Me } from '#contract/auth.ts';
import type { Bot, Conversation, Member, Message, Read, Team } from '#contract/entities.ts';
import type { ErrorBody } from '#contract/errors.ts';
import type { MutationCall } from '#contract/mutations.ts';
import type { ReachResponse } from '#contract/presence.ts';

/** Where IndexedDB comes from; the browser's own unless a test brings one. */
export type Factory = Pick<DexieOptions, 'indexedDB' | 'IDBKeyRange'>;

/** A row of a team in the cache. One person's cache can hold several teams. */
export type OfTeam<T> = T & { teamId: string };

/** A *Go offline* that could not be sent: what was wanted, and how things stood as far as was known. */
export interface KeptWish {
	teamId: string;
	untilMs: number | undefined;
	reason: string | undefined;
	/** By this device's clock; only ever used as a duration. */
	madeAt: number;
	/** The `since` of the presence then known; null when none was. */
	since: number | null;
}

/** Who of a team could be rung, as the server said last. */
export interface KeptReach {
	/** By this device's clock. */
	at: number;
	members: ReachResponse['members'];
}

/** The single values a cache keeps, by key. */
export interface MetaValues {
	/** The last answer about who is signed in, so that the shell opens without a connection. */
	me: Me;
	/** The active team. */
	teamId: string;
	/** Server clock minus this device's clock, in milliseconds. */
	serverOffsetMs: number;
	keptWish: KeptWish;
	/** What the person may do in a team, as the last page said: the permissions in one order. */
	[access: `access:${string}`]: string;
	/** Where the next pull of a team starts. */
	[cursor: `cursor:${string}`]: string;
	[reach: `reach:${string}`]: KeptReach;
}

/** What the server told, for reading without it. Everything here can be loaded again. */
export type Cache = Dexie & {
	meta: EntityTable<{ key: string; value: unknown }, 'key'>;
	teams: EntityTable<Team, 'id'>;
	bots: Table<OfTeam<Bot>, [teamId: string, id: string]>;
	members: Table<OfTeam<Member>, [teamId: string, userId: string]>;
	conversations: Table<OfTeam<Conversation>, [teamId: string, id: string]>;
	messages: Table<OfTeam<Message>, [teamId: string, id: string]>;
	reads: Table<OfTeam<Read>, [teamId: string, conversationId: string, userId: string]>;
};

/**
 * `queued`: goes out by itself. `sent`: done by the server, kept until the cache shows it.
 * `review`: somebody wrote meanwhile, waits for a look. `failed`: refused, `error` says why.
 */
export type OutboxState = 'queued' | 'sent' | 'review' | 'failed';

/** One thing a person did, on its way. `n` orders a device's rows; a refused text is tried again under its own. */
export interface OutboxRow {
	n: number;
	id: string;
	deviceId: string;
	teamId: string;
	call: MutationCall;
	/** By this device's clock; only ever used as a duration. */
	createdAt: number;
	state: OutboxState;
	isReviewed: boolean;
	error: ErrorBody['error'] | null;
}

/** What the server does not have yet: the one thing in the browser that cannot be loaded again. */
export type Outbox = Dexie & {
	rows: EntityTable<OutboxRow, 'n'>;
	device: EntityTable<{ id: string }, 'id'>;
};

const cacheName = (userId: string) => `bellhop-${userId}`;
/** Before the person's id in the name of an outbox. */
export const OUTBOX_PREFIX = 'bellhop-outbox-';
const outboxName = (userId: string) => `${OUTBOX_PREFIX}${userId}`;

/** Opens a person's cache. Versions are append-only: an older worker may still serve older code. */
export function openCache(userId: string, factory: Factory = {}): Cache {
	const db = new Dexie(cacheName(userId), factory) as Cache;
	db.version(1).stores({
		meta: 'key',
		teams: 'id',
		bots: '[teamId+id]',
		members: '[teamId+userId]',
		conversations: '[teamId+id], [teamId+state+lastMessageAt], [teamId+botId]',
		messages: '[teamId+id], [teamId+conversationId+seq]',
		reads: '[teamId+conversationId+userId]'
	});
	return db;
}

/**
 * Opens a person's outbox. A database of its own, because strict durability (a flush to disk with each
 * commit, which Chromium leaves out by default) is a setting of a whole database and slow for a cache.
 */
export function openOutbox(userId: string, factory: Factory = {}): Outbox {
	const db = new Dexie(outboxName(userId), {
		...factory,
		chromeTransactionDurability: 'strict'
	}) as Outbox;
	db.version(1).stores({ rows: '++n, &id, [teamId+state]', device: 'id' });
	return db;
}

/** Deletes all that this browser keeps of a person. Other tabs' connections close by themselves. */
export async function deleteDatabases(userId: string, factory: Factory = {}): Promise<void> {
	await openCache(userId, factory).delete();
	await openOutbox(userId, factory).delete();
}
