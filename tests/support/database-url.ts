import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { withConnection } from '../../api/store/connection.ts';
import { startInFreeFolder } from './database-server.ts';
import { freePorts } from './ports.ts';

const PASSWORD = 'only-for-tests';

/** A database server as an administrator would give it: over TCP, with a password, under a URL. */
export async function startDatabaseUrl(): Promise<{ url: string; stop(): Promise<void> }> {
	const [port] = await freePorts(1);
	const settings = { listen_addresses: '127.0.0.1', port: String(port) };
	const server = await startInFreeFolder(settings);
	const user = new URL(server.superuserUrl).username;
	await withConnection(server.superuserUrl, async (client) => {
		const { rows } = await client.query<{ hba_file: string }>('show hba_file');
		const rules = 'local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n';
		writeFileSync(path.resolve(rows[0]?.hba_file as string), rules);
		await client.query(`alter role ${user} password '${PASSWORD}'`);
		await client.query('select pg_reload_conf()');
	});
	return { url: `postgres://${user}:${PASSWORD}@127.0.0.1:${port}/postgres`, stop: server.stop };
}
