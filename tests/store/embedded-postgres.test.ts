import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withConnection } from '../../api/store/connection.ts';
import { FolderInUse, startEmbeddedPostgres } from '../../api/store/embedded-postgres.ts';

let root: string;

beforeEach(() => {
	root = mkdtempSync(path.join(tmpdir(), 'bellhop-pg-'));
});
afterEach(() => rmSync(root, { recursive: true }));

test('what was written is there after a restart, and the owner is no superuser', async () => {
	const first = await startEmbeddedPostgres(root);
	await withConnection(first.ownerUrl, (c) => c.query('create table kept (id int)'));
	await first.stop();
	const second = await startEmbeddedPostgres(root);
	await withConnection(second.ownerUrl, async (client) => {
		const { rows } = await client.query(
			'select rolsuper, (select count(*)::int from kept) as n from pg_roles where rolname = current_user'
		);
		expect(rows).toEqual([{ rolsuper: false, n: 0 }]);
	});
	await second.stop();
});

test('nobody else can reach the folder of the socket, and nothing listens on the network', async () => {
	const server = await startEmbeddedPostgres(root);
	expect(statSync(path.join(root, 'run')).mode & 0o777).toBe(0o700);
	await withConnection(server.superuserUrl, async (client) => {
		const { rows } = await client.query('show listen_addresses');
		expect(rows).toEqual([{ listen_addresses: '' }]);
	});
	await server.stop();
});

test('a second starter on the same folder is told so while the first one runs, and not after', async () => {
	const first = await startEmbeddedPostgres(root);
	await expect(startEmbeddedPostgres(root)).rejects.toThrow(FolderInUse);
	await first.stop();
	const second = await startEmbeddedPostgres(root);
	await second.stop();
});

test('a server that is killed is started again', async () => {
	const server = await startEmbeddedPostgres(root);
	const pidOf = () =>
		withConnection(server.superuserUrl, async (client) => {
			// The postmaster is the parent of every session.
			const { rows } = await client.query(
				"select split_part(pg_read_file('postmaster.pid'), E'\\n', 1) as pid"
			);
			return Number(rows[0].pid);
		});
	const before = await pidOf();
	process.kill(before, 'SIGKILL');
	await expect.poll(() => pidOf().catch(() => before), { timeout: 20_000 }).not.toBe(before);
	await server.stop();
});

test('a path too long for a socket is refused before anything is made', async () => {
	const long = path.join(root, 'x'.repeat(100));
	await expect(startEmbeddedPostgres(long)).rejects.toThrow(/too long a path/);
});
