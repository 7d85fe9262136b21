import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { newId } from '#contract/ids.ts';
import { CONFIRM_MS } from '../../api/push/decide.ts';
import type { TestAgent, TestApp } from '../support/app.ts';
import { act, callPerson, pullAll, say } from '../support/chat.ts';
import { startPushApp } from '../support/push/app.ts';
import { type Device, deviceOf, type LedgerLine, ledger } from '../support/push/device.ts';
import type { PushServices } from '../support/push/services.ts';

let started: Awaited<ReturnType<typeof startPushApp>>;
let services: PushServices;
let app: TestApp;
beforeAll(async () => {
	started = await startPushApp();
	({ services, app } = started);
});
afterAll(() => started?.close());

/** An agent with a laptop and a phone, and a visitor whose chat the agent has taken. */
async function world() {
	const agent = await app.signedInAgent();
	const laptop = await deviceOf(services, agent, { name: 'Laptop' });
	const phone = await deviceOf(services, agent, { name: 'Phone' });
	const visitor = await app.newVisitor({ team: agent.team });
	return { agent, laptop, phone, visitor, conversationId: newId() };
}

/** A page on the device beats, visible and focused unless told otherwise, and the beat is written. */
async function look(agent: TestAgent, device: Device, isFocused = true) {
	const page = { id: newId(), visibility: 'visible', isFocused, idleMs: 0 };
	await agent.post('/api/presence/beat', { deviceId: device.id, pages: [page] });
	await app.deps.presence.round();
}

const confirm = async (agent: TestAgent, device: Device, conversationId: string) => {
	const { conversations } = await pullAll(agent);
	const seq = conversations.get(conversationId)?.seq ?? 0;
	const body = { teamId: agent.team.id, deviceId: device.id, conversationId, seq };
	return agent.post('/api/push/confirm', body);
};

const ofDevice = async (agent: TestAgent, device: Device): Promise<LedgerLine | undefined> =>
	(await ledger(app, agent.team)).findLast(({ deviceId }) => deviceId === device.id);

/** Runs the event's job again, as the queue would at a later time. */
const runAgain = async (agent: TestAgent, device: Device) => {
	const eventId = (await ofDevice(agent, device))?.eventId ?? '';
	await app.deps.push.notify({ teamId: agent.team.id, eventId });
};

const isHeld = (agent: TestAgent, device: Device, rule: string) =>
	vi.waitFor(
		async () => expect(await ofDevice(agent, device)).toMatchObject({ action: 'hold', rule }),
		10_000
	);

describe('a page in front of the agent', () => {
	test('that shows the escalation spares its device, and the others for 10 s', async () => {
		const { agent, laptop, phone, visitor, conversationId } = await world();
		await look(agent, laptop);
		await callPerson(visitor, conversationId);
		await isHeld(agent, phone, 'a page is in front');
		expect((await confirm(agent, laptop, conversationId)).status).toBe(200);
		expect(await ofDevice(agent, laptop)).toMatchObject({
			action: 'suppress',
			rule: 'shown in the app on this device'
		});
		await isHeld(agent, phone, 'shown in the app on another device');
		await runAgain(agent, phone);
		expect(phone.received()).toEqual([]);
		app.clock.advance(10_000);
		await runAgain(agent, phone);
		expect(await ofDevice(agent, phone)).toMatchObject({
			action: 'send',
			rule: 'unanswered for 10 s',
			state: 'accepted'
		});
		expect(phone.received()).toHaveLength(1);
		expect(laptop.received()).toEqual([]);
	});

	test('that shows it while that is being decided is told of after the decision', async () => {
		const { agent, laptop, visitor, conversationId } = await world();
		await look(agent, laptop);
		await callPerson(visitor, conversationId);
		await isHeld(agent, laptop, 'a page is in front');
		app.clock.advance(-100);
		await confirm(agent, laptop, conversationId);
		app.clock.advance(100);
		const query = new URLSearchParams({ team: agent.team.id, conversation: conversationId });
		const { rows } = await (await agent.get(`/api/notifications/why?${query}`)).json();
		const told = rows.filter(({ deviceId }: { deviceId: string }) => deviceId === laptop.id);
		expect(told.map(({ kind }: { kind: string }) => kind)).toEqual(['decided', 'changed']);
	});

	test('that shows nothing within 3 s changes nothing: every device is rung', async () => {
		const { agent, laptop, phone, visitor, conversationId } = await world();
		await look(agent, laptop);
		const before = Date.now();
		await callPerson(visitor, conversationId);
		await vi.waitFor(() => expect(phone.received()).toHaveLength(1), 10_000);
		expect(Date.now() - before).toBeGreaterThan(2_900);
		await vi.waitFor(() => expect(laptop.received()).toHaveLength(1), 10_000);
		expect(await ofDevice(agent, phone)).toMatchObject({ rule: 'no page confirmed within 3 s' });
	});

	test.each([
		['is not focused', (agent: TestAgent, device: Device) => look(agent, device, false)],
		[
			'has not proved itself for 45 s',
			async (agent: TestAgent, device: Device) => {
				await look(agent, device);
				app.clock.advance(46_000);
			}
		]
	])(
		'that %s holds nothing: the push leaves before a page could have confirmed',
		async (_, watch) => {
			const { agent, laptop, phone, visitor, conversationId } = await world();
			await watch(agent, laptop);
			const before = Date.now();
			await callPerson(visitor, conversationId);
			await vi.waitFor(() => expect(phone.received()).toHaveLength(1), {
				timeout: 10_000,
				interval: 20
			});
			expect(Date.now() - before).toBeLessThan(CONFIRM_MS);
		}
	);

	test('that has confirmed before anybody decided counts as well', async () => {
		const { agent, laptop, phone, visitor, conversationId } = await world();
		await callPerson(visitor, conversationId);
		await vi.waitFor(() => expect(phone.received()).toHaveLength(1), 10_000);
		await act(agent, { name: 'claim', args: { conversationId } });
		await look(agent, laptop);
		await say(visitor, conversationId, 'Are you there?');
		await confirm(agent, laptop, conversationId);
		await isHeld(agent, phone, 'shown in the app on another device');
		expect(await ofDevice(agent, laptop)).toMatchObject({ action: 'suppress' });
	});

	test('of a colleague holds nobody else’s device, and a stranger confirms nothing', async () => {
		const { agent, laptop, phone, visitor, conversationId } = await world();
		const colleague = await app.signedInAgent({ team: agent.team });
		const theirs = await deviceOf(services, colleague);
		await look(agent, laptop);
		await callPerson(visitor, conversationId);
		await vi.waitFor(() => expect(theirs.received()).toHaveLength(1), 10_000);
		expect(phone.received()).toEqual([]);
		const stranger = await app.signedInAgent();
		const body = { teamId: agent.team.id, deviceId: laptop.id, conversationId, seq: 99 };
		expect((await stranger.post('/api/push/confirm', body)).status).toBe(404);
		await isHeld(agent, phone, 'a page is in front');
	});
});

describe('a held message', () => {
	async function held() {
		const given = await world();
		const { agent, laptop, phone, visitor, conversationId } = given;
		await callPerson(visitor, conversationId);
		await vi.waitFor(() => expect(phone.received()).toHaveLength(1), 10_000);
		await act(agent, { name: 'claim', args: { conversationId } });
		await look(agent, laptop);
		await say(visitor, conversationId, 'Hello again');
		await isHeld(agent, phone, 'a page is in front');
		await confirm(agent, laptop, conversationId);
		return given;
	}

	test('is not rung once it is read', async () => {
		const { agent, phone, conversationId } = await held();
		const { conversations } = await pullAll(agent);
		const seq = conversations.get(conversationId)?.seq ?? 0;
		await act(agent, { name: 'read', args: { conversationId, seq } });
		app.clock.advance(31_000);
		await runAgain(agent, phone);
		expect(await ofDevice(agent, phone)).toMatchObject({
			action: 'suppress',
			rule: 'read meanwhile'
		});
		expect(phone.received()).toHaveLength(1);
	});

	test('is rung after 30 s unread', async () => {
		const { agent, phone } = await held();
		app.clock.advance(31_000);
		await runAgain(agent, phone);
		expect(await ofDevice(agent, phone)).toMatchObject({ rule: 'unread for 30 s' });
		expect(phone.received()).toHaveLength(2);
	});
});

describe('a snooze from the notification', () => {
	test('keeps it still for ten minutes, then rings once more, however often it is sent', async () => {
		const { agent, phone, visitor, conversationId } = await world();
		await callPerson(visitor, conversationId);
		await vi.waitFor(() => expect(phone.received()).toHaveLength(1), 10_000);
		const token = phone.received()[0]?.notification.data.ackToken;
		const nobody = app.stranger();
		const snooze = { token, id: newId(), waitedMs: 60_000 };
		for (const _ of ['once', 'again'])
			expect((await nobody.post('/api/push/snooze', snooze)).status).toBe(200);
		await isHeld(agent, phone, 'snoozed');
		const line = await ofDevice(agent, phone);
		expect(Math.round(((line?.dueAt ?? 0) - app.clock.now()) / 60_000)).toBe(9);
		await say(visitor, conversationId, 'Hello?');
		const mine = async () =>
			(await ledger(app, agent.team)).findLast(({ userId }) => userId === agent.userId);
		await vi.waitFor(async () =>
			expect(await mine()).toMatchObject({ rule: 'snoozed', deviceId: null })
		);
		app.clock.advance(9 * 60_000 + 1000);
		await app.deps.push.notify({ teamId: agent.team.id, eventId: snooze.id });
		expect(phone.received()).toHaveLength(2);
		expect((await ofDevice(agent, phone))?.rule).toBe('snooze is over');
	});

	test('by a token that belongs to nothing is refused', async () => {
		const forged = { token: 'A'.repeat(43), id: newId(), waitedMs: 0 };
		expect((await app.stranger().post('/api/push/snooze', forged)).status).toBe(404);
	});
});
