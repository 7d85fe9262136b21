import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { newId } from '#contract/ids.ts';
import { Availability, WidgetSessionResponse, WidgetState } from '#contract/widget.ts';
import { sql } from '../../api/store/sql.ts';
import {
	ORIGIN,
	type TestAgent,
	type TestApp,
	type TestTeam,
	type TestVisitor,
	testApp
} from '../support/app.ts';
import { act, callPerson, eventsOf, pullAll, reply, say, seen } from '../support/chat.ts';

const DEMO = 'http://127.0.0.1:3001';
const SHOP = 'https://shop.example';

let app: TestApp;
beforeAll(async () => {
	app = await testApp({ config: { demoOrigin: DEMO } });
	// Past the first moments, in which the server cannot vouch for anybody.
	app.clock.advance(300_000);
});
afterAll(() => app.close());

const inTeam = (team: TestTeam, ...statements: ReturnType<typeof sql>[]) =>
	app.db.team(team.id, async (tx) => {
		for (const statement of statements) await tx.run(statement);
		tx.changed({ entity: 'team', id: tx.teamId });
	});

const rename = async (agent: TestAgent, firstName: string, lastName: string) => {
	await app.db.person.run(sql`
		update users set first_name = ${firstName}, last_name = ${lastName} where id = ${agent.userId}`);
	await app.db.team(agent.team.id, async (tx) =>
		tx.changed({ entity: 'member', id: agent.userId })
	);
};

const goOnline = async (agent: TestAgent) => {
	const page = { id: newId(), visibility: 'visible', isFocused: true, idleMs: 0 };
	const response = await agent.put('/api/presence/intent', {
		teamId: agent.team.id,
		status: 'online',
		deviceId: newId(),
		page
	});
	expect(response.status).toBe(200);
};

const availability = async (botId: string) =>
	Availability.parse(
		await (await app.stranger().get(`/api/widget/availability?bot=${botId}`)).json()
	);

const session = (body: object, headers: Record<string, string> = { Origin: ORIGIN }) =>
	app.stranger().request('/api/widget/session', {
		method: 'POST',
		headers: { 'Content-Type': 'application/json', ...headers },
		body: JSON.stringify(body)
	});

const opened = async (body: object) => {
	const response = await session(body);
	expect(response.status).toBe(200);
	return WidgetSessionResponse.parse(await response.json());
};

async function stream(visitor: TestVisitor, after = 0) {
	const events = eventsOf(await visitor.get(`/api/widget/stream?after=${after}`));
	onTestFinished(() => events.end());
	return {
		async state() {
			const event = await events.next();
			expect(event?.event).toBe('state');
			return WidgetState.parse(JSON.parse(event?.data ?? ''));
		}
	};
}

async function chat() {
	const agent = await app.signedInAgent();
	const visitor = await app.newVisitor({ team: agent.team });
	const conversationId = newId();
	await callPerson(visitor, conversationId);
	return { agent, visitor, conversationId };
}

describe('a session', () => {
	test('begins on an allowed website, the demo site and the preview, and nowhere else', async () => {
		const team = await app.newTeam();
		await inTeam(team, sql`update bots set allowed_origins = ${[SHOP]} where id = ${team.botId}`);
		for (const hostOrigin of [SHOP, DEMO, ORIGIN]) await opened({ botId: team.botId, hostOrigin });
		for (const hostOrigin of ['https://evil.example', `${SHOP}.evil.example`, 'null', '']) {
			const response = await session({ botId: team.botId, hostOrigin });
			expect(response.status).toBe(403);
			expect((await response.json()).error).toMatchObject({ field: 'hostOrigin' });
		}
	});

	test('is only given to our own frame', async () => {
		const { botId } = await app.newTeam();
		expect((await session({ botId, hostOrigin: DEMO }, { Origin: SHOP })).status).toBe(403);
		expect((await session({ botId, hostOrigin: DEMO }, { Origin: 'null' })).status).toBe(403);
		expect((await session({ botId: newId(), hostOrigin: DEMO })).status).toBe(404);
	});

	test('continues by its token, and begins anew by a wrong one or another bot’s', async () => {
		const team = await app.newTeam();
		const hostOrigin = DEMO;
		const page = { url: 'https://shop.example/a', title: 'A' };
		const first = await opened({ botId: team.botId, hostOrigin, page });
		const again = await opened({ botId: team.botId, hostOrigin, token: first.token });
		expect(again.token).toBe(first.token);
		const forged = `${first.token.slice(0, -1)}${first.token.endsWith('A') ? 'B' : 'A'}`;
		const other = await app.newBot(team);
		for (const [botId, token] of [
			[team.botId, forged],
			[team.botId, 'nonsense'],
			[other.id, first.token]
		])
			expect((await opened({ botId, hostOrigin, token })).token).not.toBe(first.token);
	});

	test('shows the agents where the visitor is, but no address that is not a web address', async () => {
		const agent = await app.signedInAgent();
		const { botId } = agent.team;
		const page = { url: 'javascript:alert(1)', title: 'Boo' };
		const { token } = await opened({ botId, hostOrigin: DEMO, page });
		const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
		const body = JSON.stringify({ conversationId: newId(), id: newId() });
		await app.stranger().request('/api/widget/escalate', { method: 'POST', headers, body });
		const url = async () => [...(await pullAll(agent)).conversations.values()][0]?.visitor.pageUrl;
		expect(await url()).toBeNull();
		const real = { url: 'https://shop.example/cart', title: 'Cart' };
		await opened({ botId, hostOrigin: DEMO, token, page: real });
		expect(await url()).toBe(real.url);
	});
});

describe('what a visitor sees', () => {
	test('is the agent’s profile name, and never an email address, a note or a team’s own event', async () => {
		const { agent, visitor, conversationId } = await chat();
		const colleague = await app.signedInAgent({ team: agent.team });
		await rename(agent, '', ' ');
		const note = { conversationId, messageId: newId(), body: 'A difficult one' };
		await act(agent, { name: 'note', args: note });
		await act(agent, reply(conversationId, 'Hello'));
		const args = { conversationId, agentId: colleague.userId, expectedId: agent.userId };
		await act(agent, { name: 'assign', args });
		await act(colleague, {
			name: 'assign',
			args: { ...args, agentId: null, expectedId: colleague.userId }
		});
		const state = await seen(visitor);
		expect(state.messages.map((m) => [m.event ?? m.body, m.author?.name ?? null])).toEqual([
			['escalated', null],
			['joined', 'Support'],
			['Hello', 'Support'],
			['transferred', 'Ann Lee']
		]);
		const live = JSON.stringify(await (await stream(visitor)).state());
		for (const text of [JSON.stringify(state), live])
			for (const secret of ['@', 'difficult', 'unassigned', 'started', colleague.team.ownerId])
				expect(text).not.toContain(secret);
	});

	test('is the team alone where it shows itself: no agent’s id, name or picture in any byte', async () => {
		const { agent, visitor, conversationId } = await chat();
		await app.db.person.run(sql`update users set avatar = 'abc123' where id = ${agent.userId}`);
		await inTeam(
			agent.team,
			sql`update teams set show_agents_as = 'team', brand_name = 'Tideline' where id = ${agent.team.id}`
		);
		await goOnline(agent);
		await act(agent, reply(conversationId, 'Hello'));
		const state = await seen(visitor);
		expect(state.conversation?.agent).toEqual({ id: null, name: 'Tideline', avatar: null });
		expect(state.availability.agents).toEqual([{ id: null, name: 'Tideline', avatar: null }]);
		const { token } = visitor;
		const back = await opened({ botId: agent.team.botId, hostOrigin: DEMO, token });
		const live = await (await stream(visitor)).state();
		for (const answer of [state, back, live, await availability(agent.team.botId)])
			for (const secret of [agent.userId, 'Ann', 'Lee', 'abc123'])
				expect(JSON.stringify(answer)).not.toContain(secret);
	});

	test('is nobody else’s: a token opens one visitor’s chat', async () => {
		const { visitor, conversationId } = await chat();
		await say(visitor, conversationId, 'Private');
		const other = await app.newVisitor({ team: visitor.team });
		expect(await seen(other)).toMatchObject({ conversation: null, messages: [] });
		const forged = `${visitor.team.id}.${visitor.visitorId}.${other.token.split('.')[2]}`;
		const headers = { Authorization: `Bearer ${forged}` };
		for (const path of ['state', 'stream'])
			expect((await app.stranger().request(`/api/widget/${path}`, { headers })).status).toBe(401);
		const agent = await app.signedInAgent({ team: visitor.team });
		expect((await agent.get('/api/widget/state')).status).toBe(401);
	});

	test('what they have read and the address they leave reach the agents', async () => {
		const { agent, visitor, conversationId } = await chat();
		await act(agent, reply(conversationId, 'Hello'));
		expect((await visitor.post('/api/widget/read', { conversationId, seq: 999 })).status).toBe(204);
		expect((await visitor.post('/api/widget/read', { conversationId, seq: 1 })).status).toBe(204);
		await visitor.post('/api/widget/email', { email: ' Kai@Example.com ' });
		const conversation = (await pullAll(agent)).conversations.get(conversationId);
		expect(conversation?.visitorReadSeq).toBe(conversation?.seq);
		expect(conversation?.visitor).toMatchObject({ email: 'kai@example.com', isVerified: false });
		expect((await visitor.post('/api/widget/email', { email: 'kai' })).status).toBe(400);
	});
});

describe('a widget’s stream', () => {
	test('sends all it shows at once, then only what is new', async () => {
		const { agent, visitor, conversationId } = await chat();
		const live = await stream(visitor);
		expect((await live.state()).messages.map((m) => m.event)).toEqual(['escalated']);
		await act(agent, reply(conversationId, 'Hello'));
		const next = await live.state();
		expect(next.messages.map((m) => m.event ?? m.body)).toEqual(['joined', 'Hello']);
		expect(next.conversation).toMatchObject({ state: 'unresolved', agent: { id: agent.userId } });
	});

	test('says nothing of a note or of another visitor’s chat', async () => {
		const { agent, visitor, conversationId } = await chat();
		const other = await app.newVisitor({ team: agent.team });
		const live = await stream(visitor);
		await live.state();
		await act(agent, {
			name: 'note',
			args: { conversationId, messageId: newId(), body: 'Secret' }
		});
		await say(other, newId(), 'Other');
		await act(agent, reply(conversationId, 'Hello'));
		const next = await live.state();
		expect(next.messages.map((m) => m.event ?? m.body)).toEqual(['joined', 'Hello']);
	});

	test('sends the thread again when an agent’s name changes', async () => {
		const { agent, visitor, conversationId } = await chat();
		await act(agent, reply(conversationId, 'Hello'));
		const live = await stream(visitor);
		expect((await live.state()).messages.at(-1)?.author?.name).toBe('Ann Lee');
		await rename(agent, 'Anna', 'Lee-Ross');
		const { conversation, messages } = await live.state();
		expect(conversation?.agent?.name).toBe('Anna Lee-Ross');
		expect(messages.map((m) => m.author?.name ?? null)).toEqual([
			null,
			'Anna Lee-Ross',
			'Anna Lee-Ross'
		]);
	});

	test('tells when somebody comes online', async () => {
		const { agent, visitor } = await chat();
		const live = await stream(visitor);
		expect((await live.state()).availability.status).toBe('offline');
		await goOnline(agent);
		expect((await live.state()).availability).toMatchObject({
			status: 'online',
			agents: [{ name: 'Ann Lee' }]
		});
	});
});

describe('availability', () => {
	test('counts agents with access to the bot, three names at most, for at most a minute', async () => {
		const team = await app.newTeam();
		const agents = [];
		for (let i = 0; i < 4; i++) agents.push(await app.signedInAgent({ team }));
		const viewer = await app.signedInAgent({ team });
		await goOnline(viewer);
		await inTeam(team, sql`update members set role = 'viewer' where user_id = ${viewer.userId}`);
		expect((await availability(team.botId)).status).toBe('offline');
		for (const agent of agents) await goOnline(agent);
		const answer = await availability(team.botId);
		expect(answer.agents.map((a) => a.id)).toEqual(agents.slice(0, 3).map((a) => a.userId));
		expect(answer).toMatchObject({ status: 'online', lastActiveAgoMs: null, usualReplyMs: null });
		expect(answer.validForMs).toBeGreaterThan(0);
		expect(answer.validForMs).toBeLessThanOrEqual(60_000);
	});

	test('never names an agent without access, nor says that one is there', async () => {
		const agent = await app.signedInAgent();
		await goOnline(agent);
		const other = await app.newBot(agent.team);
		await inTeam(
			agent.team,
			sql`update members set has_all_bots = false where user_id = ${agent.userId}`,
			sql`insert into member_bots (team_id, user_id, bot_id)
				values (${agent.team.id}, ${agent.userId}, ${other.id})`
		);
		expect(await availability(agent.team.botId)).toMatchObject({ status: 'offline', agents: [] });
		expect(await availability(other.id)).toMatchObject({ status: 'online' });
	});

	test('ends with the lease, and then tells since when', async () => {
		const agent = await app.signedInAgent();
		await goOnline(agent);
		app.clock.advance(70_000);
		const late = await availability(agent.team.botId);
		expect(late.status).toBe('online');
		expect(late.validForMs).toBeLessThanOrEqual(5_000);
		app.clock.advance(6_000);
		const gone = await availability(agent.team.botId);
		expect(gone).toMatchObject({ status: 'offline', agents: [] });
		expect(gone.lastActiveAgoMs).toBeGreaterThanOrEqual(70_000);
		expect(gone.lastActiveAgoMs).toBeLessThan(90_000);
	});

	test('tells the usual reply time once three replies make one', async () => {
		const agent = await app.signedInAgent();
		for (const waitMs of [60_000, 120_000, 600_000]) {
			expect((await availability(agent.team.botId)).usualReplyMs).toBeNull();
			const visitor = await app.newVisitor({ team: agent.team });
			const conversationId = newId();
			await callPerson(visitor, conversationId);
			app.clock.advance(waitMs);
			await act(agent, reply(conversationId, 'Hello'));
		}
		const { usualReplyMs } = await availability(agent.team.botId);
		expect(usualReplyMs).toBeGreaterThanOrEqual(120_000);
		expect(usualReplyMs).toBeLessThan(130_000);
	});

	test('is not told where the bot does not show it, nor of a bot that nobody has', async () => {
		const agent = await app.signedInAgent();
		await goOnline(agent);
		const { botId } = agent.team;
		await inTeam(agent.team, sql`update bots set show_availability = false where id = ${botId}`);
		expect(await availability(botId)).toMatchObject({
			status: 'none',
			agents: [],
			lastActiveAgoMs: null,
			usualReplyMs: null
		});
		expect((await app.stranger().get(`/api/widget/availability?bot=${newId()}`)).status).toBe(404);
		expect((await app.stranger().get('/api/widget/availability?bot=1')).status).toBe(400);
	});
});

test('a visitor who writes without a pause is asked to wait', async () => {
	const visitor = await app.newVisitor();
	const body = { conversationId: newId(), body: 'Hi' };
	const sent = Array.from({ length: 30 }, () =>
		visitor.post('/api/widget/messages', { ...body, id: newId() })
	);
	const refused = (await Promise.all(sent)).filter((response) => response.status === 429);
	expect(refused.length).toBeGreaterThan(0);
	expect(Number(refused[0]?.headers.get('Retry-After'))).toBeGreaterThan(0);
	expect((await seen(visitor)).messages.length).toBeGreaterThan(0);
});
