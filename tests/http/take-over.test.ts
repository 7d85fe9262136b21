import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BusinessHours } from '#contract/coverage.ts';
import { newId } from '#contract/ids.ts';
import { SyncPage } from '#contract/sync.ts';
import { sql } from '../../api/store/sql.ts';
import { type TestAgent, type TestApp, testApp } from '../support/app.ts';
import { act, callPerson } from '../support/chat.ts';

let app: TestApp;
beforeAll(async () => {
	app = await testApp();
});
afterAll(() => app.close());

const always: BusinessHours = {
	timeZone: 'Europe/Lisbon',
	spans: [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, from: '00:00', to: '00:00' })),
	holidays: []
};
const say = (agent: TestAgent, status: 'online' | 'offline') =>
	agent.put('/api/presence/intent', {
		...{ teamId: agent.team.id, status, deviceId: newId() },
		page: { id: newId(), visibility: 'visible', isFocused: true, idleMs: 0 }
	});
const ask = (by: TestAgent, userId: string, more: object = {}) =>
	by.post('/api/presence/take-over', { teamId: by.team.id, userId, giveChats: false, ...more });
const pageOf = async (reader: TestAgent) =>
	SyncPage.parse(await (await reader.get(`/api/sync?team=${reader.team.id}`)).json());
const askedOf = async (agent: TestAgent) =>
	(await pageOf(agent)).members.find(({ userId }) => userId === agent.userId)?.asked;

/** An agent who is the last one online, and a colleague who is not. */
async function lastOne() {
	const agent = await app.signedInAgent();
	const colleague = await app.signedInAgent({ team: agent.team });
	const owner = await app.signedInAgent({ team: agent.team, role: 'owner' });
	await owner.put('/api/presence/hours', { teamId: agent.team.id, hours: always });
	await say(agent, 'online');
	return { agent, colleague };
}

describe('who goes offline asks a colleague to take over', () => {
	test('who reads it until somebody answers by going online', async () => {
		const { agent, colleague } = await lastOne();
		const answer = await ask(agent, colleague.userId, { untilMs: 3_600_000 });
		expect(answer.status).toBe(200);
		const { until, given } = await answer.json();
		expect(given).toBe(0);
		expect(Math.abs(until - app.clock.now() - 3_600_000)).toBeLessThan(20_000);
		expect(await askedOf(colleague)).toEqual({ by: agent.userId, at: expect.any(Number), until });
		expect(app.jobs.at(-1)).toMatchObject({ name: 'ask', data: { teamId: agent.team.id } });
		await say(agent, 'offline');
		expect(await askedOf(colleague)).not.toBeNull();
		await say(colleague, 'online');
		expect(await askedOf(colleague)).toBeNull();
		// Answered is answered, also after the shift.
		await say(colleague, 'offline');
		expect(await askedOf(colleague)).toBeNull();
	});

	test('who may say no', async () => {
		const { agent, colleague } = await lastOne();
		await ask(agent, colleague.userId);
		const no = await colleague.delete('/api/presence/take-over', { teamId: agent.team.id });
		expect(no.status).toBe(200);
		expect(await askedOf(colleague)).toBeNull();
	});

	test('who is not rung any more once the question is answered, whichever way', async () => {
		const { agent, colleague } = await lastOne();
		const decided = () =>
			app.db.team(agent.team.id, (tx) =>
				tx.many(sql`select rule from notification_deliveries where team_id = ${tx.teamId}`)
			);
		const ring = async () => {
			const job = app.jobs.findLast(({ name }) => name === 'ask');
			if (job?.name === 'ask') await app.deps.push.ask(job.data);
		};
		await ask(agent, colleague.userId);
		await colleague.delete('/api/presence/take-over', { teamId: agent.team.id });
		await ring();
		await ask(agent, colleague.userId);
		await say(colleague, 'online');
		await ring();
		expect(await decided()).toEqual([]);
		await say(colleague, 'offline');
		await ask(agent, colleague.userId);
		await ring();
		expect(await decided()).toEqual([{ rule: 'push after going offline by hand is off' }]);
	});

	test('and learns that somebody has come online meanwhile', async () => {
		const { agent, colleague } = await lastOne();
		await say(colleague, 'online');
		const answer = await ask(agent, colleague.userId);
		expect(answer.status).toBe(409);
		expect((await answer.json()).error).toMatchObject({
			message: 'Ann Lee is online meanwhile.',
			details: { onlineId: colleague.userId }
		});
		expect(await askedOf(colleague)).toBeNull();
	});

	test('who has the chats from then on, if they are given along and may be answered', async () => {
		const { agent, colleague } = await lastOne();
		const visitor = await app.newVisitor({ team: agent.team });
		const conversationId = newId();
		await callPerson(visitor, conversationId);
		await act(agent, { name: 'claim', args: { conversationId } });
		const stillMine = await ask(agent, colleague.userId);
		expect((await stillMine.json()).given).toBe(0);
		const rung = app.jobs.filter(({ name }) => name === 'notify').length;
		const answer = await ask(agent, colleague.userId, { giveChats: true });
		expect((await answer.json()).given).toBe(1);
		const { conversations, messages } = await pageOf(colleague);
		expect(conversations).toMatchObject([{ assigneeId: colleague.userId, state: 'unresolved' }]);
		const events = messages.flatMap(({ event }) => event ?? []);
		expect(events).toContainEqual(
			expect.objectContaining({
				type: 'transferred',
				agentId: colleague.userId,
				fromId: agent.userId
			})
		);
		// The question rings; each chat does not.
		expect(app.jobs.filter(({ name }) => name === 'notify')).toHaveLength(rung);
		const restricted = await app.signedInAgent({ team: agent.team });
		await (await app.signedInAgent({ team: agent.team, role: 'owner' })).put('/api/members', {
			...{ teamId: agent.team.id, userId: restricted.userId, role: 'agent' },
			...{ roleId: null, botIds: [] }
		});
		await act(agent, {
			name: 'assign',
			args: { conversationId, agentId: agent.userId, expectedId: colleague.userId }
		});
		const none = await ask(agent, restricted.userId, { giveChats: true });
		expect((await none.json()).given).toBe(0);
	});

	test('but no stranger, nobody who answers no chats, and not oneself', async () => {
		const { agent } = await lastOne();
		const viewer = await app.signedInAgent({ team: agent.team, role: 'viewer' });
		const stranger = await app.signedInAgent();
		for (const userId of [viewer.userId, stranger.userId, agent.userId])
			expect((await ask(agent, userId)).status).toBe(404);
		expect((await ask(viewer, agent.userId)).status).toBe(403);
		const foreign = { ...stranger, team: agent.team };
		expect((await ask(foreign, agent.userId)).status).toBe(404);
	});
});
