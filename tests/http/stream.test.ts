import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { newId } from '#contract/ids.ts';
import { SyncPage } from '#contract/sync.ts';
import type { Delta } from '../../api/domain/sync/delta.ts';
import { createDeltas, type Deltas } from '../../api/domain/sync/deltas.ts';
import { agentStream } from '../../api/realtime/agent-stream.ts';
import type { Realtime } from '../../api/realtime/realtime.ts';
import { sql } from '../../api/store/sql.ts';
import { type TestAgent, type TestApp, testApp } from '../support/app.ts';
import { act, callPerson, eventsOf, pull, pullAll, say } from '../support/chat.ts';

let app: TestApp;
beforeAll(async () => {
	app = await testApp();
});
afterAll(() => app.close());

async function chat(agent: TestAgent) {
	const visitor = await app.newVisitor({ team: agent.team });
	const conversationId = newId();
	await callPerson(visitor, conversationId);
	return { visitor, conversationId };
}

function ask(agent: TestAgent, cursor: string, headers: Record<string, string> = {}) {
	const query = { team: agent.team.id, user: agent.userId, cursor, device: newId() };
	return agent.request(`/api/stream?${new URLSearchParams(query)}`, { headers });
}

async function follow(agent: TestAgent, cursor: string) {
	const events = eventsOf(await ask(agent, cursor));
	onTestFinished(() => events.end());
	return {
		...events,
		async page() {
			const event = await events.next();
			if (event?.event !== 'page') throw new Error(`no page: ${event?.event}`);
			const page = SyncPage.parse(JSON.parse(event.data));
			expect(event.id).toBe(page.cursor);
			return page;
		}
	};
}

describe('a stream', () => {
	test('begins with what the cursor missed, then tells each change as it comes', async () => {
		const agent = await app.signedInAgent();
		const { visitor, conversationId } = await chat(agent);
		const { cursor } = await pullAll(agent);
		await say(visitor, conversationId, 'Before');
		const stream = await follow(agent, cursor);
		expect((await stream.page()).messages.map((m) => m.body)).toEqual(['Before']);
		await say(visitor, conversationId, 'Live');
		const page = await stream.page();
		expect(page.messages.map((m) => m.body)).toEqual(['Live']);
		expect((await pull(agent, page.cursor)).messages).toEqual([]);
	});

	test('begins with what came while no stream was open, wherever another had begun in vain', async () => {
		const agent = await app.signedInAgent();
		const { visitor, conversationId } = await chat(agent);
		const { cursor } = await pullAll(agent);
		const earlier = eventsOf(await ask(agent, cursor));
		await earlier.end();
		await say(visitor, conversationId, 'Between');
		const stream = await follow(agent, cursor);
		expect((await stream.page()).messages.map((m) => m.body)).toEqual(['Between']);
	});

	test('takes up where a browser that connects again had stopped', async () => {
		const agent = await app.signedInAgent();
		const { visitor, conversationId } = await chat(agent);
		const { cursor } = await pullAll(agent);
		await say(visitor, conversationId, 'Known');
		const { cursor: later } = await pullAll(agent, cursor);
		await say(visitor, conversationId, 'New');
		const events = eventsOf(await ask(agent, cursor, { 'Last-Event-ID': later }));
		onTestFinished(() => events.end());
		expect(SyncPage.parse(JSON.parse((await events.next())?.data ?? '')).messages).toMatchObject([
			{ body: 'New' }
		]);
	});

	test('loses nothing of many changes at once', async () => {
		const agent = await app.signedInAgent();
		const { visitor, conversationId } = await chat(agent);
		const stream = await follow(agent, (await pullAll(agent)).cursor);
		const texts = Array.from({ length: 12 }, (_, i) => `text ${i}`);
		const writing = Promise.all(texts.map((text) => say(visitor, conversationId, text)));
		const heard: string[] = [];
		while (heard.length < texts.length) {
			const { messages } = await stream.page();
			heard.push(...messages.map((m) => m.body));
		}
		await writing;
		expect(heard.sort()).toEqual(texts.sort());
	});

	test('ends with its session, at once, and no other', async () => {
		const agent = await app.signedInAgent();
		const colleague = await app.signedInAgent({ team: agent.team });
		const { visitor, conversationId } = await chat(agent);
		const { cursor } = await pullAll(agent);
		const mine = await follow(agent, cursor);
		const theirs = await follow(colleague, cursor);
		expect((await agent.post('/api/auth/sign-out', { deviceId: null })).status).toBe(200);
		expect(await mine.next()).toBeUndefined();
		await say(visitor, conversationId, 'Still here');
		// The agent's presence may have changed with the sign-out.
		await vi.waitFor(async () =>
			expect((await theirs.page()).messages.map((m) => m.body)).toContain('Still here')
		);
		expect((await ask(agent, cursor)).status).toBe(401);
	});

	test('ends when the person is no member any more, without a word of what came after', async () => {
		const agent = await app.signedInAgent();
		const { visitor, conversationId } = await chat(agent);
		const stream = await follow(agent, (await pullAll(agent)).cursor);
		await app.db.team(agent.team.id, async (tx) => {
			const { userId } = agent;
			await tx.run(sql`delete from members where team_id = ${tx.teamId} and user_id = ${userId}`);
			tx.changed({ entity: 'member', id: userId, op: 'delete' });
		});
		await say(visitor, conversationId, 'Secret').catch(() => undefined);
		expect(await stream.next()).toBeUndefined();
	});

	test('is silent about bots that the person may not see', async () => {
		const agent = await app.signedInAgent();
		const limited = await app.signedInAgent({ team: agent.team });
		const other = await app.newBot(agent.team);
		await app.db.team(agent.team.id, async (tx) => {
			await tx.run(sql`
				update members set has_all_bots = false where user_id = ${limited.userId}`);
			await tx.run(sql`
				insert into member_bots (team_id, user_id, bot_id)
				values (${tx.teamId}, ${limited.userId}, ${other.id})`);
		});
		const { visitor, conversationId } = await chat(agent);
		const stream = await follow(limited, (await pullAll(limited)).cursor);
		await say(visitor, conversationId, 'Secret');
		await app.db.team(agent.team.id, async (tx) => tx.changed({ entity: 'team', id: tx.teamId }));
		const page = await stream.page();
		expect(page).toMatchObject({ conversations: [], messages: [], team: { id: agent.team.id } });
	});

	test('brings a new bot to those who may see all', async () => {
		const agent = await app.signedInAgent();
		await chat(agent);
		const stream = await follow(agent, (await pullAll(agent)).cursor);
		const bot = await app.newBot(agent.team);
		const page = await stream.page();
		expect(page.bots.map((b) => b.id)).toEqual([bot.id]);
		expect(page.scope.botIds).toContain(bot.id);
	});

	test('answers a cursor that leads nowhere with a fresh start, and ends', async () => {
		const agent = await app.signedInAgent();
		await chat(agent);
		const { cursor } = await pullAll(agent);
		const stream = await follow(agent, `${newId()}.${cursor.split('.')[1]}`);
		expect(await stream.page()).toMatchObject({ reset: true, team: { id: agent.team.id } });
		expect(await stream.next()).toBeUndefined();
	});

	test('gives a stranger a status, not a stream', async () => {
		const agent = await app.signedInAgent();
		const { cursor } = await pullAll(agent);
		const stranger = await app.signedInAgent();
		expect((await ask({ ...stranger, team: agent.team }, cursor)).status).toBe(404);
		expect((await app.stranger().get(`/api/stream?team=${agent.team.id}`)).status).toBe(401);
	});

	test('is not given to a page that names somebody else than who is signed in', async () => {
		const agent = await app.signedInAgent();
		const { cursor } = await pullAll(agent);
		const { userId } = await app.signedInAgent({ team: agent.team });
		expect((await ask({ ...agent, userId }, cursor)).status).toBe(401);
	});

	test('that nobody reads any more listens no more', async () => {
		const agent = await app.signedInAgent();
		const { cursor } = await pullAll(agent);
		const { subscribe } = app.deps.realtime;
		const open = new Set<object>();
		const spy = vi.spyOn(app.deps.realtime, 'subscribe').mockImplementation((...args) => {
			const stop = subscribe(...args);
			open.add(stop);
			return () => {
				stop();
				open.delete(stop);
			};
		});
		onTestFinished(() => spy.mockRestore());
		const events = eventsOf(await ask(agent, cursor));
		expect(open.size).toBe(1);
		await events.end();
		await vi.waitFor(() => expect(open.size).toBe(0));
	});

	test('costs one read for a hundred that stand at the same place', async () => {
		const agent = await app.signedInAgent();
		const { visitor, conversationId } = await chat(agent);
		const { cursor } = await pullAll(agent);
		const read = vi.spyOn(app.db, 'team');
		onTestFinished(() => read.mockRestore());
		const deltas = createDeltas(app.deps);
		await say(visitor, conversationId, 'For all');
		const after = Number(cursor.split('.')[1]);
		const query = { teamId: agent.team.id, after, botIds: [agent.team.botId], newest: after + 1 };
		read.mockClear();
		const all = await Promise.all(Array.from({ length: 100 }, () => deltas.get(query)));
		expect(read).toHaveBeenCalledTimes(1);
		expect(new Set(all).size).toBe(1);
		expect(all[0]?.messages.map((m) => m.body)).toEqual(['For all']);
		await deltas.get({ ...query, newest: after + 2 });
		expect(read).toHaveBeenCalledTimes(2);
	});

	test('asks on by itself where a delta shared with others ended before the news', async () => {
		const agent = await app.signedInAgent();
		const { visitor, conversationId } = await chat(agent);
		const { cursor } = await pullAll(agent);
		const after = Number(cursor.split('.')[1]);
		const real = createDeltas(app.deps);
		let shared: Delta | null = null;
		let ring = (_version: number) => {};
		const deltas: Deltas = {
			async get(query) {
				const given = shared ?? (await real.get(query));
				shared = null;
				return given;
			}
		};
		const subscribe: Realtime['subscribe'] = (_, listener) => {
			ring = listener;
			return () => {};
		};
		const realtime = { ...app.deps.realtime, subscribe };
		const { userId, sessionDigest, team } = agent;
		const ctx = { ...app.deps, actor: { kind: 'agent' as const, userId, sessionDigest } };
		const server = new Hono().get('/', (c) =>
			agentStream(c, { deltas, realtime }, ctx, { teamId: team.id, cursor })
		);
		const events = eventsOf(await server.request('/'));
		onTestFinished(() => events.end());
		await say(visitor, conversationId, 'one');
		// Another stream's read, begun before the second message: it answers this one as well.
		const query = { teamId: team.id, after, botIds: [team.botId], newest: after + 1 };
		const early = await real.get(query);
		await say(visitor, conversationId, 'two');
		const { version: newest } = await real.get({ ...query, newest: early.version + 1 });
		shared = early;
		const heard: string[] = [];
		const listening = (async () => {
			while (heard.length < 2) {
				const event = await events.next();
				if (!event) return;
				heard.push(...SyncPage.parse(JSON.parse(event.data)).messages.map((m) => m.body));
			}
		})();
		ring(newest);
		await vi.waitFor(() => expect(heard).toEqual(['one', 'two']));
		await listening;
	});

	test('tells an agent of a claim by a colleague', async () => {
		const agent = await app.signedInAgent();
		const colleague = await app.signedInAgent({ team: agent.team });
		const { conversationId } = await chat(agent);
		const stream = await follow(agent, (await pullAll(agent)).cursor);
		await act(colleague, { name: 'claim', args: { conversationId } });
		const { conversations } = await stream.page();
		expect(conversations).toMatchObject([{ id: conversationId, assigneeId: colleague.userId }]);
	});
});
