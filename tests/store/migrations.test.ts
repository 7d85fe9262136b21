import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { installJobSchema } from '../../api/jobs/schema.ts';
import { withConnection } from '../../api/store/connection.ts';
import { MIGRATIONS, migrate, readMigrations } from '../../api/store/migrate.ts';
import { emptyDatabase } from '../support/database.ts';

let database: Awaited<ReturnType<typeof emptyDatabase>>;
let folder: string;

beforeEach(async () => {
	database = await emptyDatabase();
	folder = mkdtempSync(path.join(tmpdir(), 'bellhop-migrations-'));
	cpSync(MIGRATIONS, folder, { recursive: true });
});
afterEach(async () => {
	rmSync(folder, { recursive: true });
	await database.drop();
});

const names = () => readMigrations(folder).map(({ name }) => name);
const tables = () =>
	withConnection(database.ownerUrl, async (client) => {
		const { rows } = await client.query<{ name: string }>(
			"select tablename as name from pg_tables where schemaname = 'public'"
		);
		return rows.map(({ name }) => name);
	});

test('an empty database gets every migration, in order and once', async () => {
	expect(await migrate(database.ownerUrl, folder)).toEqual(names());
	expect(await migrate(database.ownerUrl, folder)).toEqual([]);
	expect(await tables()).toContain('conversations');
});

test('a later migration is applied alone', async () => {
	await migrate(database.ownerUrl, folder);
	writeFileSync(path.join(folder, '9998_later.sql'), 'create table later (id uuid primary key);');
	expect(await migrate(database.ownerUrl, folder)).toEqual(['9998_later.sql']);
	expect(await tables()).toContain('later');
});

test('a database migrated step by step has the same schema as a fresh one', async () => {
	writeFileSync(path.join(folder, '9998_later.sql'), 'create table later (id uuid primary key);');
	const all = readMigrations(folder);
	const stepwise = mkdtempSync(path.join(tmpdir(), 'bellhop-steps-'));
	for (const { name, script } of all) {
		writeFileSync(path.join(stepwise, name), script);
		await migrate(database.ownerUrl, stepwise);
	}
	rmSync(stepwise, { recursive: true });
	const fresh = await emptyDatabase();
	await migrate(fresh.ownerUrl, folder);
	expect(await schemaOf(database.ownerUrl)).toEqual(await schemaOf(fresh.ownerUrl));
	await fresh.drop();
});

test('an applied file that was edited is refused, and nothing is applied', async () => {
	await migrate(database.ownerUrl, folder);
	writeFileSync(path.join(folder, names()[0] as string), 'select 1;');
	writeFileSync(path.join(folder, '9998_later.sql'), 'create table later (id uuid primary key);');
	await expect(migrate(database.ownerUrl, folder)).rejects.toThrow(/0001_start\.sql was edited/);
	expect(await tables()).not.toContain('later');
});

test('a database that is newer than the code is refused', async () => {
	writeFileSync(path.join(folder, '9999_future.sql'), 'select 1;');
	await migrate(database.ownerUrl, folder);
	await expect(migrate(database.ownerUrl)).rejects.toThrow(/newer than this Bellhop.*9999_future/);
});

test('a migration that fails leaves nothing behind and says which it was', async () => {
	writeFileSync(path.join(folder, '9998_bad.sql'), 'create table half (id uuid); select 1 / 0;');
	await expect(migrate(database.ownerUrl, folder)).rejects.toThrow(
		/9998_bad\.sql failed: division/
	);
	expect(await tables()).not.toContain('half');
});

test('of many processes that start at once, one migrates and the others find it done', async () => {
	const results = await Promise.all(
		Array.from({ length: 4 }, () => migrate(database.ownerUrl, folder))
	);
	expect(results.flat()).toEqual(names());
});

test('the queue’s tables can be installed by many at once, and again', async () => {
	await Promise.all(Array.from({ length: 3 }, () => installJobSchema(database.ownerUrl)));
	await installJobSchema(database.ownerUrl);
	await withConnection(database.ownerUrl, async (client) => {
		const { rows } = await client.query('select count(*)::int as n from pgboss.version');
		expect(rows).toEqual([{ n: 1 }]);
	});
});

/** Columns, constraints, indexes, policies and functions, as text. */
async function schemaOf(url: string): Promise<unknown[]> {
	return withConnection(url, async (client) => {
		const { rows } = await client.query(`
			select 'column' as kind, table_name || '.' || column_name as name,
				concat_ws(' ', data_type, is_nullable, column_default) as definition
			from information_schema.columns where table_schema = 'public'
			union all
			select 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
			from pg_constraint where connamespace = 'public'::regnamespace
			union all
			select 'index', indexname, indexdef from pg_indexes where schemaname = 'public'
			union all
			select 'policy', tablename || '.' || policyname, concat_ws(' ', roles::text, qual, with_check)
			from pg_policies where schemaname = 'public'
			union all
			select 'function', proname, pg_get_functiondef(oid)
			from pg_proc where pronamespace = 'public'::regnamespace
			order by 1, 2, 3`);
		return rows;
	});
}
