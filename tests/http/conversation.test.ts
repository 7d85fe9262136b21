import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '#contract/ids.ts';
import { sql } from '../../api/store/sql.ts';
import { type TestAgent, type TestApp, type TestTeam, testApp } from '../support/app.ts';
import { act, callPerson, pullAll, reply, say, seen } from '../support/chat.ts';

let app: TestApp;
beforeAll(async () => {
	app = await testApp();
});
afterAll(() => app.close());

/** A team with an agent, a colleague, and a visitor who waits for a person. */
async function waiting() {
	const team = await app.newTeam();
	const agent = await app.signedInAgent({ team });
	const colleague = await app.signedInAgent({ team });
	const visitor = await app.newVisitor({ team });
	const conversationId = newId();
	await say(visitor, conversationId, 'Where is my kayak?');
	await callPerson(visitor, conversationId);
	return { team, agent, colleague, visitor, conversationId };
}

const setBot = (team: TestTeam, set: { human_only?: boolean; human_escalation?: boolean }) =>
	app.db.team(team.id, (tx) =>
		tx.run(sql`
			update bots set human_only = ${set.human_only ?? false},
				human_escalation = ${set.human_escalation ?? true},
				quick_questions = '[{"question":"Do you ship?","answer":"Everywhere."}]'
			where team_id = ${team.id} and id = ${team.botId}`)
	);

async function conversationAsSeenBy(agent: TestAgent, id: string) {
	const { conversations, messages } = await pullAll(agent);
	const thread = [...messages.values()]
		.filter((message) => message.conversationId === id)
		.sort((a, b) => a.seq - b.seq);
	return {
		conversation: conversations.get(id),
		thread: thread.map((message) => message.event?.type ?? `${message.authorKind}: ${message.body}`)
	};
}

/** The jobs that tell the team's people of something. */
const rings = (teamId: string) =>
	app.jobs.filter((job) => job.name === 'notify' && job.data.teamId === teamId);

describe('a bot without a program', () => {
	test('does not hide the visitor’s words behind its answer', async () => {
		const { agent, visitor, conversationId } = await waiting();
		const asked = async () =>
			(await conversationAsSeenBy(agent, conversationId)).conversation?.preview;
		expect(await asked()).toMatchObject({ authorKind: 'visitor', body: 'Where is my kayak?' });
		await act(agent, reply(conversationId, 'On its way.'));
		await act(agent, { name: 'hand_back', args: { conversationId } });
		expect(await asked()).toMatchObject({ authorKind: 'agent', body: 'On its way.' });
		await say(visitor, conversationId, 'Thanks');
		expect(await asked()).toMatchObject({ authorKind: 'visitor', body: 'Thanks' });
	});

	test('answers a quick question with its answer, and anything else honestly', async () => {
		const visitor = await app.newVisitor();
		await setBot(visitor.team, {});
		const id = newId();
		await say(visitor, id, ' do you  SHIP? ');
		await say(visitor, id, 'What is love?');
		const { conversation, messages } = await seen(visitor);
		expect(conversation).toMatchObject({ id, state: 'bot', agent: null });
		expect(messages.map((message) => [message.authorKind, message.body])).toEqual([
			['visitor', ' do you  SHIP? '],
			['bot', 'Everywhere.'],
			['visitor', 'What is love?'],
			['bot', expect.stringContaining('Talk to a person')]
		]);
		expect(rings(visitor.team.id)).toEqual([]);
	});

	test('asks for a person with the first message in human-only mode', async () => {
		const visitor = await app.newVisitor();
		await setBot(visitor.team, { human_only: true });
		const id = newId();
		await say(visitor, id, 'Hello?');
		const { conversation, messages } = await seen(visitor);
		expect(conversation?.state).toBe('pending');
		expect(messages.map((message) => message.event ?? message.body)).toEqual([
			'Hello?',
			'escalated'
		]);
		expect(rings(visitor.team.id)).toHaveLength(1);
	});

	test('does not call people where the team does not offer it', async () => {
		const visitor = await app.newVisitor();
		await setBot(visitor.team, { human_escalation: false });
		const body = { conversationId: newId(), id: newId() };
		expect((await visitor.post('/api/widget/escalate', body)).status).toBe(403);
		expect((await seen(visitor)).conversation).toBeNull();
	});
});

describe('an escalation', () => {
	test('waits for a person, silences the bot and notifies once, however often it is sent', async () => {
		const { agent, visitor, conversationId, team } = await waiting();
		await callPerson(visitor, conversationId);
		await say(visitor, conversationId, 'Anyone?');
		const { conversation, thread } = await conversationAsSeenBy(agent, conversationId);
		expect(conversation).toMatchObject({
			state: 'pending',
			assigneeId: null,
			answeredAt: null,
			escalation: { by: 'visitor' },
			preview: { authorKind: 'visitor', body: 'Anyone?' }
		});
		expect(thread.slice(3)).toEqual(['escalated', 'visitor: Anyone?']);
		const events = await app.db.team(team.id, (tx) =>
			tx.many<{ kind: string }>(sql`
				select kind from notification_events where team_id = ${team.id} order by at, id`)
		);
		expect(events.map((event) => event.kind)).toEqual(['escalation', 'message']);
		expect(rings(team.id)).toHaveLength(2);
	});

	test('makes one conversation of two tabs that ask at the same time', async () => {
		const { visitor } = { visitor: await app.newVisitor() };
		await Promise.all([callPerson(visitor, newId()), callPerson(visitor, newId())]);
		const { messages } = await seen(visitor);
		expect(messages.filter((message) => message.event === 'escalated')).toHaveLength(1);
		const { count } = await app.db.team(visitor.team.id, (tx) =>
			tx.one<{ count: number }>(sql`
				select count(*) from conversations where visitor_id = ${visitor.visitorId}`)
		);
		expect(count).toBe(1);
	});

	test('a message that is sent twice at once is there once', async () => {
		const { visitor, conversationId } = await waiting();
		const id = newId();
		const repeats = [1, 2, 3].map(() => say(visitor, conversationId, 'Once', id));
		await Promise.all(repeats);
		const { messages } = await seen(visitor);
		expect(messages.filter((message) => message.body === 'Once')).toHaveLength(1);
	});

	test('a visitor cannot write into another visitor’s conversation', async () => {
		const { conversationId, team, visitor } = await waiting();
		const other = await app.newVisitor({ team });
		const message = { conversationId, id: newId(), body: 'Hi' };
		expect((await other.post('/api/widget/messages', message)).status).toBe(404);
		expect((await other.post('/api/widget/read', { conversationId, seq: 1 })).status).toBe(404);
		expect((await seen(visitor)).messages.map((m) => m.body)).not.toContain('Hi');
	});
});

describe('taking a conversation', () => {
	test('of several who claim at once one wins, and the others are told who', async () => {
		const { team, agent, conversationId } = await waiting();
		const agents = [agent];
		while (agents.length < 5) agents.push(await app.signedInAgent({ team }));
		const call = { name: 'claim', args: { conversationId } } as const;
		const results = await Promise.all(agents.map((one) => act(one, call)));
		const winner = agents[results.findIndex((result) => result.outcome === 'applied')];
		const refused = results.filter((result) => result.outcome === 'rejected');
		expect(refused).toHaveLength(4);
		for (const { error } of refused)
			expect(error).toMatchObject({
				code: 'conflict',
				message: expect.stringMatching(/^Ann Lee took this chat (just now|\d+ seconds? ago)\.$/),
				details: { winnerId: winner?.userId, winnerName: 'Ann Lee', agoMs: expect.any(Number) }
			});
		const { conversation, thread } = await conversationAsSeenBy(agent, conversationId);
		expect(conversation?.assigneeId).toBe(winner?.userId);
		expect(thread.filter((line) => line === 'joined')).toHaveLength(1);
	});

	test('the loser reads how long ago, in seconds', async () => {
		const { agent, colleague, conversationId } = await waiting();
		const call = { name: 'claim', args: { conversationId } } as const;
		await act(agent, call);
		app.clock.advance(3_000);
		const { error } = await act(colleague, call);
		expect(error?.message).toBe('Ann Lee took this chat 3 seconds ago.');
	});

	test('a reply claims what nobody has, and answers the escalation', async () => {
		const { agent, colleague, conversationId, visitor } = await waiting();
		await act(agent, reply(conversationId, 'It is on the ferry.'));
		await act(colleague, reply(conversationId, 'Due at noon.'));
		const { conversation, thread } = await conversationAsSeenBy(agent, conversationId);
		expect(conversation).toMatchObject({ state: 'unresolved', assigneeId: agent.userId });
		expect(conversation?.answeredAt).toBeGreaterThanOrEqual(conversation?.escalatedAt ?? Infinity);
		expect(thread.slice(-3)).toEqual([
			'joined',
			'agent: It is on the ferry.',
			'agent: Due at noon.'
		]);
		const { messages } = await seen(visitor);
		expect(messages.at(-1)).toMatchObject({ body: 'Due at noon.', author: { name: 'Ann Lee' } });
	});

	test('a transfer expects who had it, and tells in the thread who had and has it', async () => {
		const { agent, colleague, conversationId } = await waiting();
		await act(agent, { name: 'claim', args: { conversationId } });
		const stale = { conversationId, agentId: colleague.userId, expectedId: null };
		const refused = await act(colleague, { name: 'assign', args: stale });
		expect(refused.error).toMatchObject({ code: 'conflict', details: { winnerId: agent.userId } });
		const good = { ...stale, expectedId: agent.userId };
		expect((await act(agent, { name: 'assign', args: good })).outcome).toBe('applied');
		const { messages } = await pullAll(agent);
		expect(
			[...messages.values()].find((m) => m.event?.type === 'transferred')?.event
		).toMatchObject({
			byId: agent.userId,
			agentId: colleague.userId,
			fromId: agent.userId
		});
	});

	test('cannot be given to somebody who may not answer it', async () => {
		const { agent, conversationId, team } = await waiting();
		const viewer = await app.signedInAgent({ team, role: 'viewer' });
		const stranger = await app.signedInAgent();
		for (const { userId } of [viewer, stranger]) {
			const args = { conversationId, agentId: userId, expectedId: null };
			const { error } = await act(agent, { name: 'assign', args });
			expect(error).toMatchObject({ code: 'invalid', field: 'agentId' });
		}
	});
});

describe('the end of a conversation', () => {
	test('a visitor’s message reopens it for the agent who had it', async () => {
		const { agent, conversationId, visitor } = await waiting();
		await act(agent, reply(conversationId, 'Done.'));
		await act(agent, { name: 'resolve', args: { conversationId } });
		expect((await seen(visitor)).conversation?.state).toBe('resolved');
		await say(visitor, conversationId, 'Not quite');
		const { conversation, thread } = await conversationAsSeenBy(agent, conversationId);
		expect(conversation).toMatchObject({ state: 'unresolved', assigneeId: agent.userId });
		expect(thread.slice(-3)).toEqual(['resolved', 'reopened', 'visitor: Not quite']);
	});

	test('handed back, the bot answers again until a person is asked for anew', async () => {
		const { agent, conversationId, visitor } = await waiting();
		await act(agent, reply(conversationId, 'The bot knows more.'));
		await act(agent, { name: 'hand_back', args: { conversationId } });
		await say(visitor, conversationId, 'So?');
		expect((await seen(visitor)).messages.at(-1)).toMatchObject({ authorKind: 'bot' });
		await callPerson(visitor, conversationId);
		const { conversation } = await conversationAsSeenBy(agent, conversationId);
		expect(conversation).toMatchObject({ state: 'pending', assigneeId: null, answeredAt: null });
	});

	test('reopen and resolve change nothing where there is nothing to change', async () => {
		const { agent, conversationId } = await waiting();
		await act(agent, { name: 'reopen', args: { conversationId } });
		await act(agent, { name: 'resolve', args: { conversationId } });
		await act(agent, { name: 'resolve', args: { conversationId } });
		const { thread } = await conversationAsSeenBy(agent, conversationId);
		expect(thread.filter((line) => line === 'resolved' || line === 'reopened')).toEqual([
			'resolved'
		]);
	});
});

describe('somebody without access', () => {
	const calls = (conversationId: string) =>
		[
			reply(conversationId, 'Hi'),
			{ name: 'note', args: { conversationId, messageId: newId(), body: 'Hm' } },
			{ name: 'claim', args: { conversationId } },
			{ name: 'assign', args: { conversationId, agentId: null, expectedId: null } },
			{ name: 'resolve', args: { conversationId } },
			{ name: 'reopen', args: { conversationId } },
			{ name: 'hand_back', args: { conversationId } },
			{ name: 'read', args: { conversationId, seq: 1 } }
		] as const;

	test('another team’s agent is told of no such chat, in their own team and in this one', async () => {
		const { agent, conversationId, team } = await waiting();
		const stranger = await app.signedInAgent();
		for (const call of calls(conversationId))
			for (const teamId of [stranger.team.id, team.id]) {
				const { error } = await act({ ...stranger, team: { ...team, id: teamId } }, call);
				expect(error?.code).toBe('not_found');
			}
		const { conversation } = await conversationAsSeenBy(agent, conversationId);
		expect(conversation).toMatchObject({ state: 'pending', assigneeId: null, seq: 4 });
	});

	test('an agent without the bot neither sees nor changes the conversation', async () => {
		const { agent, conversationId, team } = await waiting();
		const limited = await app.signedInAgent({ team });
		await app.db.team(team.id, (tx) =>
			tx.run(sql`update members set has_all_bots = false where user_id = ${limited.userId}`)
		);
		for (const call of calls(conversationId))
			expect((await act(limited, call)).error?.code).toBe('not_found');
		expect((await pullAll(limited)).conversations.size).toBe(0);
		const { conversation } = await conversationAsSeenBy(agent, conversationId);
		expect(conversation?.seq).toBe(4);
	});

	test('a viewer reads, but may not answer', async () => {
		const { conversationId, team } = await waiting();
		const viewer = await app.signedInAgent({ team, role: 'viewer' });
		expect((await act(viewer, reply(conversationId, 'Hi'))).error?.code).toBe('forbidden');
		const read = await act(viewer, { name: 'read', args: { conversationId, seq: 2 } });
		expect(read.outcome).toBe('applied');
		expect((await pullAll(viewer)).reads.get(conversationId)).toBe(2);
	});
});
