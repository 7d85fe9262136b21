import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '#contract/ids.ts';
import { WidgetSessionResponse, WidgetState } from '#contract/widget.ts';
import { dataFolder, freePorts, type Server, startServer } from '../support/server.ts';

const KILLS = process.env.NIGHTLY ? 20 : 3;
const VISITORS = 6;

let folder: ReturnType<typeof dataFolder>;
let env: Record<string, string>;
let origin: string;
let website: string;
let server: Server;

beforeAll(async () => {
	folder = dataFolder();
	const ports = await freePorts();
	env = { ...ports, DATA_DIR: folder.path };
	origin = `http://localhost:${ports.PORT}`;
	website = `http://127.0.0.1:${ports.DEMO_PORT}`;
	server = await startServer(env);
});
afterAll(async () => {
	await server.stop();
	folder.remove();
});

/** A visitor who writes without pause and remembers what was acknowledged. */
interface Writer {
	headers: Record<string, string>;
	conversationId: string;
	acknowledged: string[];
	written: string[];
}

const post = (path: string, headers: Record<string, string>, body: unknown) =>
	fetch(`${origin}/api/widget/${path}`, {
		method: 'POST',
		headers: { 'Content-Type': 'application/json', Origin: origin, ...headers },
		body: JSON.stringify(body)
	});

async function demoBot(): Promise<string> {
	const html = await (await fetch(website)).text();
	return /data-bot="([0-9a-f-]{36})"/.exec(html)?.[1] ?? '';
}

async function arrive(botId: string): Promise<Writer> {
	const answer = await post('session', {}, { botId, hostOrigin: website });
	const { token } = WidgetSessionResponse.parse(await answer.json());
	return {
		headers: { Authorization: `Bearer ${token}` },
		conversationId: newId(),
		acknowledged: [],
		written: []
	};
}

/** Writes until the server is gone; an answer that did not come proves nothing. */
async function writeUntilGone(writer: Writer): Promise<void> {
	for (;;) {
		const id = newId();
		writer.written.push(id);
		const body = { conversationId: writer.conversationId, id, body: `Message ${id}` };
		const answer = await post('messages', writer.headers, body).catch(() => null);
		if (!answer) return;
		if (answer.ok) writer.acknowledged.push(id);
		else if (answer.status !== 429) throw new Error(`${answer.status} ${await answer.text()}`);
	}
}

async function kept(writer: Writer): Promise<string[]> {
	const answer = await fetch(`${origin}/api/widget/state?after=0`, { headers: writer.headers });
	const { messages } = WidgetState.parse(await answer.json());
	return messages.filter(({ authorKind }) => authorKind === 'visitor').map(({ id }) => id);
}

test('a server that is killed under load has kept every acknowledged message, and none twice', async () => {
	const botId = await demoBot();
	const writers = await Promise.all(Array.from({ length: VISITORS }, () => arrive(botId)));
	for (let round = 0; round < KILLS; round++) {
		const seed = Math.random();
		const writing = writers.map(writeUntilGone);
		const before = writers.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
		const wanted = before + 1 + Math.floor(seed * 60);
		await expect
			.poll(() => writers.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0), {
				interval: 1,
				timeout: 60_000
			})
			.toBeGreaterThanOrEqual(wanted);
		server.process.kill('SIGKILL');
		await server.exited;
		await Promise.all(writing);

		server = await startServer(env);
		for (const writer of writers) {
			const ids = await kept(writer);
			expect(new Set(ids).size, `seed ${seed}`).toBe(ids.length);
			expect(
				writer.acknowledged.filter((id) => !ids.includes(id)),
				`seed ${seed}`
			).toEqual([]);
			expect(
				ids.filter((id) => !writer.written.includes(id)),
				`seed ${seed}`
			).toEqual([]);
		}
	}
});
