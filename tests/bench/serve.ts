// One server of the benchmark in a process of its own: `app` is all of Bellhop, `bare` a Hono that reads the same JSON.

import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { testApp } from '../support/app.ts';
import { startDatabaseUrl } from '../support/database-url.ts';

/** Told to the parent once it listens. */
export interface Ready {
	port: number;
	teamId: string;
	cookies: string[];
	visitors: string[];
}

const AGENTS = Number(process.argv[3] ?? 0);
const VISITORS = 20;

async function listen(fetch: Hono['fetch']): Promise<number> {
	const server = createAdaptorServer({ fetch });
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return (server.address() as AddressInfo).port;
}

async function app(): Promise<Ready> {
	const database = await startDatabaseUrl();
	process.env.TEST_DATABASE_URL = database.url;
	const bellhop = await testApp({ config: { trustedProxies: ['127.0.0.1'] } });
	process.once('disconnect', async () => {
		await bellhop.close();
		await database.stop();
		process.exit();
	});
	const team = await bellhop.newTeam();
	const cookies: string[] = [];
	for (let n = 0; n < AGENTS; n++) cookies.push((await bellhop.signedInAgent({ team })).cookie);
	const visitors: string[] = [];
	for (let n = 0; n < VISITORS; n++) visitors.push((await bellhop.newVisitor({ team })).token);
	// The loop that writes what was proved belongs to what a beat costs.
	bellhop.deps.presence.start();
	return {
		port: await listen(bellhop.app.fetch as Hono['fetch']),
		teamId: team.id,
		cookies,
		visitors
	};
}

async function bare(): Promise<Ready> {
	process.once('disconnect', () => process.exit());
	const hono = new Hono().post('*', async (c) => {
		const body = await c.req.json();
		return c.json({ ok: body !== null });
	});
	return { port: await listen(hono.fetch), teamId: '', cookies: [], visitors: [] };
}

process.send?.(await (process.argv[2] === 'bare' ? bare() : app()));
