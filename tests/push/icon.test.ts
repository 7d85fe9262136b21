import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Me } from '#contract/auth.ts';
import { newId } from '#contract/ids.ts';
import { insertMember, type RoleName } from '../../api/store/member.ts';
import type { TestAgent, TestApp } from '../support/app.ts';
import { act, callPerson } from '../support/chat.ts';
import { startPushApp } from '../support/push/app.ts';
import { type Device, deviceOf } from '../support/push/device.ts';

let started: Awaited<ReturnType<typeof startPushApp>>;
let app: TestApp;
beforeAll(async () => {
	started = await startPushApp();
	({ app } = started);
});
afterAll(() => started?.close());

/** Somebody with a phone who is in another team as well, in which one chat waits for them and one for a colleague. */
async function inTwoTeams(role: RoleName = 'agent') {
	const agent = await app.signedInAgent();
	const colleague = await app.signedInAgent();
	const other = colleague.team;
	for (const of of ['nobody', 'the colleague']) {
		const conversationId = newId();
		await callPerson(await app.newVisitor({ team: other }), conversationId);
		const args = { conversationId, agentId: colleague.userId, expectedId: null };
		if (of === 'the colleague') await act(colleague, { name: 'assign', args });
	}
	await app.deps.db.team(other.id, (tx) => insertMember(tx, agent.userId, role));
	return { agent, other, phone: await deviceOf(started.services, agent) };
}

/** What a push about a chat of the person's first team says. */
async function pushOf({ agent, phone }: { agent: TestAgent; phone: Device }) {
	await callPerson(await app.newVisitor({ team: agent.team }), newId());
	await vi.waitFor(() => expect(phone.received()).toHaveLength(1), 10_000);
	const [push] = phone.received();
	return { badge: push?.app_badge, title: push?.notification.title };
}

const countsOf = async (agent: TestAgent) => {
	const { teams } = (await (await agent.get('/api/me')).json()) as Me;
	return new Map(teams.map(({ team, waitingCount }) => [team.id, waitingCount]));
};

test('the icon counts over all teams of the person, a push and the page alike; words keep to the team', async () => {
	const { agent, other, phone } = await inTwoTeams();
	expect(await pushOf({ agent, phone })).toEqual({
		badge: 2,
		title: expect.not.stringContaining('chats waiting')
	});
	expect(await countsOf(agent)).toEqual(
		new Map([
			[agent.team.id, 1],
			[other.id, 1]
		])
	);
});

test('of a team in which the person may not answer nothing waits for them', async () => {
	const { agent, other, phone } = await inTwoTeams('viewer');
	expect((await pushOf({ agent, phone })).badge).toBe(1);
	expect((await countsOf(agent)).get(other.id)).toBe(0);
});
