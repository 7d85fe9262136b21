import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { newId } from '#contract/ids.ts';
import type { MutationCall } from '#contract/mutations.ts';
import {
	DryRunResponse,
	type TeamNotificationSettings,
	WhyResponse,
	type WhyRow
} from '#contract/notifications.ts';
import { createJobs } from '../../api/jobs/boss.ts';
import { createPush } from '../../api/push/service.ts';
import { type Sql, sql } from '../../api/store/sql.ts';
import { ORIGIN, type TestAgent, type TestApp, testApp } from '../support/app.ts';
import { makeCertificate } from '../support/certificate.ts';
import { act, callPerson, pullAll, reply, say, seen } from '../support/chat.ts';
import { startPushApp } from '../support/push/app.ts';
import { deviceOf, ledger } from '../support/push/device.ts';
import { startProxy } from '../support/push/proxy.ts';
import type { PushServices } from '../support/push/services.ts';

let started: Awaited<ReturnType<typeof startPushApp>>;
let services: PushServices;
let app: TestApp;
beforeAll(async () => {
	started = await startPushApp();
	({ services, app } = started);
});
afterAll(() => started?.close());

const DEFAULTS = {
	isLadderOn: true,
	everyoneAfterS: 30,
	adminsAfterS: 120,
	tellBy: 'email',
	webhookUrl: null,
	maxPrivacy: 'full'
};

/** An owner, an agent who is online and one who is not, each with a phone, and a visitor who has asked for a person. */
async function world(given: { isOnline?: boolean } = {}) {
	const owner = await app.signedInAgent({ role: 'owner' });
	const { team } = owner;
	const online = await app.signedInAgent({ team });
	const away = await app.signedInAgent({ team });
	const [near, far] = [await deviceOf(services, online), await deviceOf(services, away)];
	if (given.isOnline !== false) await go('online', online, near.id);
	const visitor = await app.newVisitor({ team });
	const conversationId = newId();
	await callPerson(visitor, conversationId);
	await vi.waitFor(() => expect(near.received()).toHaveLength(1), 10_000);
	const { id: ladderId } = await app.db.team(team.id, (tx) =>
		tx.one<{ id: string }>(sql`select id from ladders where team_id = ${team.id}`)
	);
	/** Runs the ladder's job and what it rings, as the queue would `ms` later. */
	const climbAfter = async (ms: number) => {
		app.clock.advance(ms);
		await app.deps.push.climb({ teamId: team.id, ladderId });
	};
	return { owner, online, away, near, far, team, visitor, conversationId, ladderId, climbAfter };
}

/** Online or offline by hand, with a page that is open but not in front. */
async function go(status: 'online' | 'offline', agent: TestAgent, deviceId: string) {
	const page = { id: newId(), visibility: 'visible', isFocused: false, idleMs: 0 };
	const intent = { teamId: agent.team.id, status, deviceId, page };
	expect((await agent.put('/api/presence/intent', intent)).status).toBe(200);
}

/** As if the first ring of the team's ladder had been `lateMs` late. */
const rungLate = (teamId: string, lateMs: number) =>
	app.db.team(teamId, (tx) =>
		tx.run(sql`
			update ladders set trail = jsonb_set(trail, '{-1,at}',
				to_jsonb((trail->-1->>'at')::float8 + ${lateMs}::float8))
			where team_id = ${teamId}`)
	);

const mails = (teamId: string): Promise<{ recipient: string; subject: string }[]> =>
	app.db.team(teamId, (tx) =>
		tx.many(sql`select recipient, subject from mails where team_id = ${teamId} order by id`)
	);

/** What the agent reads about a chat's rings, all or one person's. */
async function whyOf(
	agent: TestAgent,
	{ conversationId, user }: { conversationId: string; user?: string }
): Promise<WhyRow[]> {
	const about = { team: agent.team.id, conversation: conversationId, ...(user && { user }) };
	const answer = await agent.get(`/api/notifications/why?${new URLSearchParams(about)}`);
	return WhyResponse.parse(await answer.json()).rows;
}

const giveBack = (conversationId: string, { userId }: TestAgent): MutationCall => ({
	name: 'assign',
	args: { conversationId, agentId: null, expectedId: userId }
});

describe('an escalation that nobody answers', () => {
	test('rings who is online, after 30 s everyone, after 2 min again, and tells the admins and the visitor', async () => {
		const { owner, online, away, near, far, team, visitor, conversationId, climbAfter } =
			await world();
		expect(far.received()).toEqual([]);
		await climbAfter(29_000);
		expect(far.received()).toEqual([]);
		await climbAfter(1_000);
		await vi.waitFor(() => expect(far.received()).toHaveLength(1), 10_000);
		await vi.waitFor(() => expect(near.received()).toHaveLength(2), 10_000);
		expect(near.received()[1]?.notification.data).toMatchObject({
			kind: 'unanswered',
			renotify: true
		});
		expect((await seen(visitor)).conversation?.isUnanswered).toBeUndefined();
		expect(await mails(team.id)).toEqual([]);
		await climbAfter(90_000);
		await vi.waitFor(() => expect(far.received()).toHaveLength(2), 10_000);
		expect((await seen(visitor)).conversation?.isUnanswered).toBe(true);
		const told = (await mails(team.id)).map(({ recipient }) => recipient);
		expect(told).toContain(owner.email);
		expect(told).not.toContain(online.email);
		expect(told).not.toContain(away.email);
		const kept = 'A mail to an admin stays here: this server has no mail server.';
		await vi.waitFor(async () => {
			const texts = (await whyOf(owner, { conversationId })).map(({ text }) => text);
			expect(texts.filter((text) => text === kept)).toHaveLength(2);
			expect(texts.join(' ')).toContain('rung again. 2 admins are to be told by email.');
		});
		await climbAfter(600_000);
		expect(far.received()).toHaveLength(2);
	});

	test('rings everyone at once where nobody is online, and not again before 2 min', async () => {
		const { far, near, climbAfter } = await world({ isOnline: false });
		await vi.waitFor(() => expect(far.received()).toHaveLength(1), 10_000);
		await climbAfter(30_000);
		expect(near.received()).toHaveLength(1);
		await climbAfter(90_000);
		await vi.waitFor(() => expect(near.received()).toHaveLength(2), 10_000);
	});

	test.each([true, false])(
		'leaves the same time between two rings after an outage (online: %s)',
		async (isOnline) => {
			const { team, far, visitor, climbAfter } = await world({ isOnline });
			// Where nobody is online everyone is rung at once, however late that is.
			if (!isOnline) await rungLate(team.id, 150_000);
			await climbAfter(150_000);
			await climbAfter(1_000);
			await vi.waitFor(() => expect(far.received()).toHaveLength(1), 10_000);
			expect(await mails(team.id)).toEqual([]);
			expect((await seen(visitor)).conversation?.isUnanswered).toBeUndefined();
			await climbAfter(88_000);
			expect(far.received()).toHaveLength(1);
			await climbAfter(1_000);
			await vi.waitFor(() => expect(far.received()).toHaveLength(2), 10_000);
			expect(await mails(team.id)).not.toEqual([]);
		}
	);

	test('brings each of its rings to the open apps, and none that the escalation has rung already', async () => {
		const { online, conversationId, climbAfter } = await world({ isOnline: false });
		const rungAt = async () => (await pullAll(online)).conversations.get(conversationId)?.rungAt;
		expect(await rungAt()).toBeNull();
		const before = app.clock.now();
		await climbAfter(120_000);
		expect(await rungAt()).toBeGreaterThanOrEqual(before + 120_000);
		await act(online, { name: 'claim', args: { conversationId } });
		expect(await rungAt()).toBeNull();
	});

	test('is news to an app that has synced since, with everyone’s ring and with the one after it', async () => {
		const { online, conversationId, climbAfter } = await world();
		let { cursor } = await pullAll(online);
		let last = 0;
		for (const ms of [30_000, 90_000]) {
			await climbAfter(ms);
			const news = await pullAll(online, cursor);
			const rungAt = news.conversations.get(conversationId)?.rungAt;
			expect(rungAt).toBeGreaterThan(last);
			({ cursor } = news);
			last = rungAt ?? 0;
		}
	});

	test('takes each step once, however many processes take it, and by itself', async () => {
		const { team, away, far, ladderId } = await world();
		const { db, now, log, presence } = app.deps;
		const jobs = createJobs({ db, log });
		const other = createPush({
			...{ db, now, newId, log, presence, jobs },
			config: { publicOrigin: ORIGIN, secretKey: 'only for tests', pushProxy: services.proxy.url },
			transport: { ca: services.certificate.ca }
		});
		app.clock.advance(30_000);
		const data = { teamId: team.id, ladderId };
		await Promise.all([app.deps.push.climb(data), other.climb(data), app.deps.push.climb(data)]);
		await vi.waitFor(() => expect(far.received()).toHaveLength(1), 10_000);
		const events = (await ledger(app, team)).filter(
			({ kind, userId }) => kind === 'unanswered' && userId === away.userId
		);
		expect(events).toHaveLength(1);
		other.close();
	});

	test('is in the queue from the first moment, and survives a restart there', async () => {
		const { ladderId } = await world();
		const jobs = await app.db.person.many<{ seconds: number }>(sql`
			select extract(epoch from start_after - created_on)::float8 as seconds from pgboss.job
			where name = 'climb' and data->>'ladderId' = ${ladderId}`);
		expect(jobs.map(({ seconds }) => Math.round(seconds))).toEqual([30]);
	});
});

describe('the ladder', () => {
	test.each([
		['a claim', (id: string) => ({ name: 'claim', args: { conversationId: id } }) as const],
		['a reply', (id: string) => reply(id, 'Hello')],
		['resolved', (id: string) => ({ name: 'resolve', args: { conversationId: id } }) as const],
		['a hand-back', (id: string) => ({ name: 'hand_back', args: { conversationId: id } }) as const]
	])('ends with %s', async (_, call) => {
		const { online, far, conversationId, climbAfter } = await world();
		expect(await act(online, call(conversationId))).toMatchObject({ outcome: 'applied' });
		await climbAfter(30_000);
		await climbAfter(90_000);
		expect(far.received()).toEqual([]);
	});

	test('comes to everyone after 30 s, whatever the visitor writes to whom it is assigned', async () => {
		const { online, team, far, visitor, conversationId, climbAfter } = await world();
		const third = await app.signedInAgent({ team });
		const phone = await deviceOf(services, third);
		const args = { conversationId, agentId: third.userId, expectedId: null };
		await act(online, { name: 'assign', args });
		await vi.waitFor(() => expect(phone.received()).toHaveLength(1), 10_000);
		await say(visitor, conversationId, 'Are you there?');
		await vi.waitFor(async () =>
			expect((await ledger(app, team)).at(-1)).toMatchObject({ kind: 'message' })
		);
		await climbAfter(30_000);
		await vi.waitFor(() => expect(far.received()).toHaveLength(1), 10_000);
	});

	test('goes on while the chat is assigned and not taken', async () => {
		const { online, away, far, conversationId, climbAfter } = await world();
		const args = { conversationId, agentId: away.userId, expectedId: null };
		await act(online, { name: 'assign', args });
		await vi.waitFor(() => expect(far.received()).toHaveLength(1), 10_000);
		expect(far.received()[0]?.notification.data.kind).toBe('assigned');
		await climbAfter(30_000);
		await vi.waitFor(() => expect(far.received()).toHaveLength(2), 10_000);
	});

	test.each(['before', 'after'])(
		'rings everyone anew for a chat given back unanswered %s its next step',
		async (when) => {
			const { online, owner, team, near, far, visitor, conversationId, climbAfter } = await world();
			await act(online, { name: 'claim', args: { conversationId } });
			if (when === 'after') await climbAfter(30_000);
			else app.clock.advance(30_000);
			expect(await act(online, giveBack(conversationId, online))).toMatchObject({
				outcome: 'applied'
			});
			await vi.waitFor(() => expect(far.received()).toHaveLength(1), 10_000);
			expect(far.received()[0]?.notification.data.kind).toBe('unanswered');
			expect((await seen(visitor)).conversation?.state).toBe('pending');
			await climbAfter(89_000);
			expect(far.received()).toHaveLength(1);
			// Who gave it back knows.
			expect(near.received()).toHaveLength(1);
			expect(await mails(team.id)).toEqual([]);
			await climbAfter(1_000);
			await vi.waitFor(() => expect(far.received()).toHaveLength(2), 10_000);
			await vi.waitFor(() => expect(near.received()).toHaveLength(2), 10_000);
			expect((await mails(team.id)).map(({ recipient }) => recipient)).toContain(owner.email);
			expect((await seen(visitor)).conversation?.isUnanswered).toBe(true);
			const told = (await whyOf(owner, { conversationId })).map(({ text }) => text);
			expect(told).toContain('Ann Lee gave the chat back unanswered.');
			expect(told).toContain('The chat was given back unanswered: everyone who allows it is rung.');
		}
	);

	test('rings anew for the chat of an agent who is removed before an answer', async () => {
		const { online, owner, team, far, conversationId, climbAfter } = await world();
		await act(online, { name: 'claim', args: { conversationId } });
		await climbAfter(30_000);
		expect(
			(await owner.delete('/api/members', { teamId: team.id, userId: online.userId })).status
		).toBe(200);
		await vi.waitFor(() => expect(far.received()).toHaveLength(1), 10_000);
		expect(far.received()[0]?.notification.data.kind).toBe('unanswered');
	});

	test('rings nobody for a chat that is given back answered', async () => {
		const { online, far, visitor, conversationId, climbAfter } = await world();
		await act(online, reply(conversationId, 'Hello'));
		await act(online, giveBack(conversationId, online));
		await climbAfter(30_000);
		await climbAfter(90_000);
		expect((await seen(visitor)).conversation?.state).toBe('unresolved');
		expect(far.received()).toEqual([]);
	});

	test('waits 30 s for who types, and no longer', async () => {
		const { owner, online, team, far, conversationId, climbAfter } = await world();
		app.clock.advance(20_000);
		const typing = { teamId: team.id, conversationId };
		for (let line = 0; line < 2; line++)
			expect((await online.post('/api/notifications/typing', typing)).status).toBe(200);
		const stranger = await app.signedInAgent();
		expect((await stranger.post('/api/notifications/typing', typing)).status).toBe(404);
		await climbAfter(10_000);
		await climbAfter(19_000);
		expect(far.received()).toEqual([]);
		await climbAfter(2_000);
		await vi.waitFor(() => expect(far.received()).toHaveLength(1), 10_000);
		const writing = 'An agent is writing: nobody else is rung for 30 s.';
		const texts = (await whyOf(owner, { conversationId })).map(({ text }) => text);
		expect(texts.filter((text) => text === writing)).toHaveLength(1);
	});

	test('tells in order what it did, to an admin about all and to an agent about themselves', async () => {
		const { owner, away, online, team, conversationId, climbAfter, far } = await world();
		await climbAfter(30_000);
		await vi.waitFor(() => expect(far.received()).toHaveLength(1), 10_000);
		await vi.waitFor(async () => {
			const texts = (await whyOf(owner, { conversationId, user: away.userId })).map(
				({ text }) => text
			);
			expect(texts).toEqual([
				'The visitor asked for a person.',
				'Ann Lee: is not rung: online agents are rung first.',
				'The visitor still had no answer.',
				'Nobody had answered after 30 s: everyone who allows it is rung.',
				'Ann Lee on Firefox on Linux: is rung: push while offline.',
				'Ann Lee on Firefox on Linux: the push was sent.',
				'Ann Lee on Firefox on Linux: the push service: accepted (201).'
			]);
		});
		const own = await whyOf(online, { conversationId, user: away.userId });
		expect(own.some(({ userId }) => userId === away.userId)).toBe(false);
		expect(own.some(({ userId }) => userId === online.userId)).toBe(true);
		const stranger = await app.signedInAgent();
		const query = new URLSearchParams({ team: team.id, conversation: conversationId });
		expect((await stranger.get(`/api/notifications/why?${query}`)).status).toBe(404);
	});
});

describe('a dry run', () => {
	test('names who rings, on what and when, by the same rules', async () => {
		const { owner, online, away, team } = await world();
		const query = new URLSearchParams({ team: team.id, bot: team.botId });
		const answer = await owner.get(`/api/notifications/dry-run?${query}`);
		const { rows } = (await answer.json()) as { rows: Record<string, unknown>[] };
		const of = (userId: string) =>
			rows
				.filter((row) => row.userId === userId)
				.map(({ step, atS, isRung, rule }) => [step, atS, isRung, rule]);
		expect(of(online.userId)).toEqual([
			['first', 0, true, 'push while online'],
			['everyone', 30, true, 'push while online'],
			['admins', 120, true, 'push while online']
		]);
		expect(of(away.userId)[0]).toEqual(['first', 0, false, 'online agents are rung first']);
		const kept = 'email to admins: no mail server is set';
		expect(of(owner.userId).at(-1)).toEqual(['admins', 120, false, kept]);
		expect((await online.get(`/api/notifications/dry-run?${query}`)).status).toBe(403);
	});

	test('of another time says what it assumes, and goes by the quiet hours of that time', async () => {
		const { owner, online, away, far, team } = await world();
		for (const status of ['online', 'offline'] as const) await go(status, away, far.id);
		const { settings } = (await (await online.get('/api/push/settings')).json()) as {
			settings: Record<string, unknown>;
		};
		const quietHours = { isOn: true, from: '01:00', until: '03:00', timeZone: 'UTC' };
		const saved = await online.put('/api/push/settings', { ...settings, quietHours });
		expect(saved.status).toBe(200);
		const sunday = Date.UTC(2030, 0, 6, 2);
		const ask = async (given: Record<string, string>) => {
			const query = new URLSearchParams({ team: team.id, bot: team.botId, ...given });
			const answer = await owner.get(`/api/notifications/dry-run?${query}`);
			const { rows, presence } = DryRunResponse.parse(await answer.json());
			const of = ({ userId }: TestAgent) =>
				rows.filter((row) => row.userId === userId).map(({ step, rule }) => [step, rule]);
			return { presence, online: of(online), away: of(away) };
		};
		const byHand = 'push after going offline by hand is off';
		expect(await ask({ at: String(sunday) })).toEqual({
			presence: 'offline',
			online: [
				['first', 'quiet hours'],
				['admins', 'quiet hours']
			],
			away: [
				['first', byHand],
				['admins', byHand]
			]
		});
		const noon = String(sunday + 10 * 3_600_000);
		expect((await ask({ at: noon })).online[0]).toEqual(['first', 'push while offline']);
		expect((await ask({ at: noon, presence: 'now' })).online[0]).toEqual([
			'first',
			'push while online'
		]);
		expect((await ask({ presence: 'offline' })).presence).toBe('offline');
	});
});

describe('the team’s webhook', () => {
	test('gets what an admin would be mailed, signed, again until it is taken', async () => {
		const certificate = makeCertificate(['hooks.example.com']);
		const calls: { headers: Record<string, unknown>; body: string }[] = [];
		const server = createServer(certificate, async (request, response) => {
			let body = '';
			for await (const chunk of request) body += chunk;
			calls.push({ headers: request.headers, body });
			response.writeHead(calls.length === 1 ? 500 : 204).end();
		}).listen(0, '127.0.0.1');
		await once(server, 'listening');
		const proxy = await startProxy({
			'hooks.example.com': (server.address() as AddressInfo).port
		});
		const config = { pushProxy: proxy.url };
		const hooked = await testApp({ push: { config, transport: { ca: certificate.ca } } });
		const owner = await hooked.signedInAgent({ role: 'owner' });
		const { team } = owner;
		const webhookUrl = 'https://hooks.example.com/bellhop';
		const wanted = { ...DEFAULTS, teamId: team.id, tellBy: 'webhook', webhookUrl };
		const saved = await owner.put('/api/notifications/team', wanted);
		const { webhookSecret } = (await saved.json()) as TeamNotificationSettings;
		const conversationId = newId();
		await callPerson(await hooked.newVisitor({ team }), conversationId);
		const { id: ladderId } = await hooked.db.team(team.id, (tx) =>
			tx.one<{ id: string }>(sql`select id from ladders where team_id = ${team.id}`)
		);
		const climbAfter = async (ms: number) => {
			hooked.clock.advance(ms);
			await hooked.deps.push.climb({ teamId: team.id, ladderId });
		};
		await climbAfter(30_000);
		await climbAfter(90_000);
		await vi.waitFor(() => expect(calls).toHaveLength(2), 20_000);
		for (const { headers, body } of calls) {
			expect(JSON.parse(body)).toMatchObject({ type: 'conversation.unanswered' });
			// By the scheme's own words, apart from the code under test.
			const key = Buffer.from((webhookSecret ?? '').slice('whsec_'.length), 'base64');
			const text = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
			const expected = createHmac('sha256', key).update(text).digest('base64');
			expect(headers['webhook-signature']).toBe(`v1,${expected}`);
		}
		expect(calls[0]?.headers['webhook-id']).toBe(calls[1]?.headers['webhook-id']);
		const state = () =>
			hooked.db.team(team.id, (tx) =>
				tx.one(sql`select state, attempts from webhook_calls where team_id = ${team.id}`)
			);
		await vi.waitFor(async () => expect(await state()).toEqual({ state: 'sent', attempts: 2 }));
		const steps = (await whyOf(owner, { conversationId })).filter(({ kind }) => kind === 'ladder');
		const texts = steps.map(({ text }) => text);
		expect(texts.at(-2)).toMatch(/rung again\. The team’s webhook is to be told\.$/);
		expect(texts.at(-1)).toBe('The team’s webhook took it (status 204).');
		await hooked.close();
		proxy.close();
		server.closeAllConnections();
		server.close();
		certificate.remove();
	});

	test('that is given up makes way for mail, and the trail says so', async () => {
		const certificate = makeCertificate(['hooks.example.com']);
		// It wants no more of them (Standard Webhooks).
		const server = createServer(certificate, (_, response) => response.writeHead(410).end());
		await once(server.listen(0, '127.0.0.1'), 'listening');
		const proxy = await startProxy({ 'hooks.example.com': (server.address() as AddressInfo).port });
		const config = { pushProxy: proxy.url };
		const hooked = await testApp({ push: { config, transport: { ca: certificate.ca } } });
		const owner = await hooked.signedInAgent({ role: 'owner' });
		const { team } = owner;
		const webhookUrl = 'https://hooks.example.com/bellhop';
		const wanted = { ...DEFAULTS, teamId: team.id, tellBy: 'webhook', webhookUrl };
		expect((await owner.put('/api/notifications/team', wanted)).status).toBe(200);
		const conversationId = newId();
		await callPerson(await hooked.newVisitor({ team }), conversationId);
		const { id: ladderId } = await hooked.db.team(team.id, (tx) =>
			tx.one<{ id: string }>(sql`select id from ladders where team_id = ${team.id}`)
		);
		for (const ms of [30_000, 90_000]) {
			hooked.clock.advance(ms);
			await hooked.deps.push.climb({ teamId: team.id, ladderId });
		}
		const told = () =>
			hooked.db.team(team.id, (tx) =>
				tx.many<{ recipient: string }>(sql`select recipient from mails where team_id = ${team.id}`)
			);
		await vi.waitFor(async () => {
			const recipients = (await told()).map(({ recipient }) => recipient);
			expect(recipients.filter((to) => to === owner.email)).toHaveLength(1);
		}, 20_000);
		const query = new URLSearchParams({ team: team.id, conversation: conversationId });
		const why = await owner.get(`/api/notifications/why?${query}`);
		const { rows } = (await why.json()) as { rows: WhyRow[] };
		expect(rows.map(({ text }) => text)).toContain(
			'The team’s webhook did not take it (status 410): 2 admins are to be told by email instead.'
		);
		const alarmsOf = async (agent: TestAgent) => {
			const answer = await agent.get(`/api/notifications/board?team=${agent.team.id}`);
			return ((await answer.json()) as { alarms: unknown[] }).alarms;
		};
		expect(await alarmsOf(owner)).toMatchObject([
			{ service: 'The webhook at hooks.example.com', what: 'status 410' }
		]);
		const stranger = await hooked.signedInAgent({ role: 'owner' });
		expect(await alarmsOf(stranger)).toEqual([]);
		await hooked.close();
		proxy.close();
		server.close();
		certificate.remove();
	});

	test('whose secret cannot be read any more makes way for mail at once', async () => {
		const { owner, team, conversationId, climbAfter } = await world();
		const webhookUrl = 'https://hooks.example.com/bellhop';
		const wanted = { ...DEFAULTS, teamId: team.id, tellBy: 'webhook', webhookUrl };
		expect((await owner.put('/api/notifications/team', wanted)).status).toBe(200);
		const run = (query: Sql) => app.db.team(team.id, (tx) => tx.run(query));
		await run(sql`
			update notification_team_settings set webhook_secret = 'sealed by another key'
			where team_id = ${team.id}`);
		await climbAfter(30_000);
		await climbAfter(90_000);
		const why = 'its secret cannot be read and must be renewed';
		const problem = `The team’s webhook did not take it (${why})`;
		await vi.waitFor(async () => {
			const texts = (await whyOf(owner, { conversationId })).map(({ text }) => text);
			expect(texts).toContain(`${problem}: 2 admins are to be told by email instead.`);
		}, 20_000);
		expect((await mails(team.id)).map(({ recipient }) => recipient)).toContain(owner.email);
	});

	test.each([
		'http://hooks.example.com/',
		'https://127.0.0.1/',
		'https://hooks.example.com:8443/',
		'https://user@hooks.example.com/'
	])('is not taken at %s', async (webhookUrl) => {
		const owner = await app.signedInAgent({ role: 'owner' });
		const wanted = { ...DEFAULTS, teamId: owner.team.id, tellBy: 'webhook', webhookUrl };
		expect((await owner.put('/api/notifications/team', wanted)).status).toBe(400);
	});
});
