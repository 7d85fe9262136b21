import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { installJobSchema } from '../../api/jobs/schema.ts';
import { withConnection } from '../../api/store/connection.ts';
import { migrate, readMigrations } from '../../api/store/migrate.ts';
import { ensureRuntimeRole } from '../../api/store/roles.ts';

export interface TestDatabase {
	/** Logs in as the run-time role, bound by row security. */
	url: string;
	/** Logs in as the role that owns the tables; no superuser either. */
	ownerUrl: string;
	drop(): Promise<void>;
}

const OWNER = 'bellhop_owner';
const PASSWORD = 'only-for-tests';
const TEMPLATE_LOCK = 727_275;

/**
 * A fresh, migrated, empty database, for one test file. On the run's own server, or on the one that
 * TEST_DATABASE_URL names (a superuser, or a role with CREATEDB and CREATEROLE).
 */
export async function testDatabase(): Promise<TestDatabase> {
	const { serverUrl, ownerUrl } = await ownerOf(serverFromEnvironment());
	const template = await ensureTemplate(serverUrl, ownerUrl);
	const name = `test_${randomBytes(6).toString('hex')}`;
	await onServer(serverUrl, (client) =>
		client.query(`create database ${name} owner ${userOf(ownerUrl)} template ${template}`)
	);
	return {
		// The template's role: its grants were copied with the tables.
		url: urlWith(ownerUrl, { database: name, user: `${template}_run` }),
		ownerUrl: urlWith(ownerUrl, { database: name }),
		async drop() {
			await onServer(serverUrl, (client) => client.query(`drop database ${name} with (force)`));
		}
	};
}

/** An empty database without any migration, for the tests of the migrations. */
export async function emptyDatabase(): Promise<
	Omit<TestDatabase, 'url'> & { superuserUrl: string }
> {
	const { serverUrl, ownerUrl } = await ownerOf(serverFromEnvironment());
	const name = `test_${randomBytes(6).toString('hex')}`;
	await onServer(serverUrl, (client) =>
		client.query(`create database ${name} owner ${userOf(ownerUrl)}`)
	);
	return {
		superuserUrl: urlWith(serverUrl, { database: name }),
		ownerUrl: urlWith(ownerUrl, { database: name }),
		async drop() {
			await onServer(serverUrl, async (client) => {
				await client.query(`drop database ${name} with (force)`);
				await client.query(`drop role if exists ${name}_run`);
			});
		}
	};
}

function serverFromEnvironment(): string {
	const url = process.env.TEST_DATABASE_URL;
	if (!url)
		throw new Error('TEST_DATABASE_URL is not set: tests/support/database-server.ts sets it');
	return url;
}

/** As a superuser the tables get an owner who is none, as in real life; else whoever logs in owns them. */
async function ownerOf(serverUrl: string): Promise<{ serverUrl: string; ownerUrl: string }> {
	const isSuperuser = await onServer(serverUrl, async (client) => {
		const { rows } = await client.query(
			'select rolsuper from pg_roles where rolname = current_user'
		);
		if (!rows[0].rolsuper) return false;
		const { rowCount } = await client.query('select from pg_roles where rolname = $1', [OWNER]);
		const verb = rowCount === 0 ? 'create' : 'alter';
		await client.query(`${verb} role ${OWNER} login createrole password '${PASSWORD}'`);
		return true;
	});
	const ownerUrl = isSuperuser ? urlWith(serverUrl, { user: OWNER }) : serverUrl;
	return { serverUrl, ownerUrl };
}

/** The database that all others are copied from, named after what made it. */
async function ensureTemplate(serverUrl: string, ownerUrl: string): Promise<string> {
	const hash = createHash('sha256').update(JSON.stringify(readMigrations()));
	for (const file of ['jobs/schema.ts', 'store/roles.ts']) hash.update(readFileSync(`api/${file}`));
	const name = `template_${hash.digest('hex').slice(0, 12)}`;
	const isThere = await onServer(serverUrl, (client) => exists(client, name));
	if (isThere) return name;
	await onServer(serverUrl, async (client) => {
		if (await exists(client, name)) return;
		const draft = `${name}_draft`;
		await client.query(`drop database if exists ${draft} with (force)`);
		await client.query(`create database ${draft} owner ${userOf(ownerUrl)}`);
		const draftUrl = urlWith(ownerUrl, { database: draft });
		await migrate(draftUrl);
		await installJobSchema(draftUrl);
		await ensureRuntimeRole({ ownerUrl: draftUrl, password: PASSWORD, role: `${name}_run` });
		await client.query(`alter database ${draft} rename to ${name}`);
	});
	return name;
}

async function exists(client: pg.Client, database: string): Promise<boolean> {
	return (
		(await client.query('select from pg_database where datname = $1', [database])).rowCount !== 0
	);
}

/** One at a time among all workers: roles and databases are the whole server's. */
function onServer<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
	return withConnection(url, async (client) => {
		await client.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK]);
		return work(client);
	});
}

const userOf = (url: string): string => new URL(url).username;

function urlWith(from: string, { user, database }: { user?: string; database?: string }): string {
	const url = new URL(from);
	if (user) url.username = user;
	if (user && url.password) url.password = PASSWORD;
	if (database) url.pathname = `/${database}`;
	return url.href;
}
