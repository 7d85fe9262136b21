import { createHmac } from 'node:crypto';
import path from 'node:path';
import type { Config } from './config.ts';
import { installJobSchema } from './jobs/schema.ts';
import { withConnection } from './store/connection.ts';
import { startEmbeddedPostgres } from './store/embedded-postgres.ts';
import { migrate } from './store/migrate.ts';
import { ensureRuntimeRole } from './store/roles.ts';

export interface Database {
	/** The run-time pool's URL. */
	url: string;
	/** The run-time role straight to the server, for LISTEN; undefined where no other process can exist. */
	directUrl: string | undefined;
	isEmbedded: boolean;
	stop(): Promise<void>;
}

/** PostgreSQL 15: `server_version_num`. */
const OLDEST = 150_000;

/**
 * Starts or reaches the database and brings its schema and roles to what this code needs.
 * @throws one line that says what is wrong and what to do.
 */
export async function openDatabase(config: Config, secretKey: string): Promise<Database> {
	if (config.databaseUrl) return openGiven(config, config.databaseUrl, secretKey);
	const server = await startEmbeddedPostgres(path.join(config.dataDir, 'postgres'));
	try {
		const url = await prepare({ ownerUrl: server.ownerUrl, password: null });
		return { url, directUrl: undefined, isEmbedded: true, stop: server.stop };
	} catch (error) {
		await server.stop();
		throw error;
	}
}

async function openGiven(config: Config, url: string, secretKey: string): Promise<Database> {
	const name = config.databaseDirectUrl ? 'DATABASE_DIRECT_URL' : 'DATABASE_URL';
	const ownerUrl = config.databaseDirectUrl ?? url;
	await checkServer(name, ownerUrl);
	// Derived, so that every process has the same one and nothing needs to be kept.
	const password = createHmac('sha256', secretKey).update('run-time role').digest('hex');
	const role = { ownerUrl, password, runUrl: config.databaseRunUrl };
	const runUrl = await prepare({ ...role, poolUrl: url });
	return { url: runUrl, directUrl: directOf(runUrl, ownerUrl), isEmbedded: false, async stop() {} };
}

async function prepare(role: Parameters<typeof ensureRuntimeRole>[0]): Promise<string> {
	await migrate(role.ownerUrl);
	await installJobSchema(role.ownerUrl);
	return ensureRuntimeRole(role);
}

async function checkServer(name: string, url: string): Promise<void> {
	const version = await withConnection(url, async (client) => {
		const { rows } = await client.query<{ version: string }>(
			"select current_setting('server_version_num') as version"
		);
		return Number(rows[0]?.version);
	}).catch((error: Error) => {
		throw new Error(
			`${name} does not work: ${reasonOf(error)}. Check host, port, user, password and database`,
			{ cause: error }
		);
	});
	if (version < OLDEST)
		throw new Error(`${name} is PostgreSQL ${Math.floor(version / 10_000)}: use 15 or newer`);
}

/** A refused connection to a host with several addresses carries its reasons inside. */
const reasonOf = (error: Error): string =>
	error instanceof AggregateError
		? error.errors.map((inner: Error) => inner.message).join(', ')
		: error.message;

/** The run-time role at the address without a pooler. */
function directOf(runUrl: string, ownerUrl: string): string {
	const url = new URL(ownerUrl);
	const run = new URL(runUrl);
	url.username = run.username;
	url.password = run.password;
	return url.href;
}
