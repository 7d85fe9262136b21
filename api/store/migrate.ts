import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type pg from 'pg';
import { withConnection } from './connection.ts';

export const MIGRATIONS = path.join(import.meta.dirname, 'migrations');

interface Migration {
	name: string;
	script: string;
	sha256: string;
}

/** Any number of processes may start at once: one migrates, the others wait and find it done. */
const LOCK = 727_274;

/**
 * Applies the numbered files of `folder` that the database lacks, each in a transaction of its own.
 * `ownerUrl` logs in as the role that owns the tables, straight to the server (no pooler between).
 * @returns the names applied now.
 * @throws when an applied file was edited, or when the database has migrations that this code does not know.
 */
export async function migrate(ownerUrl: string, folder = MIGRATIONS): Promise<string[]> {
	const known = readMigrations(folder);
	return withConnection(ownerUrl, async (client) => {
		await client.query('select pg_advisory_lock($1)', [LOCK]);
		const applied = await readApplied(client);
		refuseUnknown(known, [...applied.keys()]);
		const missing = known.filter((migration) => isMissing(migration, applied.get(migration.name)));
		for (const migration of missing) await apply(client, migration);
		return missing.map(({ name }) => name);
	});
}

/** The files of `folder` in order. */
export function readMigrations(folder = MIGRATIONS): Migration[] {
	const names = readdirSync(folder).filter((name) => /^\d{4}_\w+\.sql$/.test(name));
	return names.sort().map((name) => {
		const script = readFileSync(path.join(folder, name), 'utf8');
		return { name, script, sha256: createHash('sha256').update(script).digest('hex') };
	});
}

async function readApplied(client: pg.Client): Promise<Map<string, string>> {
	await client.query(`create table if not exists schema_migrations (
		name text primary key,
		sha256 text not null,
		applied_at timestamptz not null default now()
	)`);
	const { rows } = await client.query<{ name: string; sha256: string }>(
		'select name, sha256 from schema_migrations order by name'
	);
	return new Map(rows.map(({ name, sha256 }) => [name, sha256]));
}

function refuseUnknown(known: Migration[], applied: string[]): void {
	const names = new Set(known.map(({ name }) => name));
	const unknown = applied.filter((name) => !names.has(name));
	if (unknown.length > 0)
		throw new Error(
			`the database is newer than this Bellhop (it has ${unknown.join(', ')}): start the newer version`
		);
}

function isMissing(migration: Migration, appliedSha256: string | undefined): boolean {
	if (appliedSha256 !== undefined && appliedSha256 !== migration.sha256)
		throw new Error(
			`the migration ${migration.name} was edited after it had been applied: restore the file and add a new one`
		);
	return appliedSha256 === undefined;
}

async function apply(client: pg.Client, { name, script, sha256 }: Migration): Promise<void> {
	await client.query('begin');
	try {
		await client.query(script);
		const insert = 'insert into schema_migrations (name, sha256) values ($1, $2)';
		await client.query(insert, [name, sha256]);
		await client.query('commit');
	} catch (error) {
		await client.query('rollback');
		throw new Error(`the migration ${name} failed: ${(error as Error).message}`, { cause: error });
	}
}
