import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { newId } from '#contract/ids.ts';
import type { NotificationSettings } from '#contract/notifications.ts';
import { CONFIRM_MS } from '../../api/push/decide.ts';
import { sql } from '../../api/store/sql.ts';
import type { TestAgent, TestApp } from '../support/app.ts';
import { act, callPerson, pullAll, reply, say } from '../support/chat.ts';
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
	return page;
}

/** A page in front says goodbye, and that is written. */
async function lookAndLeave(agent: TestAgent, device: Device) {
	const { id } = await look(agent, device);
	const body = JSON.stringify({ deviceId: device.id, pageId: id });
	const headers = { 'Content-Type': 'text/plain' };
	const answer = await agent.request('/api/presence/leave', { method: 'POST', headers, body });
	expect(answer.status).toBe(204);
	await app.deps.presence.round();
}

/** The person sets their own status, on a page that is not in front. */
async function setStatus(agent: TestAgent, device: Device, status: 'online' | 'offline') {
	const page = { id: newId(), visibility: 'visible', isFocused: false, idleMs: 0 };
	const intent = { teamId: agent.team.id, deviceId: device.id, page, status };
	expect((await agent.put('/api/presence/intent', intent)).status).toBe(200);
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

/** When what is held comes due, it is not sent, by this rule. */
async function isWithdrawn(agent: TestAgent, device: Device, rule: string) {
	app.clock.advance(31_000);
	await runAgain(agent, device);
	expect(await ofDevice(agent, device)).toMatchObject({ action: 'suppress', rule });
}

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
		],
		[
			'has been closed',
			async (agent: TestAgent, device: Device) => {
				await lookAndLeave(agent, device);
				app.clock.advance(3_100);
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

	test('that has just gone may be loading anew, and holds', async () => {
		const { agent, laptop, phone, visitor, conversationId } = await world();
		await lookAndLeave(agent, laptop);
		await callPerson(visitor, conversationId);
		await isHeld(agent, phone, 'a page is in front');
	});

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
		await isWithdrawn(agent, phone, 'read meanwhile');
		expect(phone.received()).toHaveLength(1);
	});

	test('is not rung once somebody else has the chat', async () => {
		const { agent, laptop, phone, visitor, conversationId } = await world();
		const colleague = await app.signedInAgent({ team: agent.team });
		await look(agent, laptop);
		await callPerson(visitor, conversationId);
		await confirm(agent, laptop, conversationId);
		await say(visitor, conversationId, 'Hello again');
		await isHeld(agent, phone, 'a page is in front');
		await confirm(agent, laptop, conversationId);
		await act(colleague, { name: 'claim', args: { conversationId } });
		await isWithdrawn(agent, phone, 'somebody else has it');
		expect(phone.received()).toEqual([]);
	});

	test('is not rung for somebody who may no longer answer', async () => {
		const { agent, phone } = await held();
		const owner = await app.signedInAgent({ team: agent.team, role: 'owner' });
		const viewer = { role: 'viewer', roleId: null, botIds: null };
		const member = { teamId: agent.team.id, userId: agent.userId, ...viewer };
		expect((await owner.put('/api/members', member)).status).toBe(200);
		await isWithdrawn(agent, phone, 'no access any more');
		expect(phone.received()).toHaveLength(1);
	});

	test('is not rung once it is transferred', async () => {
		const { agent, phone, conversationId } = await held();
		const colleague = await app.signedInAgent({ team: agent.team });
		const args = { conversationId, agentId: colleague.userId, expectedId: agent.userId };
		await act(agent, { name: 'assign', args });
		await isWithdrawn(agent, phone, 'somebody else has it');
		expect(phone.received()).toHaveLength(1);
	});

	test.each([
		['back to nobody', () => null, 'given back meanwhile'],
		['on to a colleague', ({ userId }: TestAgent) => userId, 'somebody else has it']
	])('that it was given to somebody is not rung once it is given %s', async (_, to, rule) => {
		const { agent, laptop, phone, visitor, conversationId } = await world();
		const colleague = await app.signedInAgent({ team: agent.team });
		await callPerson(visitor, conversationId);
		await vi.waitFor(() => expect(phone.received()).toHaveLength(1), 10_000);
		await act(colleague, reply(conversationId, 'Hello'));
		await look(agent, laptop);
		const give = (agentId: string | null, expectedId: string) =>
			act(colleague, { name: 'assign', args: { conversationId, agentId, expectedId } });
		await give(agent.userId, colleague.userId);
		await isHeld(agent, phone, 'a page is in front');
		await give(to(colleague), agent.userId);
		app.clock.advance(4_000);
		await runAgain(agent, phone);
		expect(await ofDevice(agent, phone)).toMatchObject({
			kind: 'assigned',
			state: 'suppressed',
			rule
		});
		expect(phone.received()).toHaveLength(1);
	});

	test('is not rung for somebody who has left the team', async () => {
		const { agent, phone } = await held();
		const owner = await app.signedInAgent({ team: agent.team, role: 'owner' });
		const eventId = (await ofDevice(agent, phone))?.eventId ?? '';
		const member = { teamId: agent.team.id, userId: agent.userId };
		expect((await owner.delete('/api/members', member)).status).toBe(200);
		app.clock.advance(31_000);
		await app.deps.push.notify({ teamId: agent.team.id, eventId });
		expect(phone.received()).toHaveLength(1);
	});

	test('is not rung on a second device that has shown it too', async () => {
		const { agent, laptop, phone, conversationId } = await held();
		await look(agent, phone);
		await confirm(agent, phone, conversationId);
		for (const device of [laptop, phone])
			expect(await ofDevice(agent, device)).toMatchObject({
				action: 'suppress',
				rule: 'shown in the app on this device'
			});
	});

	test('is rung after 30 s unread', async () => {
		const { agent, phone } = await held();
		app.clock.advance(31_000);
		await runAgain(agent, phone);
		expect(await ofDevice(agent, phone)).toMatchObject({ rule: 'unread for 30 s' });
		expect(phone.received()).toHaveLength(2);
	});
});

test('a message that is to be tried again is not, once a colleague has taken the chat', async () => {
	const { agent, phone, visitor, conversationId } = await world();
	const colleague = await app.signedInAgent({ team: agent.team });
	await callPerson(visitor, conversationId);
	await vi.waitFor(() => expect(phone.received()).toHaveLength(1), 10_000);
	phone.answers.push({ status: 429, headers: { 'retry-after': '60' } });
	await say(visitor, conversationId, 'Hello?');
	await vi.waitFor(
		async () =>
			expect(await ofDevice(agent, phone)).toMatchObject({ state: 'decided', status: 429 }),
		10_000
	);
	await act(colleague, { name: 'claim', args: { conversationId } });
	app.clock.advance(61_000);
	await runAgain(agent, phone);
	expect(await ofDevice(agent, phone)).toMatchObject({
		action: 'suppress',
		rule: 'somebody else has it'
	});
	expect(phone.received()).toHaveLength(1);
});

describe('a push that is in the air', () => {
	/** The phone has it, and its push service has not answered yet. */
	function answerLater(phone: Device) {
		const { promise: until, resolve: answer } = Promise.withResolvers<void>();
		phone.answers.push({ until });
		return answer;
	}

	/** What the ledger makes of it, once the push service has answered. */
	async function ends(agent: TestAgent, phone: Device, answer: () => void) {
		await runAgain(agent, phone);
		answer();
		await vi.waitFor(async () => {
			const line = await ofDevice(agent, phone);
			expect(line).toMatchObject({ action: 'send', state: 'accepted', status: 201 });
		}, 10_000);
	}

	test('when the chat is taken has rung, and is told of so', async () => {
		const { agent, phone, visitor, conversationId } = await world();
		const answer = answerLater(phone);
		await callPerson(visitor, conversationId);
		await vi.waitFor(() => expect(phone.received()).toHaveLength(1), 10_000);
		await act(agent, { name: 'claim', args: { conversationId } });
		await ends(agent, phone, answer);
	});

	test('when the message is read has rung, and is told of so', async () => {
		const { agent, phone, visitor, conversationId } = await world();
		await callPerson(visitor, conversationId);
		await vi.waitFor(() => expect(phone.received()).toHaveLength(1), 10_000);
		await act(agent, { name: 'claim', args: { conversationId } });
		const answer = answerLater(phone);
		await say(visitor, conversationId, 'Hello again');
		await vi.waitFor(() => expect(phone.received()).toHaveLength(2), 10_000);
		const seq = (await pullAll(agent)).conversations.get(conversationId)?.seq ?? 0;
		await act(agent, { name: 'read', args: { conversationId, seq } });
		await ends(agent, phone, answer);
	});

	test('when its process ends is not sent again once nobody waits', async () => {
		const { agent, phone, visitor, conversationId } = await world();
		phone.answers.push({ status: 429, headers: { 'retry-after': '600' } });
		await callPerson(visitor, conversationId);
		await vi.waitFor(async () => expect((await ofDevice(agent, phone))?.status).toBe(429), 10_000);
		const now = app.clock.now();
		await app.db.team(agent.team.id, (tx) =>
			tx.run(sql`update notification_deliveries
				set due_at = ${new Date(now)}, claimed_until = ${new Date(now + 2_000)}
				where team_id = ${agent.team.id} and device_id = ${phone.id}`)
		);
		await act(agent, { name: 'claim', args: { conversationId } });
		await runAgain(agent, phone);
		expect((await ofDevice(agent, phone))?.state).toBe('decided');
		await vi.waitFor(async () => {
			const line = await ofDevice(agent, phone);
			expect(line).toMatchObject({ state: 'suppressed', rule: 'no longer waiting' });
		}, 15_000);
		expect(phone.received()).toEqual([]);
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

	/** A chat whose newest ring, of the given kind, is the one that is snoozed. */
	async function snoozed(kind: 'escalation' | 'unanswered' = 'escalation') {
		const given = await world();
		const { agent, phone, visitor, conversationId } = given;
		await callPerson(visitor, conversationId);
		await vi.waitFor(() => expect(phone.received()).toHaveLength(1), 10_000);
		if (kind === 'unanswered') {
			const colleague = await app.signedInAgent({ team: agent.team });
			await act(colleague, { name: 'claim', args: { conversationId } });
			const args = { conversationId, agentId: null, expectedId: colleague.userId };
			await act(colleague, { name: 'assign', args });
			await vi.waitFor(() => expect(phone.received()).toHaveLength(2), 10_000);
		}
		const token = phone.received().at(-1)?.notification.data.ackToken;
		/** Pressed so long ago, and decided; returns what rings once more ten minutes after that. */
		const press = async (waitedMs = 0) => {
			const id = newId();
			const answer = await app.stranger().post('/api/push/snooze', { token, id, waitedMs });
			expect(answer.status).toBe(200);
			await vi.waitFor(
				async () =>
					expect((await ledger(app, given.agent.team)).map(({ eventId }) => eventId)).toContain(id),
				10_000
			);
			return () => app.deps.push.notify({ teamId: given.agent.team.id, eventId: id });
		};
		return { ...given, press };
	}

	test('that is pressed again later counts from the later press', async () => {
		const { agent, phone, press } = await snoozed();
		const first = await press();
		app.clock.advance(5 * 60_000);
		const second = await press();
		app.clock.advance(5 * 60_000 + 1_000);
		await first();
		expect(phone.received()).toHaveLength(1);
		app.clock.advance(5 * 60_000);
		await second();
		expect(phone.received()).toHaveLength(2);
		expect((await ofDevice(agent, phone))?.rule).toBe('snooze is over');
	});

	test('that was pressed earlier and comes in later ends no later one', async () => {
		const { phone, press } = await snoozed();
		const later = await press();
		const earlier = await press(5 * 60_000);
		app.clock.advance(5 * 60_000 + 1_000);
		await earlier();
		expect(phone.received()).toHaveLength(1);
		app.clock.advance(5 * 60_000);
		await later();
		expect(phone.received()).toHaveLength(2);
	});

	test('rings whoever was offline by hand at the press and is back by its end', async () => {
		const { agent, phone, press } = await snoozed();
		for (const status of ['online', 'offline'] as const) await setStatus(agent, phone, status);
		const release = await press();
		await isHeld(agent, phone, 'snoozed');
		await setStatus(agent, phone, 'online');
		app.clock.advance(10 * 60_000 + 1_000);
		await release();
		expect(phone.received()).toHaveLength(2);
		expect((await ofDevice(agent, phone))?.rule).toBe('snooze is over');
	});

	test.each(['escalation', 'unanswered'] as const)(
		'of one that was %s goes, when it is over, by that row of the event table',
		async (kind) => {
			const other = kind === 'escalation' ? 'unanswered' : 'escalation';
			for (const [off, rung, rule] of [
				[other, 1, 'snooze is over'],
				[kind, 0, 'push for this event is off']
			] as const) {
				const { agent, phone, press } = await snoozed(kind);
				const before = phone.received().length;
				const release = await press();
				const path = '/api/push/settings';
				const { settings } = (await (await agent.get(path)).json()) as {
					settings: NotificationSettings;
				};
				const events = { ...settings.events, [off]: { ...settings.events[off], push: false } };
				expect((await agent.put(path, { ...settings, events })).status).toBe(200);
				app.clock.advance(10 * 60_000 + 1_000);
				await release();
				expect(await ofDevice(agent, phone)).toMatchObject({ kind, rule });
				expect(phone.received()).toHaveLength(before + rung);
			}
		}
	);

	test('rings nobody who has gone offline by hand meanwhile', async () => {
		const { agent, phone, press } = await snoozed();
		const release = await press();
		await isHeld(agent, phone, 'snoozed');
		for (const status of ['online', 'offline'] as const) await setStatus(agent, phone, status);
		app.clock.advance(10 * 60_000 + 1_000);
		await release();
		expect(phone.received()).toHaveLength(1);
		expect((await ofDevice(agent, phone))?.rule).toBe('push after going offline by hand is off');
	});

	test('by a token that belongs to nothing is refused', async () => {
		const forged = { token: 'A'.repeat(43), id: newId(), waitedMs: 0 };
		expect((await app.stranger().post('/api/push/snooze', forged)).status).toBe(404);
	});
});

test('the count on the icon is of chats that wait for this person: nobody’s, and their own', async () => {
	const { agent, phone, visitor, conversationId } = await world();
	const colleague = await app.signedInAgent({ team: agent.team });
	const theirs = await deviceOf(services, colleague);
	await callPerson(visitor, conversationId);
	await vi.waitFor(() => expect(theirs.received()).toHaveLength(1), 10_000);
	const args = { conversationId, agentId: colleague.userId, expectedId: null };
	await act(agent, { name: 'assign', args });
	await callPerson(await app.newVisitor({ team: agent.team }), newId());
	const counts = (device: Device) => device.received().map(({ app_badge }) => app_badge);
	await vi.waitFor(() => expect(counts(theirs).at(-1)).toBe(2), 10_000);
	await vi.waitFor(() => expect(counts(phone)).toEqual([1, 1]), 10_000);
});
