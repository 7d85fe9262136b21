import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { newId } from '#contract/ids.ts';
import type { EventLogResponse, WhyResponse } from '#contract/notifications.ts';
import { createCoverageWatch } from '../../api/presence/coverage.ts';
import { sql } from '../../api/store/sql.ts';
import { ORIGIN, type TestAgent, type TestApp } from '../support/app.ts';
import { startPushApp } from '../support/push/app.ts';
import { deviceOf, ledger } from '../support/push/device.ts';
import type { PushServices } from '../support/push/services.ts';

let started: Awaited<ReturnType<typeof startPushApp>>;
let services: PushServices;
let app: TestApp;
beforeAll(async () => {
	started = await startPushApp({ timeoutMs: 500 });
	({ services, app } = started);
});
afterAll(() => started?.close());

const say = (agent: TestAgent, status: 'online' | 'offline') =>
	agent.put('/api/presence/intent', {
		...{ teamId: agent.team.id, status, deviceId: newId() },
		page: { id: newId(), visibility: 'visible', isFocused: true, idleMs: 0 }
	});
const ask = (by: TestAgent, { userId }: TestAgent) =>
	by.post('/api/presence/take-over', { teamId: by.team.id, userId, giveChats: false });
const linesOf = async (agent: TestAgent, count: number) =>
	vi.waitFor(async () => {
		const lines = (await ledger(app, agent.team)).filter(({ userId }) => userId === agent.userId);
		expect(lines).toHaveLength(count);
		for (const { state } of lines) expect(state).not.toBe('decided');
		return lines;
	}, 15_000);

/** An agent who is online, and a colleague with a phone. */
async function world() {
	const agent = await app.signedInAgent();
	const colleague = await app.signedInAgent({ team: agent.team });
	const phone = await deviceOf(services, colleague);
	await say(agent, 'online');
	return { agent, colleague, phone };
}

test('a colleague who is asked to take over is rung, by name, and the proof counts', async () => {
	const { agent, colleague, phone } = await world();
	await ask(agent, colleague);
	const [line] = await linesOf(colleague, 1);
	expect(line).toMatchObject({ action: 'send', rule: 'push while offline', state: 'accepted' });
	const [payload] = phone.received();
	expect(payload?.notification).toMatchObject({
		title: 'Ann Lee asks you to take over live chat',
		tag: `take-over-${agent.team.id}`,
		data: { kind: 'take_over', conversationId: null, userId: colleague.userId }
	});
	expect(payload?.notification.navigate).toContain(`/chats?team=${agent.team.id}`);
	const token = payload?.notification.data.ackToken;
	await app.stranger().post('/api/push/ack', { token, state: 'shown' });
	expect((await linesOf(colleague, 1))[0]).toMatchObject({ state: 'shown' });
	expect(phone.received()).toHaveLength(1);
});

test('a question stands among the rings with its reasons, for an app that asks for questions', async () => {
	const { agent, colleague } = await world();
	await ask(agent, colleague);
	await linesOf(colleague, 1);
	const path = `/api/notifications/log?team=${agent.team.id}`;
	const logOf = async (who: TestAgent, query = '') =>
		((await (await who.get(path + query)).json()) as EventLogResponse).rows;
	const [row] = await logOf(colleague, '&questions=1');
	expect(row).toMatchObject({
		...{ kind: 'take_over', conversationId: null, visitorName: null, byId: agent.userId },
		...{ sentCount: 1, suppressedCount: 0 }
	});
	expect(await logOf(colleague)).toEqual([]);
	const answer = await colleague.get(
		`/api/notifications/why?team=${agent.team.id}&event=${row?.id}`
	);
	const { rows } = (await answer.json()) as WhyResponse;
	expect(rows.map(({ text }) => text)).toEqual([
		'Ann Lee asked a colleague to take over.',
		'Ann Lee on Firefox on Linux: is rung: push while offline.',
		'Ann Lee on Firefox on Linux: the push was sent.',
		'Ann Lee on Firefox on Linux: the push service: accepted (201).'
	]);
	const stranger = await app.signedInAgent();
	expect((await stranger.get(`${path}&questions=1`)).status).toBe(404);
});

test('a question that was answered before its turn rang nobody, and is not being decided for ever', async () => {
	const { agent, colleague } = await world();
	const [teamId, eventId] = [agent.team.id, newId()];
	await app.db.team(teamId, (tx) =>
		tx.run(sql`
			insert into notification_events (team_id, id, kind, conversation_id, at, seq, by_id, target_ids)
			values (${teamId}, ${eventId}, 'take_over', null, ${new Date(app.clock.now())}, 0, ${agent.userId},
				${[colleague.userId]}::uuid[])`)
	);
	const log = `/api/notifications/log?team=${teamId}&questions=1`;
	const rows = async () => ((await (await colleague.get(log)).json()) as EventLogResponse).rows;
	expect(await rows()).toMatchObject([{ id: eventId, isDecided: false }]);
	await app.deps.push.ask({ teamId, eventId });
	expect(await rows()).toMatchObject([{ id: eventId, isDecided: true, sentCount: 0 }]);
});

test('a question whose push had no answer is sent again, and alerts no second time where both arrive', async () => {
	const { agent, colleague, phone } = await world();
	phone.answers.push('takeAndHang');
	await ask(agent, colleague);
	const [line] = await linesOf(colleague, 1);
	expect(line).toMatchObject({ state: 'accepted', attempts: 2 });
	const alerts = phone.received().map(({ notification }) => notification.data.renotify);
	expect(alerts).toEqual([true, false]);
});

test('whoever went offline by hand and wants no ring then is left alone, and the ledger says why', async () => {
	const { agent, colleague, phone } = await world();
	await say(colleague, 'online');
	await say(colleague, 'offline');
	await ask(agent, colleague);
	const [line] = await linesOf(colleague, 1);
	expect(line).toMatchObject({
		action: 'suppress',
		rule: 'push after going offline by hand is off'
	});
	expect(phone.received()).toEqual([]);
});

test('admins are rung within a minute of being without anybody, and not once somebody is there', async () => {
	const agent = await app.signedInAgent();
	const admin = await app.signedInAgent({ team: agent.team, role: 'admin' });
	const phone = await deviceOf(services, admin);
	const agents = await deviceOf(services, agent);
	const days = [1, 2, 3, 4, 5, 6, 7];
	await admin.put('/api/presence/hours', {
		teamId: agent.team.id,
		hours: {
			timeZone: 'Europe/Lisbon',
			spans: days.map((day) => ({ day, from: '00:00', to: '00:00' })),
			holidays: []
		}
	});
	const watch = createCoverageWatch({ ...app.deps, publicOrigin: ORIGIN });
	await say(agent, 'online');
	await watch.round();
	await say(agent, 'offline');
	const left = app.clock.now();
	// As often as the server looks.
	while (phone.received().length === 0 && app.clock.now() - left < 120_000) {
		await watch.round();
		await vi
			.waitFor(() => expect(phone.received()).toHaveLength(1), { timeout: 2_000 })
			.catch(() => app.clock.advance(10_000));
	}
	expect(app.clock.now() - left).toBeLessThan(60_000);
	const [payload] = phone.received();
	expect(payload?.notification).toMatchObject({
		title: 'Nobody is online for Acme',
		body: expect.stringContaining('Visitors read that nobody is there.'),
		data: { kind: 'take_over', userId: admin.userId }
	});
	app.clock.advance(60_000);
	await watch.round();
	expect((await linesOf(admin, 1))[0]).toMatchObject({ state: 'accepted' });
	expect(agents.received()).toEqual([]);
});
