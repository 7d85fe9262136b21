import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '#contract/ids.ts';
import { sql } from '../../api/store/sql.ts';
import { type TestAgent, type TestApp, type TestVisitor, testApp } from '../support/app.ts';
import { act, callPerson, pull, pullAll, reply, say } from '../support/chat.ts';

let app: TestApp;
beforeAll(async () => {
	app = await testApp();
});
afterAll(() => app.close());

/** Conversations straight into the store, oldest first, a minute apart: many are slow to type. */
async function fill(agent: TestAgent, count: number, messages: number): Promise<string[]> {
	const visitor = await app.newVisitor({ team: agent.team });
	const { id: teamId, botId } = agent.team;
	const ids = Array.from({ length: count }, (_, i) => newId(Date.now() - (count - i) * 60_000));
	await app.db.team(teamId, async (tx) => {
		await tx.run(sql`
			insert into conversations (team_id, id, bot_id, visitor_id, seq, created_at, last_message_at)
			select ${teamId}, c.id, ${botId}, ${visitor.visitorId}, ${messages}::int, t, t
			from unnest(${ids}::uuid[]) with ordinality c (id, n),
				lateral (select now() - (${count}::int - c.n + 1) * interval '1 minute' as t) t`);
		await tx.run(sql`
			insert into messages (team_id, conversation_id, seq, id, kind, author_kind, body)
			select ${teamId}, c.id, s, gen_random_uuid(), 'text', 'visitor', 'text ' || s
			from unnest(${ids}::uuid[]) c (id), generate_series(1, ${messages}::int) s`);
		// Version 7 is what the contract takes for an id.
		await tx.run(sql`
			update messages set id = overlay(id::text placing '7' from 15)::uuid
			where team_id = ${teamId} and conversation_id = any(${ids}::uuid[])`);
		for (const id of ids) tx.changed({ entity: 'conversation', id, botId });
	});
	return ids;
}

const limitTo = (agent: TestAgent, botIds: string[]) =>
	app.db.team(agent.team.id, async (tx) => {
		const { userId } = agent;
		await tx.run(sql`update members set has_all_bots = false where user_id = ${userId}`);
		await tx.run(sql`delete from member_bots where user_id = ${userId}`);
		for (const botId of botIds)
			await tx.run(sql`
				insert into member_bots (team_id, user_id, bot_id)
				values (${agent.team.id}, ${userId}, ${botId})`);
		tx.changed({ entity: 'member', id: userId, ownerId: userId });
	});

async function chat(agent: TestAgent): Promise<{ visitor: TestVisitor; conversationId: string }> {
	const visitor = await app.newVisitor({ team: agent.team });
	const conversationId = newId();
	await callPerson(visitor, conversationId);
	return { visitor, conversationId };
}

describe('a first sync', () => {
	test('of a small team is one page with everything, its members’ presence included', async () => {
		const agent = await app.signedInAgent();
		const { conversationId } = await chat(agent);
		const page = await pull(agent);
		expect(page).toMatchObject({ hasMore: false, reset: false, team: { id: agent.team.id } });
		expect(page.bots.map((bot) => bot.id)).toEqual([agent.team.botId]);
		expect(page.scope.botIds).toEqual([agent.team.botId]);
		expect(page.members.find((member) => member.userId === agent.userId)).toMatchObject({
			name: 'Ann Lee',
			role: 'agent',
			presence: { status: 'offline' }
		});
		expect(page.conversations.map((conversation) => conversation.id)).toEqual([conversationId]);
		expect(page.messages.map((m) => m.event?.type)).toEqual(['started', 'escalated']);
	});

	test('brings what was written in last with the first page, then everything else', async () => {
		const agent = await app.signedInAgent();
		const ids = await fill(agent, 120, 3);
		const first = await pull(agent);
		expect(first.hasMore).toBe(true);
		expect(first.conversations.map((c) => c.id)).toEqual(ids.slice(-50).reverse());
		const all = await pullAll(agent);
		expect([...all.conversations.keys()].sort()).toEqual([...ids].sort());
		expect(all.messages.size).toBe(360);
		expect(all.pages).toBeGreaterThan(2);
	});

	test('cuts a long thread into pages of bounded size, newest messages first', async () => {
		const agent = await app.signedInAgent();
		const [id] = await fill(agent, 1, 1_000);
		const first = await pull(agent);
		expect(first.messages.map((m) => m.seq)).toEqual(Array.from({ length: 20 }, (_, i) => 981 + i));
		for (let page = first; page.hasMore; page = await pull(agent, page.cursor))
			expect(page.messages.length).toBeLessThanOrEqual(200);
		const { messages } = await pullAll(agent);
		expect(messages.size).toBe(1_000);
		expect([...messages.values()].every((m) => m.conversationId === id)).toBe(true);
	});

	test('misses nothing that moves, comes or grows while it pages', async () => {
		const agent = await app.signedInAgent();
		const ids = await fill(agent, 130, 2);
		const known = new Map<string, Set<number>>();
		const { visitor, conversationId } = await chat(agent);
		let cursor: string | undefined;
		for (let page = await pull(agent); ; page = await pull(agent, cursor)) {
			for (const { conversationId: id, seq } of page.messages)
				known.set(id, (known.get(id) ?? new Set()).add(seq));
			cursor = page.cursor;
			if (!page.hasMore) break;
			if (known.size > ids.length) continue;
			// The oldest one moves to the top, an old one grows, a new one comes.
			await act(agent, reply(ids[0] ?? '', 'Up'));
			await act(agent, reply(ids[40] ?? '', 'Too'));
			await say(visitor, conversationId, 'More');
		}
		const truth = await app.db.team(agent.team.id, (tx) =>
			tx.many<{ id: string; seq: number }>(sql`select id, seq from conversations`)
		);
		expect(truth.length).toBe(131);
		for (const { id, seq } of truth)
			expect([...(known.get(id) ?? [])].sort((a, b) => a - b)).toEqual(
				Array.from({ length: seq }, (_, i) => i + 1)
			);
		expect((await pull(agent, cursor)).messages).toEqual([]);
	});
});

describe('a delta', () => {
	test('holds what changed and nothing else, then nothing', async () => {
		const agent = await app.signedInAgent();
		const quiet = await chat(agent);
		const { visitor, conversationId } = await chat(agent);
		const { cursor } = await pullAll(agent);
		await say(visitor, conversationId, 'News');
		const page = await pull(agent, cursor);
		expect(page.conversations.map((c) => c.id)).toEqual([conversationId]);
		expect(page.messages.map((m) => m.body)).toEqual(['News']);
		expect(page).toMatchObject({ reset: false, hasMore: false, team: null, bots: [], members: [] });
		const after = await pull(agent, page.cursor);
		expect(after).toMatchObject({ conversations: [], messages: [], cursor: page.cursor });
		expect(quiet.conversationId).not.toBe(conversationId);
	});

	test('of very much comes in pages and ends at the same place', async () => {
		const agent = await app.signedInAgent();
		const { visitor, conversationId } = await chat(agent);
		const { cursor, messages: before } = await pullAll(agent);
		for (let i = 0; i < 5; i++) await fill(agent, 100, 1);
		await say(visitor, conversationId, 'Last');
		const delta = await pullAll(agent, cursor);
		expect(delta.pages).toBeGreaterThan(2);
		expect(delta.conversations.size).toBe(501);
		expect([...delta.messages.values()].map((m) => m.body)).toEqual(['Last']);
		expect(before.size).toBe(2);
	});

	test('has a person’s own read marks, not a colleague’s', async () => {
		const agent = await app.signedInAgent();
		const colleague = await app.signedInAgent({ team: agent.team });
		const { conversationId } = await chat(agent);
		const { cursor } = await pullAll(agent);
		await act(colleague, { name: 'read', args: { conversationId, seq: 1 } });
		await act(agent, { name: 'read', args: { conversationId, seq: 99 } });
		expect((await pull(agent, cursor)).reads).toEqual([
			{ conversationId, userId: agent.userId, seq: 2 }
		]);
		await act(agent, { name: 'read', args: { conversationId, seq: 1 } });
		expect((await pullAll(agent)).reads.get(conversationId)).toBe(2);
	});

	test('tells what was deleted', async () => {
		const agent = await app.signedInAgent();
		const { conversationId: id } = await chat(agent);
		const { cursor } = await pullAll(agent);
		await app.db.team(agent.team.id, async (tx) => {
			await tx.run(sql`delete from conversations where team_id = ${tx.teamId} and id = ${id}`);
			tx.changed({ entity: 'conversation', id, botId: agent.team.botId, op: 'delete' });
		});
		const page = await pull(agent, cursor);
		expect(page).toMatchObject({ deletes: [{ entity: 'conversation', id }], conversations: [] });
	});
});

describe('access to bots', () => {
	test('bounds what comes, from the first page on and in every delta', async () => {
		const agent = await app.signedInAgent();
		const limited = await app.signedInAgent({ team: agent.team });
		const other = await app.newBot(agent.team);
		await limitTo(limited, [other.id]);
		const { visitor, conversationId } = await chat(agent);
		const first = await pullAll(limited);
		expect([...first.conversations]).toEqual([]);
		await say(visitor, conversationId, 'Secret');
		await app.db.team(agent.team.id, async (tx) => tx.changed({ entity: 'team', id: tx.teamId }));
		const delta = await pull(limited, first.cursor);
		expect(delta.team).not.toBeNull();
		expect(delta).toMatchObject({ conversations: [], messages: [], scope: { botIds: [other.id] } });
		expect(JSON.stringify(delta)).not.toContain('Secret');
	});

	test('that ends leaves the bot out of the scope; that begins brings all of its conversations', async () => {
		const agent = await app.signedInAgent();
		const changing = await app.signedInAgent({ team: agent.team });
		const { conversationId } = await chat(agent);
		const { cursor } = await pullAll(changing);
		await limitTo(changing, []);
		const without = await pull(changing, cursor);
		expect(without).toMatchObject({ reset: true, scope: { botIds: [] }, conversations: [] });
		await limitTo(changing, [agent.team.botId]);
		const again = await pull(changing, without.cursor);
		expect(again).toMatchObject({ reset: true, scope: { botIds: [agent.team.botId] } });
		expect(again.conversations.map((c) => c.id)).toEqual([conversationId]);
	});

	test('a page that names somebody else than who is signed in gets nothing for its databases', async () => {
		const agent = await app.signedInAgent();
		const colleague = await app.signedInAgent({ team: agent.team });
		const path = `/api/sync?team=${agent.team.id}&user=${agent.userId}`;
		const refused = await colleague.get(path);
		expect(refused.status).toBe(401);
		expect(await refused.json()).toMatchObject({ error: { remedy: 'Sign in again.' } });
		expect((await agent.get(path)).status).toBe(200);
	});

	test('a stranger is told that there is no such team', async () => {
		const agent = await app.signedInAgent();
		const stranger = await app.signedInAgent();
		const query = (team: string) => stranger.get(`/api/sync?team=${team}`);
		const [real, invented] = [await query(agent.team.id), await query(newId())];
		expect([real.status, invented.status]).toEqual([404, 404]);
		expect(await real.text()).toBe(await invented.text());
		expect((await app.stranger().get(`/api/sync?team=${agent.team.id}`)).status).toBe(401);
	});
});

describe('a cursor that leads nowhere', () => {
	const expectReset = async (agent: TestAgent, cursor: string) => {
		const page = await pull(agent, cursor);
		expect(page).toMatchObject({ reset: true, team: { id: agent.team.id } });
		expect(page.conversations).toHaveLength(1);
		expect((await pull(agent, page.cursor)).reset).toBe(false);
	};

	test('of another epoch, of the future, of what was cleared away or of nobody begins anew', async () => {
		const agent = await app.signedInAgent();
		const { visitor, conversationId } = await chat(agent);
		const { cursor } = await pullAll(agent);
		const [epoch, version] = cursor.split('.');
		await expectReset(agent, `${newId()}.${version}`);
		await expectReset(agent, `${epoch}.${Number(version) + 1}`);
		await expectReset(agent, `${epoch}.1.zzz`);
		await say(visitor, conversationId, 'Later');
		await app.db.team(agent.team.id, (tx) =>
			tx.run(sql`update teams set floor = ${Number(version)} where id = ${tx.teamId}`)
		);
		await expectReset(agent, `${epoch}.${Number(version) - 1}`);
		// Right at the edge nothing is missing.
		expect((await pull(agent, cursor)).reset).toBe(false);
	});
});
