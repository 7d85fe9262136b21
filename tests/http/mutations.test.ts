import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '#contract/ids.ts';
import { PROTOCOL_VERSION } from '#contract/protocol.ts';
import { sql } from '../../api/store/sql.ts';
import { type TestAgent, type TestApp, testApp } from '../support/app.ts';
import { act, callPerson, mutation, pullAll, pushAll, reply, say, seen } from '../support/chat.ts';

let app: TestApp;
beforeAll(async () => {
	app = await testApp();
});
afterAll(() => app.close());

async function chat() {
	const agent = await app.signedInAgent();
	const visitor = await app.newVisitor({ team: agent.team });
	const conversationId = newId();
	await callPerson(visitor, conversationId);
	return { agent, visitor, conversationId };
}

const recorded = (agent: TestAgent) =>
	app.db.team(agent.team.id, (tx) =>
		tx.many<{ id: string; outcome: string }>(sql`
			select id, outcome from mutations where user_id = ${agent.userId} order by created_at`)
	);

const bodies = async (agent: TestAgent) =>
	[...(await pullAll(agent)).messages.values()]
		.filter((message) => message.kind === 'text')
		.map((message) => message.body);

describe('a mutation', () => {
	test('sent five times at once does its work once, and each repeat gets the same answer', async () => {
		const { agent, visitor, conversationId } = await chat();
		const deviceId = newId();
		const one = mutation(reply(conversationId, 'Once.'));
		const answers = await Promise.all(
			[1, 2, 3, 4, 5].map(() => pushAll(agent, [one], { deviceId }))
		);
		for (const [answer] of answers) expect(answer).toEqual({ id: one.id, outcome: 'applied' });
		expect(await bodies(agent)).toEqual(['Once.']);
		expect((await seen(visitor)).messages.filter((m) => m.kind === 'text')).toHaveLength(1);
		expect(await recorded(agent)).toHaveLength(1);
	});

	test('that comes again late undoes nothing that was done since', async () => {
		const { agent, conversationId } = await chat();
		const deviceId = newId();
		const once = mutation({ name: 'resolve', args: { conversationId } });
		const first = await pushAll(agent, [once], { deviceId });
		await act(agent, { name: 'reopen', args: { conversationId } });
		expect(await pushAll(agent, [once], { deviceId })).toEqual(first);
		expect((await pullAll(agent)).conversations.get(conversationId)?.state).toBe('unresolved');
	});

	test('a batch is applied in its order', async () => {
		const { agent, conversationId } = await chat();
		const texts = ['one', 'two', 'three', 'four'];
		await pushAll(
			agent,
			texts.map((text) => mutation(reply(conversationId, text)))
		);
		expect(await bodies(agent)).toEqual(texts);
	});

	test('that is refused is recorded with its reason, and the rest of the batch goes on', async () => {
		const { agent, conversationId } = await chat();
		const deviceId = newId();
		const refused = mutation(reply(newId(), 'To nowhere'));
		const good = mutation(reply(conversationId, 'To somewhere'));
		const first = await pushAll(agent, [refused, good], { deviceId });
		expect(first.map((result) => result.outcome)).toEqual(['rejected', 'applied']);
		expect(first[0]?.error).toMatchObject({ code: 'not_found', remedy: expect.any(String) });
		expect(await pushAll(agent, [refused, good], { deviceId })).toEqual(first);
		expect(await recorded(agent)).toEqual([
			{ id: refused.id, outcome: 'rejected' },
			{ id: good.id, outcome: 'applied' }
		]);
		expect(await bodies(agent)).toEqual(['To somewhere']);
	});

	test('leaves neither record nor effect where the server itself fails', async () => {
		const { agent, conversationId } = await chat();
		const { baseSeq, ...args } = { conversationId, messageId: newId(), body: 'x', baseSeq: 1 };
		const one = mutation({ name: 'reply', args: { ...args, baseSeq } });
		const { deps } = app;
		const { now } = deps;
		let calls = 0;
		// The clock fails in the middle of the effect, as anything may.
		deps.now = () => {
			calls++;
			throw new Error('no time');
		};
		const failed = await pushAll(agent, [one]).catch(() => 'failed');
		deps.now = now;
		expect(calls).toBeGreaterThan(0);
		expect(failed).toBe('failed');
		expect(await recorded(agent)).toEqual([]);
		expect((await pushAll(agent, [one]))[0]?.outcome).toBe('applied');
		expect(await bodies(agent)).toEqual(['x']);
	});

	test('under somebody else’s id of the same device gets no answer of theirs', async () => {
		const { agent, conversationId } = await chat();
		const colleague = await app.signedInAgent({ team: agent.team });
		const deviceId = newId();
		const one = mutation(reply(conversationId, 'Mine'));
		await pushAll(agent, [one], { deviceId });
		await expect(pushAll(colleague, [one], { deviceId })).rejects.toThrow('409');
		expect(await bodies(agent)).toEqual(['Mine']);
	});

	test('of a stranger is rejected and leaves no trace in the team', async () => {
		const { agent, conversationId } = await chat();
		const stranger = await app.signedInAgent();
		const [result] = await pushAll(stranger, [mutation(reply(conversationId, 'Hi'))], {
			teamId: agent.team.id
		});
		expect(result).toMatchObject({ outcome: 'rejected', error: { code: 'not_found' } });
		const { count } = await app.db.team(agent.team.id, (tx) =>
			tx.one<{ count: number }>(sql`
				select count(*) from mutations where user_id = ${stranger.userId}`)
		);
		expect(count).toBe(0);
		expect(await bodies(agent)).toEqual([]);
	});
});

describe('a reply that waited in the outbox', () => {
	const LONG = 60_000;

	test('waits for a look where the visitor wrote meanwhile, and goes out once it was reviewed', async () => {
		const { agent, visitor, conversationId } = await chat();
		const baseSeq = (await pullAll(agent)).conversations.get(conversationId)?.seq ?? 0;
		await say(visitor, conversationId, 'Never mind');
		const [id, deviceId] = [newId(), newId()];
		const call = reply(conversationId, 'Tomorrow at noon', baseSeq);
		const held = await act(agent, call, { id, deviceId, waitedMs: LONG });
		expect(held).toEqual({ id, outcome: 'review' });
		expect(await bodies(agent)).toEqual(['Never mind']);
		expect(await recorded(agent)).toEqual([]);
		const sent = await act(agent, call, { id, deviceId, waitedMs: LONG, isReviewed: true });
		expect(sent.outcome).toBe('applied');
		expect(await bodies(agent)).toEqual(['Never mind', 'Tomorrow at noon']);
	});

	test('holds up the later replies of its batch to the same conversation, and no other', async () => {
		const { agent, visitor, conversationId } = await chat();
		const other = await app.newVisitor({ team: agent.team });
		const elsewhere = newId();
		await callPerson(other, elsewhere);
		await say(visitor, conversationId, 'Never mind');
		const results = await pushAll(agent, [
			mutation(reply(conversationId, 'one', 1), { waitedMs: LONG }),
			mutation(reply(conversationId, 'two'), { waitedMs: 0 }),
			mutation(reply(elsewhere, 'there'), { waitedMs: 0 }),
			mutation(reply(conversationId, 'looked at'), { waitedMs: 0, isReviewed: true })
		]);
		expect(results.map((result) => result.outcome)).toEqual([
			'review',
			'review',
			'applied',
			'applied'
		]);
		expect((await bodies(agent)).sort()).toEqual(['Never mind', 'looked at', 'there']);
		expect(await recorded(agent)).toHaveLength(2);
	});

	test('holds up what was to follow it, which is done once it was reviewed', async () => {
		const { agent, visitor, conversationId } = await chat();
		await say(visitor, conversationId, 'One more thing');
		const answer = mutation(reply(conversationId, 'Bye', 1), { waitedMs: LONG });
		const end = mutation({ name: 'resolve', args: { conversationId } });
		const read = mutation({ name: 'read', args: { conversationId, seq: 1 } });
		const results = await pushAll(agent, [answer, end, read]);
		expect(results).toEqual([
			{ id: answer.id, outcome: 'review' },
			{ id: read.id, outcome: 'applied' }
		]);
		const state = async () => (await pullAll(agent)).conversations.get(conversationId)?.state;
		expect(await state()).toBe('pending');
		const again = await pushAll(agent, [{ ...answer, isReviewed: true }, end]);
		expect(again.map(({ outcome }) => outcome)).toEqual(['applied', 'applied']);
		expect(await state()).toBe('resolved');
	});

	test('goes out at once where only the agent’s own replies and events came after', async () => {
		const { agent, conversationId } = await chat();
		const baseSeq = (await pullAll(agent)).conversations.get(conversationId)?.seq ?? 0;
		const outbox = ['one', 'two', 'three'].map((body) =>
			mutation(reply(conversationId, body, baseSeq), { waitedMs: LONG })
		);
		const results = await pushAll(agent, outbox);
		expect(results.map((result) => result.outcome)).toEqual(['applied', 'applied', 'applied']);
	});

	test('written while looking at the thread goes out whatever came meanwhile', async () => {
		const { agent, visitor, conversationId } = await chat();
		await say(visitor, conversationId, 'Hello?');
		expect((await act(agent, reply(conversationId, 'Yes', 1), { waitedMs: 5_000 })).outcome).toBe(
			'applied'
		);
	});

	test('a colleague’s note does not hold it up, a colleague’s reply does', async () => {
		const { agent, conversationId } = await chat();
		const colleague = await app.signedInAgent({ team: agent.team });
		const baseSeq = (await pullAll(agent)).conversations.get(conversationId)?.seq ?? 0;
		const note = { conversationId, messageId: newId(), body: 'Careful' };
		await act(colleague, { name: 'note', args: note });
		const call = reply(conversationId, 'Hi', baseSeq);
		expect((await act(agent, call, { waitedMs: LONG })).outcome).toBe('applied');
		await act(colleague, reply(conversationId, 'And hi from me'));
		expect(
			(await act(agent, reply(conversationId, 'Again', baseSeq), { waitedMs: LONG })).outcome
		).toBe('review');
	});
});

describe('a request of mutations', () => {
	const request = (agent: TestAgent, change: object) =>
		agent.post('/api/mutations', {
			protocol: PROTOCOL_VERSION,
			userId: agent.userId,
			teamId: agent.team.id,
			deviceId: newId(),
			mutations: [mutation(reply(newId(), 'Hi'))],
			...change
		});

	test('is refused where the app is too old, before anything is written', async () => {
		const agent = await app.signedInAgent();
		const response = await request(agent, { protocol: 0 });
		expect(response.status).toBe(410);
		expect(await response.json()).toMatchObject({
			error: { code: 'gone', field: 'protocol', remedy: expect.stringContaining('Reload') }
		});
	});

	test('is refused with the field where it is empty, too long, or has fields nobody knows', async () => {
		const agent = await app.signedInAgent();
		const many = Array.from({ length: 51 }, () => mutation(reply(newId(), 'Hi')));
		const odd = { ...mutation(reply(newId(), 'Hi')), extra: 1 };
		const long = mutation(reply(newId(), 'x'.repeat(8_001)));
		for (const [mutations, field] of [
			[[], 'mutations'],
			[many, 'mutations'],
			[[odd], 'mutations.0.extra'],
			[[long], 'mutations.0.call.args.body']
		] as const) {
			const response = await request(agent, { mutations });
			expect(response.status).toBe(400);
			expect(await response.json()).toMatchObject({ error: { code: 'invalid', field } });
		}
		expect(await recorded(agent)).toEqual([]);
	});

	test('from the outbox of somebody else than who is signed in is refused, and nothing is done', async () => {
		const { agent, conversationId } = await chat();
		const colleague = await app.signedInAgent({ team: agent.team });
		const mutations = [mutation(reply(conversationId, 'In whose name?'))];
		const response = await request(agent, { userId: colleague.userId, mutations });
		expect(response.status).toBe(401);
		expect(await response.json()).toMatchObject({
			error: { code: 'unauthenticated', remedy: expect.any(String) }
		});
		expect([await recorded(agent), await recorded(colleague)]).toEqual([[], []]);
		expect(await bodies(agent)).toEqual([]);
		expect((await request(agent, { mutations })).status).toBe(200);
	});

	test('needs somebody signed in', async () => {
		expect((await app.stranger().post('/api/mutations', {})).status).toBe(401);
	});
});

describe('a mutation that waited for more than 30 days', () => {
	const AGES_MS = 30 * 86_400_000 + 1;

	test('is refused and says so, since nobody remembers whether it was done', async () => {
		const { agent, conversationId } = await chat();
		const late = { waitedMs: AGES_MS };
		expect(await act(agent, reply(conversationId, 'Still there?'), late)).toMatchObject({
			outcome: 'rejected',
			error: { code: 'gone', message: expect.stringContaining('30 days') }
		});
		expect(await bodies(agent)).toEqual([]);
		const inTime = { waitedMs: AGES_MS - 1, isReviewed: true };
		expect((await act(agent, reply(conversationId, 'In time'), inTime)).outcome).toBe('applied');
	});

	test('and was done gets the answer of that time while it is remembered', async () => {
		const { agent, conversationId } = await chat();
		const [deviceId, id, call] = [newId(), newId(), reply(conversationId, 'Once.')];
		await act(agent, call, { deviceId, id });
		const again = await act(agent, call, { deviceId, id, waitedMs: AGES_MS });
		expect(again.outcome).toBe('applied');
		expect(await bodies(agent)).toEqual(['Once.']);
	});

	test('does no harm as a read mark', async () => {
		const { agent, conversationId } = await chat();
		const read = { name: 'read' as const, args: { conversationId, seq: 1 } };
		expect((await act(agent, read, { waitedMs: AGES_MS })).outcome).toBe('applied');
	});
});
