import { beforeEach, expect, test, vi } from 'vitest';
import type { TestResult } from '#contract/notifications.ts';
import { ApiFailure, Offline } from '../../src/lib/sync/failures.ts';

interface Sent {
	method: string;
	path: string;
	body?: unknown;
	signal?: AbortSignal;
}

const server = vi.hoisted(() => ({
	sent: [] as Sent[],
	/** What it says of the test, in turn; the last one stays. */
	says: [] as (Partial<TestResult> | Error)[],
	isGone: false,
	/** Its answer to the next question, once there is one. */
	answer: null as Promise<never> | null
}));

vi.mock('../../src/lib/sync/request.ts', async (original) => ({
	...(await original<object>()),
	async request({ method, path, body, signal }: Sent) {
		if (server.isGone) throw new Offline();
		server.sent.push(body === undefined ? { method, path } : { method, path, body });
		if (method === 'POST' && path === '/api/push/test') return { deliveryId: ID };
		if (method !== 'GET') return {};
		if (server.answer) return Promise.race([server.answer, fired(signal)]);
		const said = server.says.length > 1 ? server.says.shift() : server.says[0];
		if (said instanceof Error) throw said;
		return said;
	}
}));
/** Rejects with the signal's reason once it fires. */
const fired = (signal?: AbortSignal): Promise<never> =>
	new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));

vi.mock('../../src/lib/sync/backoff.ts', () => ({ pause: async () => {} }));
vi.mock('../../src/lib/state/page.svelte.ts', () => ({ thisPage: {} }));
vi.mock('../../src/lib/state/clock.svelte.ts', () => ({ clock: { here: 0 } }));

const ID = '0192f000-0000-7000-8000-000000000001';
const TEAM = '0192f000-0000-7000-8000-000000000002';
const WAITING = { testId: ID, verdict: 'waiting', didRing: null } as const;
const UNCONFIRMED = { testId: ID, verdict: 'not confirmed', didRing: null } as const;
const OPENED = { method: 'POST', path: '/api/push/opened', body: { deliveryId: ID } };
const ASKED = { method: 'GET', path: `/api/push/test?id=${ID}` };

/** A page that was just loaded at this address. */
async function load(search: string) {
	vi.resetModules();
	vi.stubGlobal('location', { search });
	const { RingTest } = await import('../../src/lib/state/ring-test.svelte.ts');
	const { reportOpened } = await import('../../src/lib/push/report.ts');
	return { ring: new RingTest(), reportOpened };
}

beforeEach(() => {
	server.sent = [];
	server.isGone = false;
	server.answer = null;
});

test('a page that a test led to says that it was opened, and then asks what came of it', async () => {
	server.says = [WAITING, UNCONFIRMED];
	const { ring } = await load(`?test=${ID}`);
	await ring.resume(ID);
	expect(server.sent).toEqual([OPENED, ASKED, ASKED]);
	expect([ring.result, ring.isBusy]).toEqual([UNCONFIRMED, false]);
});

test('the question of a test that another page sent is answered here', async () => {
	server.says = [UNCONFIRMED, { ...UNCONFIRMED, didRing: false }];
	const { ring } = await load(`?test=${ID}`);
	await ring.resume(ID);
	await ring.say(false);
	expect(server.sent.slice(2)).toEqual([
		{ method: 'PUT', path: '/api/push/test', body: { id: ID, didRing: false } },
		ASKED
	]);
	expect(ring.result?.didRing).toBe(false);
});

test('a test of somebody else’s is told as such, and another one can be sent', async () => {
	server.says = [new ApiFailure({ code: 'not_found', message: 'There is no such test.' })];
	const { ring } = await load(`?test=${ID}`);
	await expect(ring.resume(ID)).rejects.toThrow('There is no such test.');
	expect([ring.result, ring.isBusy]).toEqual([null, false]);
});

test('who stops a test while it is asked for takes the question back too, and is told of no fault', async () => {
	const answer = Promise.withResolvers<never>();
	server.answer = answer.promise;
	const { ring } = await load('');
	const run = ring.run(ID, 10_000);
	await vi.waitFor(() => expect(server.sent).toContainEqual(ASKED));
	await ring.cancel();
	await run;
	expect(server.sent.at(-1)).toEqual({
		method: 'DELETE',
		path: '/api/push/test',
		body: { id: ID }
	});
	expect([ring.result, ring.isBusy]).toEqual([null, false]);
});

test('an answer that comes as the test is stopped, that there is no such test, is no fault', async () => {
	const answer = Promise.withResolvers<never>();
	server.answer = answer.promise;
	const { ring } = await load('');
	const run = ring.run(ID, 10_000);
	await vi.waitFor(() => expect(server.sent).toContainEqual(ASKED));
	answer.reject(new ApiFailure({ code: 'not_found', message: 'There is no such test.' }));
	ring.stop();
	await expect(run).resolves.toBeUndefined();
});

test('that it was opened is said once, and again where there was no connection', async () => {
	const { reportOpened } = await load(`?test=${ID}`);
	server.isGone = true;
	await reportOpened();
	server.isGone = false;
	await reportOpened();
	await reportOpened();
	expect(server.sent).toEqual([OPENED]);
});

test('of a conversation it is said with its team, of any other page nothing', async () => {
	const chat = await load(`?${new URLSearchParams({ team: TEAM, delivery: ID })}`);
	await chat.reportOpened();
	const plain = await load(`?team=${TEAM}`);
	await plain.reportOpened();
	expect(server.sent).toEqual([{ ...OPENED, body: { teamId: TEAM, deliveryId: ID } }]);
});
