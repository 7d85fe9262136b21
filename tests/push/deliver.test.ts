import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { Agent, buildConnector } from 'undici';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createDeliverer } from '../../api/push/deliver.ts';
import { post } from '../../api/push/https-post.ts';
import { type Certificate, makeCertificate } from '../support/certificate.ts';
import { startProxy } from '../support/push/proxy.ts';
import { createReceiver } from '../support/push/receiver.ts';

const HOST = 'fcm.googleapis.com';

let certificate: Certificate;
beforeAll(() => {
	certificate = makeCertificate([HOST]);
});
afterAll(() => certificate?.remove());

/** A push service that answers as it is told, behind a proxy that leads there alone. */
async function service(listener: RequestListener) {
	const server = createServer(certificate, listener);
	await once(server.listen(0, '127.0.0.1'), 'listening');
	const proxy = await startProxy({ [HOST]: (server.address() as AddressInfo).port });
	const deliverer = createDeliverer({ proxy: proxy.url, ca: certificate.ca, timeoutMs: 500 });
	const receiver = createReceiver();
	return {
		proxy,
		receiver,
		push: (endpoint = `https://${HOST}/fcm/send/x`) =>
			deliverer.deliver({
				subscription: { endpoint, keys: receiver.keys },
				payload: 'hello',
				ttlSeconds: 60,
				topic: 'a'.repeat(20),
				authorization: 'vapid t=x, k=y'
			}),
		close() {
			deliverer.close();
			proxy.close();
			server.closeAllConnections();
			server.close();
		}
	};
}

describe('a delivery', () => {
	test('carries what push services ask for, encrypted, on a connection that is kept', async () => {
		const seen: { headers: Record<string, unknown>; body: Buffer }[] = [];
		const { push, proxy, receiver, close } = await service(async (request, response) => {
			const body: Buffer[] = [];
			for await (const chunk of request) body.push(chunk);
			seen.push({ headers: request.headers, body: Buffer.concat(body) });
			response.writeHead(201).end();
		});
		for (let i = 0; i < 3; i++)
			expect(await push()).toEqual({ kind: 'answered', status: 201, retryAfter: null, body: '' });
		expect(seen[0]?.headers).toMatchObject({
			ttl: '60',
			urgency: 'high',
			topic: 'a'.repeat(20),
			'content-encoding': 'aes128gcm',
			authorization: 'vapid t=x, k=y'
		});
		expect(seen.map(({ body }) => receiver.decrypt(body))).toEqual(['hello', 'hello', 'hello']);
		expect(proxy.connected).toHaveLength(1);
		close();
	});

	test('follows no redirect', async () => {
		let requests = 0;
		const { push, proxy, close } = await service((_, response) => {
			requests++;
			response.writeHead(302, { location: `https://${HOST}/elsewhere` }).end();
		});
		expect(await push()).toMatchObject({ kind: 'answered', status: 302 });
		expect(requests).toBe(1);
		expect(proxy.refused).toEqual([]);
		close();
	});

	test('reads a few kilobytes of the answer, whatever is sent', async () => {
		const { push, close } = await service((_, response) => {
			response.writeHead(400);
			const more = () => {
				while (!response.destroyed && response.write('x'.repeat(16_384)));
			};
			response.on('drain', more);
			more();
		});
		const answer = await push();
		expect(answer).toMatchObject({ kind: 'answered', status: 400 });
		expect(answer.kind === 'answered' && answer.body.length).toBeLessThan(100_000);
		close();
	});

	test('without an answer is one that may have arrived', async () => {
		const silent = await service(() => {});
		expect(await silent.push()).toMatchObject({ kind: 'ambiguous' });
		silent.close();
		const broken = await service((request) => request.socket.destroy());
		expect(await broken.push()).toMatchObject({ kind: 'ambiguous' });
		broken.close();
	});

	/** A service without a proxy before it, and its connections; `onConnect` sees the agent's end of each. */
	async function direct(onConnect: (socket: Socket) => void = () => {}) {
		const connections: Socket[] = [];
		let requests = 0;
		const server = createServer(certificate, (request, response) => {
			requests++;
			request.resume().once('end', () => response.writeHead(201).end());
		});
		server.on('connection', (socket: Socket) => connections.push(socket));
		await once(server.listen(0, '127.0.0.1'), 'listening');
		const { port } = server.address() as AddressInfo;
		const connect = buildConnector({ ca: certificate.ca, servername: HOST, allowH2: false });
		const agent = new Agent({
			connect: (options, done) =>
				connect(options, (...given) => {
					if (given[1]) onConnect(given[1]);
					done(...given);
				})
		});
		return {
			connections,
			requests: () => requests,
			push: () =>
				post(agent, {
					url: `https://127.0.0.1:${port}/`,
					headers: {},
					body: 'x',
					timeoutMs: 5_000
				}),
			async close() {
				await agent.destroy();
				server.close();
			}
		};
	}

	test('over a connection that had broken before is one that has not, unless another one is taken at once', async () => {
		const { connections, push, close } = await direct();
		expect(await push()).toMatchObject({ kind: 'answered', status: 201 });
		await setImmediate();
		expect(await push()).toMatchObject({ kind: 'answered', status: 201 });
		await setImmediate();
		expect(connections).toHaveLength(1);
		connections[0]?.resetAndDestroy();
		// As the system tells of it before the request is written or as it is.
		expect((await push()).kind).not.toBe('ambiguous');
		expect(await push()).toMatchObject({ kind: 'answered', status: 201 });
		expect(connections.length).toBeGreaterThan(1);
		await close();
	});

	test('that the system did not take is one that has not', async () => {
		const { push, close } = await direct((socket) => {
			socket._writev = (_, done) =>
				done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' }));
		});
		expect(await push()).toEqual({ kind: 'unreached', reason: 'EPIPE' });
		await close();
	});

	test('that is called off before there is a connection never leaves', async () => {
		const { connections, requests, push, close } = await direct();
		vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
		const late = push();
		vi.advanceTimersByTime(5_000);
		vi.useRealTimers();
		expect(await late).toEqual({ kind: 'unreached', reason: 'no answer in time' });
		await vi.waitFor(() => expect(connections.map(({ destroyed }) => destroyed)).toEqual([true]));
		expect(requests()).toBe(0);
		await close();
	});

	test('without a connection is one that has not', async () => {
		const { push, proxy, close } = await service(() => {});
		proxy.close();
		expect(await push()).toMatchObject({ kind: 'unreached' });
		close();
		const untrusted = createDeliverer({
			resolve: async () => [{ address: '127.0.0.1', family: 4 }]
		});
		const subscription = { endpoint: `https://${HOST}/x`, keys: createReceiver().keys };
		const given = { subscription, payload: 'x', ttlSeconds: 1, authorization: '' };
		expect(await untrusted.deliver(given)).toEqual({
			kind: 'unreached',
			reason: 'PRIVATE_ADDRESS'
		});
		untrusted.close();
	});

	test('to a host that is no push service does not even connect', async () => {
		const { push, proxy, close } = await service(() => {});
		for (const endpoint of ['https://evil.example/x', `https://${HOST}:8443/x`, `http://${HOST}/x`])
			expect(await push(endpoint)).toMatchObject({ kind: 'unreached' });
		expect(proxy.connected).toEqual([]);
		expect(proxy.refused).toEqual([]);
		close();
	});
});
