import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { newId } from '#contract/ids.ts';
import { PRESENCE_SETTINGS } from '../../api/presence/settings.ts';
import { noteAccepted } from '../../api/store/push-subscription.ts';
import { sql } from '../../api/store/sql.ts';
import type { TestAgent, TestApp } from '../support/app.ts';
import { callPerson } from '../support/chat.ts';
import { startPushApp } from '../support/push/app.ts';
import { deviceOf, devicesOf } from '../support/push/device.ts';
import type { PushServices } from '../support/push/services.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let started: Awaited<ReturnType<typeof startPushApp>>;
let services: PushServices;
let app: TestApp;
beforeAll(async () => {
	started = await startPushApp();
	({ services, app } = started);
	app.clock.advance(PRESENCE_SETTINGS.quietMs + 1_000);
});
afterAll(() => started?.close());

const healthOn = async (agent: TestAgent) => (await devicesOf(agent))[0]?.health;

/** An agent with a device, and what can happen to it. */
async function world() {
	const agent = await app.signedInAgent();
	const device = await deviceOf(services, agent);
	const page = { id: newId(), visibility: 'hidden', isFocused: false, idleMs: 0 };
	return {
		agent,
		device,
		health: () => healthOn(agent),
		/** Its push service takes three pushes, and nobody hears of them again. */
		async take(livesMs: number) {
			const push = { deviceId: device.id, deadline: app.clock.now() + livesMs, isConfirmed: false };
			for (let n = 0; n < 3; n++) await noteAccepted(app.db.person, [push], app.clock.now());
		},
		async beat() {
			await agent.post('/api/presence/beat', { deviceId: device.id, pages: [page] });
			await app.deps.presence.round();
		},
		/** Who was told that it is silent. */
		async told() {
			await app.deps.push.prove({ userId: agent.userId, deviceId: device.id });
			const mails = await app.db.team(agent.team.id, (tx) =>
				tx.many<{ recipient: string }>(
					sql`select recipient from mails where team_id = ${agent.team.id}`
				)
			);
			return mails.map(({ recipient }) => recipient);
		}
	};
}

describe('a device that took three pushes and showed none', () => {
	test('is not silent where they ran out before it was opened again', async () => {
		const { device, take, beat, health, told } = await world();
		await beat();
		app.clock.advance(5 * MINUTE);
		await take(15 * MINUTE);
		app.clock.advance(HOUR);
		await device.save();
		await beat();
		app.clock.advance(2 * MINUTE);
		await beat();
		expect(await health()).toBe('unproved');
		expect(await told()).toEqual([]);
	});

	test('is silent where it was opened before they ran out, once it had a minute', async () => {
		const { agent, device, take, health, told } = await world();
		app.clock.advance(MINUTE);
		await take(15 * MINUTE);
		app.clock.advance(14 * MINUTE);
		await device.save();
		expect(await health()).toBe('unproved');
		app.clock.advance(MINUTE);
		expect(await health()).toBe('silent');
		expect(await told()).toContain(agent.email);
	});

	test('is silent where a page beat all the while, also after it has been closed', async () => {
		const { take, beat, health } = await world();
		app.clock.advance(MINUTE);
		await beat();
		app.clock.advance(MINUTE);
		await take(MINUTE);
		app.clock.advance(MINUTE);
		expect(await health()).toBe('unproved');
		await beat();
		expect(await health()).toBe('silent');
		// The page's time becomes a span of the past with the next beat.
		for (let n = 0; n < 3; n++) {
			app.clock.advance(MINUTE);
			await beat();
		}
		app.clock.advance(HOUR);
		await beat();
		expect(await health()).toBe('silent');
	});

	test('is not silent where its lease outlived them and the device did not', async () => {
		const { take, beat, health } = await world();
		app.clock.advance(MINUTE);
		await beat();
		app.clock.advance(30_000);
		await take(MINUTE);
		app.clock.advance(HOUR);
		await beat();
		app.clock.advance(MINUTE);
		await beat();
		expect(await health()).toBe('unproved');
	});
});

describe('a silent device', () => {
	test('stays so when nobody remembers any more that it was seen', async () => {
		const { agent, take, beat, health, told } = await world();
		app.clock.advance(MINUTE);
		await take(15 * MINUTE);
		await beat();
		app.clock.advance(MINUTE);
		expect(await told()).toContain(agent.email);
		await app.db.person.run(sql`delete from leases where user_id = ${agent.userId}`);
		expect(await health()).toBe('silent');
	});

	test('is so no longer once a test rings on it, and is told again when it falls silent again', async () => {
		const { agent, device, take, beat, health, told } = await world();
		const fallSilent = async () => {
			app.clock.advance(MINUTE);
			await take(15 * MINUTE);
			await beat();
			app.clock.advance(MINUTE);
			return (await told()).filter((to) => to === agent.email).length;
		};
		expect(await fallSilent()).toBe(1);
		app.clock.advance(MINUTE);
		const sent = await agent.post('/api/push/test', { deviceId: device.id });
		const { deliveryId } = (await sent.json()) as { deliveryId: string };
		await agent.put('/api/push/test', { id: deliveryId, didRing: true });
		expect(await health()).toBe('proved');
		expect(await fallSilent()).toBe(2);
	});

	test('is looked for after a minute, and once more when its last push has run out', async () => {
		const { agent, device, take } = await world();
		await take(15 * MINUTE);
		await callPerson(await app.newVisitor({ team: agent.team }), newId());
		const looks = () =>
			app.db.person.many<{ minutes: number }>(sql`
				select extract(epoch from start_after - created_on)::float8 / 60 as minutes from pgboss.job
				where name = 'prove' and data->>'deviceId' = ${device.id} order by start_after`);
		await vi.waitFor(async () => expect(await looks()).not.toEqual([]), 10_000);
		expect((await looks()).map(({ minutes }) => Math.round(minutes))).toEqual([1, 16]);
	});
});

describe('a push whose acknowledgement comes before its service’s answer', () => {
	const cases = {
		'about a chat': async (agent: TestAgent) =>
			callPerson(await app.newVisitor({ team: agent.team }), newId()),
		'of a test': (agent: TestAgent, deviceId: string) => agent.post('/api/push/test', { deviceId })
	};
	test.each(Object.entries(cases))('%s is no push without a sign', async (_, ring) => {
		const { agent, device } = await world();
		const answered = Promise.withResolvers<void>();
		device.answers.push({ until: answered.promise });
		const rung = ring(agent, device.id);
		await vi.waitFor(() => expect(device.received()).toHaveLength(1), 10_000);
		const token = device.received()[0]?.notification.data.ackToken;
		expect((await app.stranger().post('/api/push/ack', { token, state: 'shown' })).status).toBe(
			200
		);
		answered.resolve();
		await rung;
		const stands = () =>
			app.db.person.one(sql`
				select last_accepted_at is not null as "isAccepted", cardinality(unconfirmed) as unconfirmed
				from push_subscriptions where device_id = ${device.id}`);
		await vi.waitFor(
			async () => expect(await stands()).toMatchObject({ isAccepted: true }),
			10_000
		);
		expect(await stands()).toMatchObject({ unconfirmed: 0 });
	});
});
