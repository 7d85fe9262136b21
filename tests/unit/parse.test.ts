import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { afterAll, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { LIMITS } from '#contract/limits.ts';
import { onError, type RequestId } from '../../api/http/errors.ts';
import { parseJson, parseQuery } from '../../api/http/parse.ts';

const quiet = { info() {}, warn() {}, error() {} };
const Body = z.strictObject({ text: z.string() });
const app = new Hono<RequestId>()
	.onError(onError(quiet))
	.post('/', async (c) => c.json(await parseJson(c, Body)))
	.post('/beacon', async (c) => c.json(await parseJson(c, Body, 'text/plain')))
	.get('/', (c) => c.json(parseQuery(c, z.strictObject({ q: z.optional(z.string()) }))));

const post = (body: BodyInit, headers: Record<string, string> = {}, path = '/') =>
	app.request(path, {
		method: 'POST',
		body,
		headers: { 'Content-Type': 'application/json', ...headers },
		...({ duplex: 'half' } as RequestInit)
	});

/** An endless body, of which `taken` counts the chunks that somebody asked for. */
function endless(chunkBytes: number) {
	const source = { taken: 0 };
	const body = new ReadableStream<Uint8Array>(
		{
			pull(controller) {
				source.taken++;
				controller.enqueue(new Uint8Array(chunkBytes).fill(0x20));
			}
		},
		{ highWaterMark: 0 }
	);
	return { source, body };
}

describe('a JSON body', () => {
	test.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON'])(
		'is read as %s',
		async (type) => {
			const response = await post('{"text":"Grüße 👋"}', { 'Content-Type': type });
			expect(await response.json()).toEqual({ text: 'Grüße 👋' });
		}
	);

	test('of a beacon is text/plain and nothing else', async () => {
		const text = { 'Content-Type': 'text/plain;charset=UTF-8' };
		expect((await post('{"text":"a"}', text, '/beacon')).status).toBe(200);
		expect((await post('{"text":"a"}', {}, '/beacon')).status).toBe(400);
		expect((await post('{"text":"a"}', text)).status).toBe(400);
	});

	test('is read no further than the limit', async () => {
		const { source, body } = endless(64 * 1024);
		expect((await post(body)).status).toBe(413);
		expect(source.taken).toBeLessThanOrEqual(LIMITS.bodyBytes / (64 * 1024) + 2);
	});

	test('that says it is too long is not read at all', async () => {
		const { source, body } = endless(1024);
		const length = { 'Content-Length': String(LIMITS.bodyBytes + 1) };
		expect((await post(body, length)).status).toBe(413);
		expect(source.taken).toBe(0);
	});

	test('of exactly the limit is taken', async () => {
		const text = 'x'.repeat(LIMITS.bodyBytes - '{"text":""}'.length);
		expect((await post(JSON.stringify({ text }))).status).toBe(200);
		expect((await post(JSON.stringify({ text: `${text}x` }))).status).toBe(413);
	});

	test.each([
		['is cut short within a character', new Uint8Array([0x22, 0xf0, 0x9f])],
		['is Latin-1', new Uint8Array([0x7b, 0x22, 0xe4, 0x22, 0x7d])]
	])('that %s is refused, not altered', async (_, bytes) => {
		const response = await post(bytes);
		expect(response.status).toBe(400);
		expect(await response.json()).toMatchObject({ error: { field: 'body', remedy: /UTF-8/ } });
	});

	test.each(['{"text":"a","__proto__":{}}', '{"text":"a","constructor":1}'])(
		'with a name of the language is refused as unknown: %s',
		async (text) => expect((await post(text)).status).toBe(400)
	);
});

describe.each([
	['in one piece', (bytes: Uint8Array<ArrayBuffer>) => bytes],
	[
		'in chunks of no announced number',
		(bytes: Uint8Array<ArrayBuffer>) => new Blob([bytes]).stream()
	]
])('a JSON body that comes over a connection %s', async (_, bodyOf) => {
	const server = createAdaptorServer({ fetch: app.fetch }).listen(0, '127.0.0.1');
	await once(server, 'listening');
	afterAll(() => server.close());
	const { port } = server.address() as AddressInfo;
	const send = (bytes: Uint8Array<ArrayBuffer>) =>
		fetch(`http://127.0.0.1:${port}/`, {
			method: 'POST',
			body: bodyOf(bytes),
			headers: { 'Content-Type': 'application/json' },
			duplex: 'half'
		} as RequestInit);
	const json = (text: string) => new TextEncoder().encode(JSON.stringify({ text }));

	test('is read', async () => {
		const response = await send(json('Grüße 👋'));
		expect(await response.json()).toEqual({ text: 'Grüße 👋' });
	});

	test('is taken up to the limit', async () => {
		const text = 'x'.repeat(LIMITS.bodyBytes - '{"text":""}'.length);
		expect((await send(json(text))).status).toBe(200);
		expect((await send(json(`${text}x`))).status).toBe(413);
	});

	test('is refused where it is not UTF-8, empty or not JSON', async () => {
		for (const bytes of [[0x7b, 0x22, 0xe4, 0x22, 0x7d], [0x22, 0xf0, 0x9f], [], [0x7b]])
			expect((await send(new Uint8Array(bytes))).status).toBe(400);
	});
});

test('a query is parsed by name, each once', async () => {
	expect(await (await app.request('/?q=a%20b')).json()).toEqual({ q: 'a b' });
	expect((await app.request('/?q=a&q=b')).status).toBe(400);
	expect((await app.request('/?q=%00')).status).toBe(400);
});
