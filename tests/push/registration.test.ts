import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { newId } from '#contract/ids.ts';
import type {
	DoctorResponse,
	EventLogRow,
	TestResult,
	WhyResponse
} from '#contract/notifications.ts';
import type { PushDevice } from '#contract/push.ts';
import type { TestApp } from '../support/app.ts';
import { callPerson } from '../support/chat.ts';
import { startPushApp } from '../support/push/app.ts';
import { deviceOf, devicesOf, ledger } from '../support/push/device.ts';
import { createReceiver } from '../support/push/receiver.ts';
import type { PushServices } from '../support/push/services.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let started: Awaited<ReturnType<typeof startPushApp>>;
let services: PushServices;
let app: TestApp;
beforeAll(async () => {
	started = await startPushApp();
	({ services, app } = started);
});
afterAll(() => started?.close());

const json = async <T>(answer: Promise<Response>): Promise<T> => (await answer).json() as T;

/** An agent with a device, and what can be done with it. */
async function world() {
	const agent = await app.signedInAgent({ role: 'owner' });
	const device = await deviceOf(services, agent);
	const token = (n: number) => device.received()[n]?.notification.data.ackToken;
	return {
		agent,
		device,
		ack: (n: number, state: 'shown' | 'opened', more: { waitedMs?: number } = {}) =>
			app.stranger().post('/api/push/ack', { token: token(n), state, ...more }),
		test: async () =>
			(await json<{ deliveryId: string }>(agent.post('/api/push/test', { deviceId: device.id })))
				.deliveryId,
		state: async () => (await devicesOf(agent))[0],
		/** What the doctor says of a layer. */
		async evidence(layer: string) {
			const path = `/api/push/doctor?device=${device.id}`;
			const { rows } = await json<DoctorResponse>(agent.get(path));
			const row = rows.find((one) => one.layer === layer);
			return `${row?.state}: ${row?.evidence}`;
		},
		/** The browser has registered anew, as it does after *Re-enable notifications*. */
		async renew() {
			const key = await json<{ publicKey: string; keyId: string }>(agent.get('/api/push/key'));
			const answer = await agent.put('/api/push/subscription', {
				...{ deviceId: device.id, deviceName: 'Firefox on Linux', keyId: key.keyId },
				endpoint: services.mozilla.register(key.publicKey),
				...{ keys: createReceiver().keys, isStandalone: false }
			});
			expect(answer.status).toBe(200);
		}
	};
}

describe('a registration that takes the place of another', () => {
	test('has nothing that was proved of the one before', async () => {
		const { agent, test, ack, renew, state, evidence } = await world();
		for (const didRing of [true, true, false]) {
			const id = await test();
			if (didRing) await agent.put('/api/push/test', { id, didRing });
		}
		await ack(0, 'shown');
		await ack(1, 'opened');
		expect((await state())?.health).toBe('proved');
		app.clock.advance(1_000);
		await renew();
		const unproved = { lastAcceptedAt: null, lastShownAt: null, lastShownLatencyMs: null };
		expect(await state()).toMatchObject({ ...unproved, lastOpenedAt: null, health: 'unproved' });
		expect(await evidence('push service')).toContain('has not been asked yet');
		expect(await evidence('acknowledgement')).toContain('unknown: ');
		// What the one before was sent is reported late.
		expect((await ack(2, 'shown')).status).toBe(200);
		expect(await state()).toMatchObject({ ...unproved, health: 'unproved' });
	});

	test('keeps what was proved where it is the same one', async () => {
		const { device, test, ack, state } = await world();
		await test();
		await ack(0, 'shown');
		app.clock.advance(1_000);
		await device.save();
		expect(await state()).toMatchObject({ health: 'proved', lastShownAt: expect.any(Number) });
	});
});

describe('a notification that was pressed, and whose showing was not reported', () => {
	test('is opened, and shown once that is reported', async () => {
		const { agent, test, ack, state } = await world();
		const id = await test();
		const result = () => json<TestResult>(agent.get(`/api/push/test?id=${id}`));
		await ack(0, 'opened');
		expect(await result()).toMatchObject({
			...{ verdict: 'delivered', text: 'Opened from the notification.' },
			...{ shownAt: null, latencyMs: null }
		});
		expect(await state()).toMatchObject({ lastShownAt: null, lastOpenedAt: expect.any(Number) });
		await ack(0, 'shown');
		expect((await result()).shownAt).toEqual(expect.any(Number));
		expect((await state())?.lastShownAt).toEqual(expect.any(Number));
	});

	test('about a chat counts as shown in the log, and stays opened', async () => {
		const { agent, device, ack, state } = await world();
		await callPerson(await app.newVisitor({ team: agent.team }), newId());
		await vi.waitFor(() => expect(device.received()).toHaveLength(1), 10_000);
		const seen = async () => {
			const lines = await ledger(app, agent.team);
			const line = lines.find(({ deviceId, attempts }) => deviceId === device.id && attempts > 0);
			const path = `/api/notifications/log?team=${agent.team.id}`;
			const { rows } = await json<{ rows: EventLogRow[] }>(agent.get(path));
			const rung = rows.find(({ id }) => id === line?.eventId);
			return { state: line?.state, shownCount: rung?.shownCount };
		};
		await ack(0, 'opened');
		expect(await seen()).toEqual({ state: 'opened', shownCount: 1 });
		expect((await state())?.lastShownAt).toBeNull();
		await ack(0, 'shown');
		expect(await seen()).toEqual({ state: 'opened', shownCount: 1 });
		expect((await state())?.lastShownAt).toEqual(expect.any(Number));
	});
});

describe('a report that was kept without a connection', () => {
	test('tells of the moment at which the notification was shown', async () => {
		const { agent, test, ack, state } = await world();
		const id = await test();
		const sentAt = app.clock.now();
		app.clock.advance(HOUR);
		expect((await ack(0, 'shown', { waitedMs: HOUR - 2_000 })).status).toBe(200);
		const result = await json<TestResult>(agent.get(`/api/push/test?id=${id}`));
		expect(Math.round((result.latencyMs ?? 0) / 1000)).toBe(2);
		const device = await state();
		expect(Math.round(((device?.lastShownAt ?? 0) - sentAt) / 1000)).toBe(2);
		expect(Math.round((device?.lastShownLatencyMs ?? 0) / 1000)).toBe(2);
	});

	test('tells the same in the story of the ring, also after the notification was opened', async () => {
		const { agent, device, ack } = await world();
		const conversationId = newId();
		await callPerson(await app.newVisitor({ team: agent.team }), conversationId);
		await vi.waitFor(() => expect(device.received()).toHaveLength(1), 10_000);
		app.clock.advance(MINUTE);
		await ack(0, 'opened');
		await ack(0, 'shown', { waitedMs: MINUTE - 2_000 });
		const path = `/api/notifications/why?team=${agent.team.id}&conversation=${conversationId}`;
		const { rows } = await json<WhyResponse>(agent.get(path));
		const shown = rows.map(({ text }) => text).filter((text) => text.includes('shown'));
		expect(shown).toEqual([expect.stringMatching(/: shown [2-9]\.\d s after it was sent\.$/)]);
	});

	test('tells of no moment before it was sent, and of none to come', async () => {
		const { test, ack, state } = await world();
		const before = app.clock.now();
		await test();
		expect((await ack(0, 'shown', { waitedMs: Number.MAX_SAFE_INTEGER })).status).toBe(200);
		expect((await state())?.lastShownAt).toBeGreaterThanOrEqual(before);
		await test();
		expect((await ack(1, 'shown', { waitedMs: -HOUR })).status).toBe(400);
	});

	test('is taken for as long as the longest push lives and a week more, and later proves nothing', async () => {
		const { agent, device, test, ack, state } = await world();
		await test();
		await callPerson(await app.newVisitor({ team: agent.team }), newId());
		await vi.waitFor(() => expect(device.received()).toHaveLength(2), 10_000);
		const late = (4 + 7 * 24) * HOUR;
		app.clock.advance(late + MINUTE);
		for (const n of [0, 1]) expect((await ack(n, 'shown')).status).toBe(404);
		expect(await state()).toMatchObject({ lastShownAt: null, lastOpenedAt: null });
		app.clock.advance(-2 * MINUTE);
		for (const n of [0, 1]) expect((await ack(n, 'opened')).status).toBe(200);
		expect((await state())?.lastOpenedAt).toEqual(expect.any(Number));
		app.clock.advance(MINUTE - late);
	});

	test('that comes after a later one leaves that one the last', async () => {
		const { test, ack, state } = await world();
		await test();
		app.clock.advance(HOUR / 2);
		await test();
		await ack(1, 'shown');
		const last = (await state())?.lastShownAt;
		await ack(0, 'shown', { waitedMs: HOUR / 2 - 10_000 });
		expect(await state()).toMatchObject({ lastShownAt: last });
		expect((await state())?.lastShownLatencyMs).toBeLessThan(10_000);
	});
});

describe('what the person says of ring tests', () => {
	test.each<[string, boolean[], PushDevice['health']]>([
		['it rang', [true], 'proved'],
		['it did not ring, after it had', [true, false], 'unproved'],
		['it rang, after it had not', [false, true], 'proved'],
		['it did not ring', [false], 'unproved']
	])('counts by the latest: %s', async (_, answers, health) => {
		const { agent, test, state } = await world();
		for (const didRing of answers) {
			await agent.put('/api/push/test', { id: await test(), didRing });
			app.clock.advance(1_000);
		}
		expect((await state())?.health).toBe(health);
	});
});

describe('the doctor says of the push service', () => {
	/** The service takes another device's push, so that it is not this server that it refuses. */
	const takeAnother = async () => (await world()).test();

	test('that the last push was not taken, and why, until it takes one', async () => {
		const { device, test, evidence } = await world();
		await test();
		app.clock.advance(MINUTE);
		await takeAnother();
		device.answers.push({ status: 422, body: 'not ours' });
		await test();
		app.clock.advance(2 * MINUTE);
		expect(await evidence('push service')).toMatch(
			/^warning: The last push to \S+ failed 2 min ago: 422 not ours\.$/
		);
		await test();
		expect(await evidence('push service')).toMatch(/^ok: \S+ took a push just now\.$/);
	});

	test('the same of a push about a chat', async () => {
		const { agent, device, evidence } = await world();
		await takeAnother();
		device.answers.push({ status: 422, body: 'not ours' });
		await callPerson(await app.newVisitor({ team: agent.team }), newId());
		await vi.waitFor(async () => {
			expect(await evidence('push service')).toMatch(
				/^warning: The last push to \S+ failed just now: 422 not ours\.$/
			);
		}, 10_000);
	});
});

describe('the doctor says when', () => {
	test('a push was taken, and a notification shown', async () => {
		const { test, ack, evidence } = await world();
		await test();
		await ack(0, 'shown');
		app.clock.advance(3 * HOUR);
		expect(await evidence('push service')).toMatch(/^ok: .* took a push 3 h ago\.$/);
		expect(await evidence('acknowledgement')).toMatch(
			/^ok: Shown \d+\.\d s after it was sent, 3 h ago\.$/
		);
	});

	test('one was opened, or rang as the person says', async () => {
		const { agent, test, ack, evidence } = await world();
		const id = await test();
		await agent.put('/api/push/test', { id, didRing: true });
		app.clock.advance(HOUR);
		expect(await evidence('acknowledgement')).toBe(
			'ok: You said of a ring 1 h ago that you heard it.'
		);
		await ack(0, 'opened');
		app.clock.advance(50 * HOUR);
		expect(await evidence('acknowledgement')).toBe('ok: Opened from its notification 2 days ago.');
	});
});
