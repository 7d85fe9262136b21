import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { newId } from '#contract/ids.ts';
import { sql } from '../../api/store/sql.ts';
import type { TestApp, TestTeam } from '../support/app.ts';
import { act, callPerson, say } from '../support/chat.ts';
import { startPushApp } from '../support/push/app.ts';
import { type Device, deviceOf, ledger } from '../support/push/device.ts';
import type { PushServices } from '../support/push/services.ts';

let started: Awaited<ReturnType<typeof startPushApp>>;
let services: PushServices;
let app: TestApp;
beforeAll(async () => {
	started = await startPushApp();
	({ services, app } = started);
});
afterAll(() => started?.close());

/** An agent with a phone that has just rung for a visitor. */
async function rung() {
	const agent = await app.signedInAgent();
	const phone = await deviceOf(services, agent);
	const visitor = await app.newVisitor({ team: agent.team });
	const conversationId = newId();
	await callPerson(visitor, conversationId);
	await arrived(phone, 1);
	return { agent, phone, visitor, conversationId };
}

const arrived = (device: Device, count: number) =>
	vi.waitFor(() => expect(device.received()).toHaveLength(count), 15_000);

const bodies = (device: Device) => device.received().map(({ notification }) => notification.body);

describe('a visitor who writes line by line', () => {
	test('rings a phone once every 3 s, with the newest line, and the ledger says why', async () => {
		const { agent, phone, visitor, conversationId } = await rung();
		for (const line of ['Hello?', 'Are you', 'there?']) await say(visitor, conversationId, line);
		await vi.waitFor(() => expect(bodies(phone).at(-1)).toBe('there?'), 30_000);
		const lines = await vi.waitFor(async () => {
			const rows = (await ledger(app, agent.team)).filter(({ deviceId }) => deviceId === phone.id);
			expect(rows.every(({ state }) => state !== 'decided')).toBe(true);
			return rows;
		}, 30_000);
		expect(lines.at(-1)).toMatchObject({ state: 'accepted', rule: 'the newest of a burst' });
		expect(lines[2]).toMatchObject({ state: 'suppressed', rule: 'a newer push was sent' });
		expect(phone.received().at(-1)?.notification.data.renotify).toBe(true);
		const left = await app.db.team(agent.team.id, (tx) =>
			tx.many<{ at: number }>(sql`
				select sent_at as at from notification_deliveries
				where team_id = ${agent.team.id} and device_id = ${phone.id} and attempts > 0
				order by sent_at`)
		);
		for (const [n, { at }] of left.entries())
			expect(at - (left[n - 1]?.at ?? 0)).toBeGreaterThanOrEqual(3_000);
	});

	test('does not keep a colleague’s phone still, nor another chat’s ring', async () => {
		const { agent, phone, visitor, conversationId } = await rung();
		const colleague = await app.signedInAgent({ team: agent.team });
		const theirs = await deviceOf(services, colleague);
		await say(visitor, conversationId, 'Hello?');
		await arrived(theirs, 1);
		expect(phone.received()).toHaveLength(1);
		const other = await app.newVisitor({ team: agent.team });
		await callPerson(other, newId());
		await arrived(phone, 2);
		expect(phone.received()[1]?.notification.data.kind).toBe('escalation');
	});
});

test('what a server with a fast clock has told does not keep back what comes after it', async () => {
	const { agent, phone, visitor, conversationId } = await rung();
	await app.db.team(agent.team.id, (tx) =>
		tx.run(
			sql`update notification_events set at = at + interval '1 hour' where team_id = ${agent.team.id}`
		)
	);
	await say(visitor, conversationId, 'Hello?');
	await vi.waitFor(() => expect(bodies(phone).at(-1)).toBe('Hello?'), 15_000);
});

/** How many of the devices' pushes have left and are not answered. */
const underWay = async (team: TestTeam, devices: Device[]): Promise<number> => {
	const { count } = await app.db.team(team.id, (tx) =>
		tx.one<{ count: number }>(sql`select count(*)::int as count from notification_deliveries
			where team_id = ${team.id} and device_id = any(${devices.map(({ id }) => id)}::uuid[])
				and claimed_until is not null and status is null`)
	);
	return count;
};

test('devices whose push service does not answer hold up none of the others', async () => {
	const team = await app.newTeam();
	const hanging: Device[] = [];
	const others: Device[] = [];
	for (let i = 0; i < 14; i++) {
		const agent = await app.signedInAgent({ team });
		hanging.push(await deviceOf(services, agent));
		for (let n = 0; n < 4; n++) others.push(await deviceOf(services, agent));
	}
	for (const { answers } of hanging) answers.push('hang');
	await callPerson(await app.newVisitor({ team }), newId());
	await vi.waitFor(
		() => expect(others.filter((device) => device.received().length === 1)).toEqual(others),
		30_000
	);
	expect(await underWay(team, hanging)).toBe(hanging.length);
});

test('events whose push service does not answer hold up none that comes after them', async () => {
	const worlds = [];
	for (let i = 0; i < 6; i++) {
		const agent = await app.signedInAgent();
		worlds.push({ agent, device: await deviceOf(services, agent) });
	}
	const [last, ...hanging] = worlds.reverse();
	for (const { agent, device } of hanging) {
		device.answers.push('hang');
		await callPerson(await app.newVisitor({ team: agent.team }), newId());
		// Each is under way before the next comes, so that no two are taken together.
		await vi.waitFor(() => expect(device.answers).toEqual([]), 30_000);
	}
	if (!last) throw new Error('no device');
	await callPerson(await app.newVisitor({ team: last.agent.team }), newId());
	await arrived(last.device, 1);
	for (const { agent, device } of hanging) expect(await underWay(agent.team, [device])).toBe(1);
});

test('devices that are held, or tried again, wait for none whose push service does not answer', async () => {
	const team = await app.newTeam();
	const [hanging, busy, held] = await Promise.all(
		['hanging', 'busy', 'held'].map(async (name) => {
			const agent = await app.signedInAgent({ team });
			return { agent, device: await deviceOf(services, agent, { name }) };
		})
	);
	if (!hanging || !busy || !held) throw new Error('no devices');
	hanging.device.answers.push('hang');
	busy.device.answers.push({ status: 500 });
	// A page in front, which does not say that it shows anything.
	const page = { id: newId(), visibility: 'visible', isFocused: true, idleMs: 0 };
	await held.agent.post('/api/presence/beat', { deviceId: held.device.id, pages: [page] });
	await app.deps.presence.round();
	await callPerson(await app.newVisitor({ team }), newId());
	await arrived(busy.device, 1);
	await arrived(held.device, 1);
	expect(await underWay(team, [hanging.device])).toBe(1);
});

test('a ring for somebody who waits is never put off', async () => {
	const { agent, phone, visitor, conversationId } = await rung();
	await act(agent, { name: 'resolve', args: { conversationId } });
	await callPerson(visitor, conversationId);
	await arrived(phone, 2);
	const kinds = phone.received().map(({ notification }) => notification.data.kind);
	expect(kinds).toEqual(['escalation', 'escalation']);
	const held = (await ledger(app, agent.team)).filter(({ action }) => action === 'hold');
	expect(held).toEqual([]);
});
