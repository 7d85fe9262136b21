import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '#contract/ids.ts';
import { Availability } from '#contract/widget.ts';
import { PRESENCE_SETTINGS } from '../../api/presence/settings.ts';
import { updateMember } from '../../api/store/member.ts';
import { type TestAgent, type TestApp, testApp } from '../support/app.ts';
import { act, callPerson, reply } from '../support/chat.ts';
import { transitionsToWidget } from '../support/transition.ts';

const SECOND = 1_000;
const DAY = 86_400_000;
let app: TestApp;
beforeAll(async () => {
	app = await testApp();
	app.clock.advance(PRESENCE_SETTINGS.quietMs + SECOND);
});
afterAll(() => app.close());

async function goOnline(agent: TestAgent, visibility: 'visible' | 'hidden' = 'visible') {
	const answer = await agent.put('/api/presence/intent', {
		teamId: agent.team.id,
		status: 'online',
		deviceId: newId(),
		page: { id: newId(), visibility, isFocused: false, idleMs: 0 }
	});
	expect(answer.status).toBe(200);
}
const availability = async (botId: string, of = app) =>
	Availability.parse(
		await (await of.stranger().get(`/api/widget/availability?bot=${botId}`)).json()
	);
/** May answer that bot's chats and no other's. */
const restrict = (agent: TestAgent, botId: string) =>
	app.db.team(agent.team.id, (tx) =>
		updateMember(tx, agent.userId, { role: 'agent', roleId: null, botIds: [botId] })
	);
/** A visitor of the team's bot asks for a person, who answers after so long. */
async function answered(agent: TestAgent, afterMs: number): Promise<void> {
	const visitor = await app.newVisitor({ team: agent.team });
	const conversationId = newId();
	await callPerson(visitor, conversationId);
	app.clock.advance(afterMs);
	await act(agent, reply(conversationId, 'Hello'));
}

test('an open widget shows every transition without being asked again', async () => {
	const times = await transitionsToWidget(app, 40);
	expect(times).toHaveLength(40);
	// The benchmark holds it to a second; nobody who polls would have it by then.
	expect(Math.max(...times)).toBeLessThan(5_000);
});

describe('how long a visitor may believe that somebody is there', () => {
	test('is a minute at most, and never beyond the lease', async () => {
		const agent = await app.signedInAgent();
		await goOnline(agent, 'hidden');
		const { botId } = agent.team;
		expect((await availability(botId)).validForMs).toBe(60_000);
		app.clock.advance(170 * SECOND);
		const late = await availability(botId);
		expect(late.status).toBe('online');
		expect(late.validForMs).toBeGreaterThan(20 * SECOND);
		expect(late.validForMs).toBeLessThanOrEqual(30 * SECOND);
	});

	test('ends with the first lease of those who are named', async () => {
		const first = await app.signedInAgent();
		const second = await app.signedInAgent({ team: first.team });
		await goOnline(first, 'visible');
		await goOnline(second, 'hidden');
		app.clock.advance(50 * SECOND);
		const both = await availability(first.team.botId);
		expect(both.agents).toHaveLength(2);
		expect(both.validForMs).toBeLessThanOrEqual(25 * SECOND);
		app.clock.advance(30 * SECOND);
		const one = await availability(first.team.botId);
		expect(one.agents).toEqual([expect.objectContaining({ id: second.userId })]);
		expect(one.validForMs).toBe(60_000);
	});

	test('is nothing while the server cannot vouch: nobody is named, and nobody said to have gone', async () => {
		const young = await testApp();
		try {
			const agent = await young.signedInAgent();
			await goOnline(agent);
			young.clock.advance(80 * SECOND);
			expect(await availability(agent.team.botId, young)).toMatchObject({
				status: 'checking',
				agents: []
			});
		} finally {
			await young.close();
		}
	});
});

describe('what a visitor is told of times', () => {
	test('is when somebody was last active who may answer this bot, and of nobody else', async () => {
		const agent = await app.signedInAgent();
		const { botId } = agent.team;
		const elsewhere = await app.signedInAgent({ team: agent.team });
		await restrict(elsewhere, (await app.newBot(agent.team)).id);
		await goOnline(elsewhere);
		expect(await availability(botId)).toMatchObject({ status: 'offline', lastActiveAgoMs: null });
		await goOnline(agent);
		app.clock.advance(600 * SECOND);
		await goOnline(elsewhere);
		const { status, lastActiveAgoMs } = await availability(botId);
		expect(status).toBe('offline');
		expect(lastActiveAgoMs).toBeGreaterThanOrEqual(600 * SECOND);
		expect(lastActiveAgoMs).toBeLessThan(610 * SECOND);
	});

	test('is the usual reply of the last 30 days to this bot’s visitors', async () => {
		const agent = await app.signedInAgent();
		const { botId } = agent.team;
		const other = await app.newBot(agent.team);
		for (const waitMs of [10, 20, 900]) await answered(agent, waitMs * SECOND);
		const { usualReplyMs } = await availability(botId);
		expect(usualReplyMs).toBeGreaterThanOrEqual(20 * SECOND);
		expect(usualReplyMs).toBeLessThan(30 * SECOND);
		expect((await availability(other.id)).usualReplyMs).toBeNull();
		app.clock.advance(31 * DAY);
		expect((await availability(botId)).usualReplyMs).toBeNull();
	});
});
