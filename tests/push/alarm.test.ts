import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { newId } from '#contract/ids.ts';
import type { BoardResponse } from '#contract/notifications.ts';
import { sql } from '../../api/store/sql.ts';
import type { TestAgent, TestApp } from '../support/app.ts';
import { callPerson } from '../support/chat.ts';
import { startAppleApp } from '../support/push/app.ts';
import { APPLE_HOST } from '../support/push/apple.ts';
import { devicesOf } from '../support/push/device.ts';

const HOUR = 3_600_000;

let started: Awaited<ReturnType<typeof startAppleApp>>;
let app: TestApp;
// Of its own, since an alarm is the whole server's.
beforeAll(async () => {
	started = await startAppleApp();
	app = started.app;
});
afterAll(() => started?.close());

const iphoneOf = async (agent: TestAgent, key?: string) =>
	(await started.iphoneOf(agent, key)).phone;

const ring = async (agent: TestAgent) =>
	callPerson(await app.newVisitor({ team: agent.team }), newId());

const mailsTo = async ({ team, email }: TestAgent): Promise<string[]> => {
	const mails = await app.db.team(team.id, (tx) =>
		tx.many<{ subject: string }>(sql`
			select subject from mails where team_id = ${team.id} and recipient = ${email} order by id`)
	);
	return mails.map(({ subject }) => subject);
};
const boardOf = async (agent: TestAgent) => {
	const answer = await agent.get(`/api/notifications/board?team=${agent.team.id}`);
	return (await answer.json()) as BoardResponse;
};
/** Who of the team has a device. */
const rowsOn = async (agent: TestAgent) =>
	(await boardOf(agent)).rows.filter(({ devices }) => devices.length > 0);
const alarmsOn = async (agent: TestAgent) => (await boardOf(agent)).alarms;
const stateOf = async (agent: TestAgent) => (await devicesOf(agent)).map(({ state }) => state);

const REFUSED = 'Apple refuses Bellhop’s notifications';

describe('a push service that refuses this server', () => {
	test('is told to the owners whom it concerns once, not with every push, and keeps every registration', async () => {
		const owner = await app.signedInAgent({ role: 'owner' });
		const agent = await app.signedInAgent({ team: owner.team });
		const bystander = await app.signedInAgent({ role: 'owner' });
		const phones = [await iphoneOf(agent), await iphoneOf(owner)];
		const refused = { status: 403, body: '{"reason":"BadJwtToken"}' };
		for (const phone of phones) phone.answers.push(...Array.from({ length: 6 }, () => refused));
		for (let i = 0; i < 3; i++) await ring(agent);
		await vi.waitFor(async () => expect(await mailsTo(owner)).toEqual([REFUSED]), 20_000);
		await vi.waitFor(() => expect(phones.map(({ answers }) => answers.length)).toEqual([0, 0]), {
			timeout: 20_000
		});
		expect(await mailsTo(owner)).toEqual([REFUSED]);
		expect(await mailsTo(agent)).toEqual([]);
		expect(await mailsTo(bystander)).toEqual([]);
		expect([...(await stateOf(agent)), ...(await stateOf(owner))]).toEqual(['live', 'live']);
		expect(await alarmsOn(owner)).toMatchObject([
			{ service: APPLE_HOST, what: 'status 403', reason: refused.body }
		]);
		const unreachable = {
			...{ canBeRung: false, reason: 'push service refuses' },
			devices: [{ isRefused: true }]
		};
		expect(await rowsOn(owner)).toMatchObject([unreachable, unreachable]);
		// Of a registration that has ended that is to be said, which its owner can mend.
		const write = (state: string) =>
			app.db.person.run(sql`
				update push_subscriptions set state = ${state} where user_id = ${agent.userId}`);
		await write('gone');
		const ended = (await rowsOn(owner)).find(({ userId }) => userId === agent.userId);
		expect(ended).toMatchObject({ canBeRung: false, devices: [{ isRefused: false }] });
		await write('live');

		await ring(agent);
		await vi.waitFor(async () => expect(await alarmsOn(owner)).toEqual([]), 20_000);
		const reachable = { canBeRung: true, devices: [{ isRefused: false }] };
		expect(await rowsOn(owner)).toMatchObject([reachable, reachable]);
		expect(phones.map(({ shown }) => shown.length)).toEqual([1, 1]);
	});

	test('and does so again is told again, after an hour at the earliest', async () => {
		const owner = await app.signedInAgent({ role: 'owner' });
		const phone = await iphoneOf(owner);
		await ring(owner);
		await vi.waitFor(() => expect(phone.shown).toHaveLength(1), 20_000);
		const refuse = async () => {
			// Nothing that another device took a moment ago speaks for the service.
			app.clock.advance(60_000);
			phone.answers.push({ status: 401 }, { status: 401 });
			await ring(owner);
			await vi.waitFor(async () => expect(await alarmsOn(owner)).toHaveLength(1), 20_000);
		};
		const take = async () => {
			app.clock.advance(60_000);
			await ring(owner);
			await vi.waitFor(async () => expect(await alarmsOn(owner)).toEqual([]), 20_000);
		};
		app.clock.advance(2 * HOUR);
		await refuse();
		await vi.waitFor(async () => expect(await mailsTo(owner)).toHaveLength(1), 20_000);
		await take();
		await refuse();
		expect(await mailsTo(owner)).toHaveLength(1);
		await take();
		app.clock.advance(HOUR);
		await refuse();
		await vi.waitFor(async () => expect(await mailsTo(owner)).toHaveLength(2), 20_000);
		await take();
	});
});

test('a registration made with another server’s key is told to the owner, and kept to be renewed', async () => {
	const owner = await app.signedInAgent({ role: 'owner' });
	app.clock.advance(2 * HOUR);
	const phone = await iphoneOf(owner);
	phone.answers.push({ status: 400, body: '{"reason":"VapidPkHashMismatch"}' });
	await ring(owner);
	await vi.waitFor(async () => expect(await stateOf(owner)).toEqual(['needs_resubscribe']), 20_000);
	await vi.waitFor(async () => expect(await mailsTo(owner)).toEqual([REFUSED]), 20_000);
	expect(await alarmsOn(owner)).toMatchObject([
		{ service: APPLE_HOST, reason: '{"reason":"VapidPkHashMismatch"}' }
	]);
	const { body } = await app.db.team(owner.team.id, (tx) =>
		tx.one<{ body: string }>(
			sql`select body from mails where team_id = ${owner.team.id} and recipient = ${owner.email}`
		)
	);
	expect(body).toContain('Re-enable notifications');
});
