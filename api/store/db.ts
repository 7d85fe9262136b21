import pg from 'pg';
import { compile, type Sql, sql } from './sql.ts';

// int8 and timestamptz as numbers: versions and milliseconds, both far below 2^53.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);
pg.types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, (text) => Date.parse(fixedOffset(text)));

/** PostgreSQL writes `2026-11-22 10:00:00.123+00`; Date.parse wants a `T` and minutes in the offset. */
function fixedOffset(text: string): string {
	const iso = text.replace(' ', 'T');
	return /[+-]\d\d$/.test(iso) ? `${iso}:00` : iso;
}

export type Entity = 'team' | 'bot' | 'member' | 'conversation' | 'message' | 'read';

/** One line of the `changes` table: what a client is to fetch again, or to delete. */
export interface Change {
	entity: Entity;
	id: string;
	op?: 'upsert' | 'delete';
	/** The bot it belongs to, so that a delta is proportional to what a person may see. */
	botId?: string | null;
	/** Of a read: the person. */
	ownerId?: string | null;
}

/** Queries within one transaction, or each on its own (see `Db.person`). */
export interface Queries {
	many<T>(query: Sql): Promise<T[]>;
	/** Exactly one row, else it throws. */
	one<T>(query: Sql): Promise<T>;
	maybe<T>(query: Sql): Promise<T | undefined>;
	/** The number of rows written. */
	run(query: Sql): Promise<number>;
	/** Plain text and values: what pg-boss asks of a shared connection. */
	executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}

/** A transaction bound to one team by row security. */
export interface TeamTx extends Queries {
	readonly teamId: string;
	/**
	 * Notes a change; all of a transaction's changes are written last, under one new team version,
	 * so that the team's row is locked for the commit only and commit order equals version order.
	 */
	changed(change: Change): void;
	/** Runs after the commit, with the new version (null where nothing changed). Must not throw. */
	afterCommit(effect: (version: number | null) => void): void;
}

export type CommitListener = (teamId: string, version: number, changes: readonly Change[]) => void;

export interface Db {
	/** Person data: no team scope, each query its own transaction. Team tables read empty here. */
	readonly person: Queries;
	/** One transaction over person data. */
	personTx<T>(work: (tx: Queries) => Promise<T>): Promise<T>;
	/** One transaction in one team's scope. `teamId` must be a UUID. */
	team<T>(teamId: string, work: (tx: TeamTx) => Promise<T>): Promise<T>;
	/** Told after each commit that gave a team a new version, and what it changed; returns the way to stop. */
	onCommit(listener: CommitListener): () => void;
	/** Told when a connection was lost, for the presence sweep and the bus. */
	onConnectionLost(listener: (error: Error) => void): () => void;
	close(): Promise<void>;
}

interface Runner {
	query(text: string, values?: unknown[]): Promise<pg.QueryResult>;
}

function queriesOver(runner: Runner): Queries {
	const send = (query: Sql) => {
		const { text, values } = compile(query);
		return runner.query(text, values);
	};
	return {
		async many<T>(query: Sql) {
			return (await send(query)).rows as T[];
		},
		async one<T>(query: Sql) {
			const { rows } = await send(query);
			if (rows.length !== 1) throw new Error(`expected 1 row, got ${rows.length}`);
			return rows[0] as T;
		},
		async maybe<T>(query: Sql) {
			return (await send(query)).rows[0] as T | undefined;
		},
		async run(query) {
			return (await send(query)).rowCount ?? 0;
		},
		async executeSql(text, values) {
			// Text of several statements answers with a result for each.
			const results = [await runner.query(text, values)].flat();
			return { rows: results.flatMap(({ rows }) => rows) };
		}
	};
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

async function withClient<T>(
	pool: pg.Pool,
	begin: string,
	work: (client: pg.PoolClient) => Promise<T>
): Promise<T> {
	const client = await pool.connect();
	let broken: Error | undefined;
	try {
		await client.query(begin);
		const result = await work(client);
		await client.query('commit');
		return result;
	} catch (error) {
		await client.query('rollback').catch((e: Error) => {
			broken = e;
		});
		throw error;
	} finally {
		client.release(broken);
	}
}

/** Writes the counter and the changes last; see `TeamTx.changed`. */
async function writeChanges(tx: Queries, teamId: string, changes: Change[]): Promise<number> {
	const rows = changes.map((c, n) => ({
		n,
		entity: c.entity,
		entity_id: c.id,
		owner_id: c.ownerId ?? null,
		bot_id: c.botId ?? null,
		op: c.op ?? 'upsert'
	}));
	const { version } = await tx.one<{ version: number }>(sql`
		with t as (update teams set version = version + 1 where id = ${teamId} returning version),
			c as (
				insert into changes (team_id, version, n, entity, entity_id, owner_id, bot_id, op)
				select ${teamId}, t.version, r.n, r.entity, r.entity_id, r.owner_id, r.bot_id, r.op
				from t, jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
					as r (n int, entity text, entity_id uuid, owner_id uuid, bot_id uuid, op text)
			)
		select version from t`);
	return version;
}

/**
 * Opens the run-time pool. `url` must log in as the role bound by row security.
 * Nothing is queried until the first use.
 */
export function openDb(url: string, options: { max?: number } = {}): Db {
	const pool = new pg.Pool({ connectionString: url, max: options.max ?? 10 });
	const committed = new Set<CommitListener>();
	const lost = new Set<(error: Error) => void>();
	// Without a listener a server that goes away would end the process (57P01).
	pool.on('error', (error) => {
		for (const listener of lost) listener(error);
	});
	return {
		person: queriesOver(pool),
		personTx: (work) => withClient(pool, 'begin', (client) => work(queriesOver(client))),
		async team(teamId, work) {
			if (!UUID.test(teamId)) throw new Error('a team id must be a UUID');
			const changes: Change[] = [];
			const effects: ((version: number | null) => void)[] = [];
			let version: number | null = null;
			const begin = `begin; select set_config('app.team', '${teamId}', true)`;
			const result = await withClient(pool, begin, async (client) => {
				const queries = queriesOver(client);
				const tx: TeamTx = {
					...queries,
					teamId,
					changed: (change) => changes.push(change),
					afterCommit: (effect) => effects.push(effect)
				};
				const value = await work(tx);
				if (changes.length > 0) version = await writeChanges(queries, teamId, changes);
				return value;
			});
			if (version !== null) for (const listener of committed) listener(teamId, version, changes);
			for (const effect of effects) effect(version);
			return result;
		},
		onCommit(listener) {
			committed.add(listener);
			return () => committed.delete(listener);
		},
		onConnectionLost(listener) {
			lost.add(listener);
			return () => lost.delete(listener);
		},
		close: () => pool.end()
	};
}
