import { mkdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { withConnection } from '../../api/store/connection.ts';
import {
	type EmbeddedPostgres,
	FolderInUse,
	startEmbeddedPostgres
} from '../../api/store/embedded-postgres.ts';

const WITHOUT_DATABASE = new Set(['unit', 'sw']);

/** One database server a run, unless TEST_DATABASE_URL names one. The workers find it in their environment. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
	const isNeeded = project.vitest.projects.some(({ name }) => !WITHOUT_DATABASE.has(name));
	if (!isNeeded || process.env.TEST_DATABASE_URL) return undefined;
	const server = await startInFreeFolder();
	await dropLeftovers(server.superuserUrl);
	process.env.TEST_DATABASE_URL = server.superuserUrl;
	return () => server.stop();
}

/**
 * A few folders are kept between runs, so that a server is created and migrated seldom; each serves one run
 * at a time. `settings` are PostgreSQL's own.
 */
export async function startInFreeFolder(
	settings: Record<string, string> = {}
): Promise<EmbeddedPostgres> {
	// Short, for the sake of the socket's path.
	const parent = path.join(tmpdir(), `bellhop-test-${userInfo().uid}`);
	mkdirSync(parent, { recursive: true, mode: 0o700 });
	for (let n = 0; ; n++) {
		try {
			return await startEmbeddedPostgres(path.join(parent, String(n)), settings);
		} catch (error) {
			if (!(error instanceof FolderInUse)) throw error;
		}
	}
}

/** Databases of a run that was killed. Templates stay: their names say which migrations they hold. */
async function dropLeftovers(superuserUrl: string): Promise<void> {
	await withConnection(superuserUrl, async (client) => {
		const { rows } = await client.query<{ name: string }>(
			String.raw`select datname as name from pg_database where datname like 'test\_%'`
		);
		for (const { name } of rows) await client.query(`drop database "${name}" with (force)`);
	});
}
