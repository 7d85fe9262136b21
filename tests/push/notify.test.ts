import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { newId } from '#contract/ids.ts';
import { sql } from '../../api/store/sql.ts';
import { type TestApp, type TestTeam, testApp } from '../support/app.ts';
import { act, callPerson, say } from '../support/chat.ts';
import { startPushApp } from '../support/push/app.ts';
import {
	type Device,
	deviceOf,
	devicesOf,
	type LedgerLine,
	ledger as ledgerOf
} from '../support/push/device.ts';
import { startProxy } from '../support/push/proxy.ts';
import { createReceiver } from '../support/push/receiver.ts';
import type { PushServices } from '../support/push/services.ts';

let started: Awaited<ReturnType<typeof startPushApp>>;
let services: PushServices;
let app: TestApp;
beforeAll(async () => {
	started = await startPushApp({ timeoutMs: 500 });
	({ services, app } = started);
});
afterAll(() => started?.close());

/** A team with an agent who has one device, and a visitor. */
async function world() {
	const team = await app.newTeam();
	const agent = await app.signedInAgent({ team });
	const device = await deviceOf(services, agent);
	const visitor = await app.newVisitor({ team });
	return { team, agent, device, visitor, conversationId: newId() };
}

const ledger = (team: TestTeam) => ledgerOf(app, team);

/** The ledger's lines about a device, once there is one in this state. */
const lineOf = (team: TestTeam, device: Device, state: string): Promise<LedgerLine> =>
	vi.waitFor(async () => {
		const lines = (await ledger(team)).filter(({ deviceId }) => deviceId === device.id);
		expect(lines.at(-1)?.state).toBe(state);
		return lines.at(-1) as LedgerLine;
	}, 15_000);

const ttlsOf = ({ endpoint }: Device) =>
	services.mozilla.find(endpoint)?.taken.map(({ ttl }) => ttl) ?? [];

describe('a visitor asks for a person', () => {
	test('the agent’s device gets a push that only it can read, and the ledger says so', async () => {
		const { team, agent, device, visitor, conversationId } = await world();
		await callPerson(visitor, conversationId);
		expect(await lineOf(team, device, 'accepted')).toMatchObject({
			userId: agent.userId,
			action: 'send',
			rule: 'push while offline',
			status: 201,
			attempts: 1
		});
		const [payload] = device.received();
		expect(device.received()).toHaveLength(1);
		expect(payload?.notification.navigate).toContain(`/chats/${conversationId}?team=${team.id}`);
		const [push] = services.mozilla.find(device.endpoint)?.queue ?? [];
		expect(push).toMatchObject({ urgency: 'high', topic: expect.stringMatching(/^[0-9a-f]{20}$/) });
		expect(push?.ttl).toBeGreaterThan(14 * 60);
		expect(push?.ttl).toBeLessThanOrEqual(15 * 60);
		expect(push?.topic).not.toContain(conversationId.slice(0, 8));
	});

	test('a stranger’s device stays quiet, and so does one without access to the bot', async () => {
		const { team, device, visitor, conversationId } = await world();
		const stranger = await app.signedInAgent();
		const strangers = await deviceOf(services, stranger);
		const limited = await app.signedInAgent({ team });
		const theirs = await deviceOf(services, limited);
		await app.db.team(team.id, (tx) =>
			tx.run(sql`update members set has_all_bots = false
				where team_id = ${team.id} and user_id = ${limited.userId}`)
		);
		await callPerson(visitor, conversationId);
		await lineOf(team, device, 'accepted');
		expect(strangers.received()).toEqual([]);
		expect(theirs.received()).toEqual([]);
	});

	test('what the device reports moves the ledger and the device’s proof on, once', async () => {
		const { team, agent, device, visitor, conversationId } = await world();
		await callPerson(visitor, conversationId);
		await lineOf(team, device, 'accepted');
		const token = device.received()[0]?.notification.data.ackToken;
		const nobody = app.stranger();
		for (const state of ['shown', 'shown', 'opened', 'shown'])
			expect((await nobody.post('/api/push/ack', { token, state })).status).toBe(200);
		await lineOf(team, device, 'opened');
		const [seen] = await devicesOf(agent);
		expect(seen?.lastAcceptedAt).toEqual(expect.any(Number));
		expect(seen?.lastShownAt).toEqual(expect.any(Number));
		expect(seen?.lastShownLatencyMs).toBeLessThan(15_000);
		expect(seen?.lastOpenedAt).toEqual(expect.any(Number));
		const forged = { token: 'A'.repeat(43), state: 'shown' };
		expect((await nobody.post('/api/push/ack', forged)).status).toBe(404);
	});

	test('an ended session is not rung', async () => {
		const { team, agent, device, visitor, conversationId } = await world();
		const sessions = sql`update sessions set expires_at = now() - interval '1 s' where user_id = ${agent.userId}`;
		await app.db.person.run(sessions);
		await callPerson(visitor, conversationId);
		expect(await lineOf(team, device, 'suppressed')).toMatchObject({ rule: 'session ended' });
		expect(device.received()).toEqual([]);
	});

	test('each further message is another push on the same notification', async () => {
		const { team, device, visitor, conversationId } = await world();
		await callPerson(visitor, conversationId);
		await lineOf(team, device, 'accepted');
		await say(visitor, conversationId, 'Is anybody there?');
		await vi.waitFor(() => expect(device.received()).toHaveLength(2), 15_000);
		const [first, second] = device.received().map(({ notification }) => notification);
		expect(second).toMatchObject({ body: 'Is anybody there?', tag: first?.tag });
		expect(second?.data.renotify).toBe(true);
		expect(second?.data.event?.seq).toBe((first?.data.event?.seq ?? 0) + 1);
		const [ring = 0, message = 0] = ttlsOf(device);
		expect(ring).toBeLessThanOrEqual(900);
		expect(message).toBeGreaterThan(4 * 3600 - 60);
		expect(message).toBeLessThanOrEqual(4 * 3600);
	});
});

describe('a note that names a colleague', () => {
	test('rings that colleague alone, with its words, and neither who wrote it nor a stranger', async () => {
		const { team, agent, device, visitor, conversationId } = await world();
		const names = {
			Zoe: await app.signedInAgent({ team }),
			Yan: await app.signedInAgent({ team })
		};
		for (const [name, { userId }] of Object.entries(names))
			await app.db.person.run(sql`update users set first_name = ${name} where id = ${userId}`);
		const [named, other] = [
			await deviceOf(services, names.Zoe),
			await deviceOf(services, names.Yan)
		];
		await say(visitor, conversationId, 'Hello?');
		const body = '@Zoe has this happened before?';
		await act(agent, { name: 'note', args: { conversationId, messageId: newId(), body } });
		await lineOf(team, named, 'accepted');
		expect(named.received().at(-1)?.notification).toMatchObject({
			body,
			data: { kind: 'mention' }
		});
		const told = (await ledger(team)).filter(({ kind }) => kind === 'mention');
		expect(told.map(({ userId }) => userId)).toEqual([names.Zoe.userId]);
		const kinds = [device, other].flatMap((one) =>
			one.received().map(({ notification }) => notification.data.kind)
		);
		expect(kinds).not.toContain('mention');
	});
});

describe('the push service answers', () => {
	test('410: the registration has ended, and is not used again', async () => {
		const { team, agent, device, visitor, conversationId } = await world();
		device.answers.push({ status: 410 });
		await callPerson(visitor, conversationId);
		expect(await lineOf(team, device, 'gone')).toMatchObject({ status: 410, attempts: 1 });
		expect(await devicesOf(agent)).toMatchObject([{ id: device.id, state: 'gone' }]);
		await say(visitor, conversationId, 'Hello?');
		expect(await lineOf(team, device, 'suppressed')).toMatchObject({ rule: 'registration gone' });
	});

	test('429: it is sent when the service said, not before', async () => {
		const { team, device, visitor, conversationId } = await world();
		device.answers.push({ status: 429, headers: { 'retry-after': '2' } });
		const before = Date.now();
		await callPerson(visitor, conversationId);
		expect(await lineOf(team, device, 'accepted')).toMatchObject({ attempts: 2, status: 201 });
		expect(Date.now() - before).toBeGreaterThanOrEqual(2000);
		expect(device.received()).toHaveLength(1);
	});

	test('503: nobody’s attempts go by while it wants to be left alone, nor the second try after a refusal', async () => {
		const first = await world();
		const { team, device, visitor, conversationId } = await world();
		first.device.answers.push({ status: 503, headers: { 'retry-after': '3' } });
		device.answers.push({ status: 403 });
		await callPerson(first.visitor, first.conversationId);
		await vi.waitFor(() => expect(first.device.answers).toEqual([]), 15_000);
		await callPerson(visitor, conversationId);
		expect(await lineOf(team, device, 'accepted')).toMatchObject({ attempts: 2, status: 201 });
		expect(await lineOf(first.team, first.device, 'accepted')).toMatchObject({ attempts: 2 });
	});

	test('413: the generic push goes instead', async () => {
		const { team, device, visitor, conversationId } = await world();
		device.answers.push({ status: 413 });
		await callPerson(visitor, conversationId);
		await lineOf(team, device, 'accepted');
		expect(device.received().map(({ notification }) => notification.title)).toEqual([
			'A chat is waiting'
		]);
	});

	test('403 for a wrong key: the operator is told, the registration stays', async () => {
		const team = await app.newTeam();
		const agent = await app.signedInAgent({ team });
		const device = await deviceOf(services, agent, { key: createReceiver().keys.p256dh });
		const visitor = await app.newVisitor({ team });
		// As where no other device of the service takes anything either.
		await app.db.person.run(sql`update push_subscriptions set last_accepted_at = null`);
		await callPerson(visitor, newId());
		expect(await lineOf(team, device, 'failed')).toMatchObject({ status: 403, attempts: 2 });
		expect(await devicesOf(agent)).toMatchObject([{ state: 'live' }]);
		const alarm = app.log.find(({ fields }) => fields.what === 'status 403');
		expect(alarm?.fields.service).toBe('updates.push.services.mozilla.com');
		expect(JSON.stringify(app.log)).not.toContain(device.endpoint);
	});

	test('403 for one device where the service takes the others’: that one has to register again', async () => {
		const { team, agent, device, visitor, conversationId } = await world();
		await app.db.person.run(sql`update push_subscriptions set last_accepted_at = now()
			where device_id <> ${device.id}`);
		device.answers.push({ status: 403 }, { status: 403 });
		await callPerson(visitor, conversationId);
		expect(await lineOf(team, device, 'failed')).toMatchObject({ status: 403, attempts: 2 });
		expect(await devicesOf(agent)).toMatchObject([{ state: 'needs_resubscribe' }]);
	});

	test('nothing: it is sent once more, silently where the first one was shown', async () => {
		const { team, device, visitor, conversationId } = await world();
		device.answers.push('takeAndHang');
		await callPerson(visitor, conversationId);
		expect(await lineOf(team, device, 'accepted')).toMatchObject({ attempts: 2 });
		const renotify = device.received().map(({ notification }) => notification.data.renotify);
		expect(renotify).toEqual([true, false]);
	});

	test('what no database takes as text: the row says so all the same', async () => {
		const { team, device, visitor, conversationId } = await world();
		device.answers.push({ status: 422, body: 'not\0ours' });
		await callPerson(visitor, conversationId);
		expect(await lineOf(team, device, 'failed')).toMatchObject({ status: 422, attempts: 1 });
	});

	test('a redirect: it is not followed', async () => {
		const { team, device, visitor, conversationId } = await world();
		device.answers.push({ status: 307, headers: { location: 'https://evil.example/' } });
		await callPerson(visitor, conversationId);
		expect(await lineOf(team, device, 'failed')).toMatchObject({ status: 307, attempts: 1 });
		expect(services.proxy.refused).toEqual([]);
	});
});

describe('a job', () => {
	test('that is repeated, twice at once or after an end, sends nothing twice', async () => {
		const { team, device, visitor, conversationId } = await world();
		await callPerson(visitor, conversationId);
		await lineOf(team, device, 'accepted');
		const { id: eventId } = await app.db.team(team.id, (tx) =>
			tx.one<{ id: string }>(sql`select id from notification_events where team_id = ${team.id}`)
		);
		const again = () => app.deps.push.notify({ teamId: team.id, eventId });
		await Promise.all([again(), again(), again()]);
		expect(device.received()).toHaveLength(1);
		expect(await ledger(team)).toHaveLength(2);
	});

	test('that meets another one sending leaves that to it', async () => {
		const { team, device, visitor, conversationId } = await world();
		device.answers.push('hang');
		await callPerson(visitor, conversationId);
		await vi.waitFor(
			async () => expect((await ledger(team)).some(({ attempts }) => attempts === 1)).toBe(true),
			15_000
		);
		const { id: eventId } = await app.db.team(team.id, (tx) =>
			tx.one<{ id: string }>(sql`select id from notification_events where team_id = ${team.id}`)
		);
		await app.deps.push.notify({ teamId: team.id, eventId });
		expect(device.received()).toEqual([]);
		await lineOf(team, device, 'accepted');
		expect(device.received()).toHaveLength(1);
	});

	test('cut off while it was sending is taken up again after its claim, without a second sound', async () => {
		const { team, device, visitor, conversationId } = await world();
		device.answers.push({ status: 429, headers: { 'retry-after': '1' } });
		await callPerson(visitor, conversationId);
		const line = await vi.waitFor(async () => {
			const [row] = (await ledger(team)).filter(({ attempts }) => attempts === 1);
			expect(row?.status).toBe(429);
			return row as LedgerLine;
		}, 15_000);
		// As the process would have left it, had it ended after the request and before the answer.
		await app.db.team(team.id, (tx) =>
			tx.run(sql`update notification_deliveries set unanswered = 1
				where team_id = ${team.id} and device_id = ${line.deviceId}`)
		);
		await lineOf(team, device, 'accepted');
		expect(device.received().map(({ notification }) => notification.data.renotify)).toEqual([
			false
		]);
	});

	test('finds nobody waiting any more: what is left is not sent', async () => {
		const { team, agent, device, visitor, conversationId } = await world();
		device.answers.push({ status: 503, headers: { 'retry-after': '2' } });
		await callPerson(visitor, conversationId);
		await vi.waitFor(async () =>
			expect((await ledger(team)).some((l) => l.status === 503)).toBe(true)
		);
		await app.db.team(team.id, (tx) =>
			tx.run(sql`update conversations set state = 'resolved'
				where team_id = ${team.id} and id = ${conversationId}`)
		);
		expect(await lineOf(team, device, 'suppressed')).toMatchObject({ rule: 'no longer waiting' });
		expect(device.received()).toEqual([]);
		expect(agent.team).toBe(team);
	});
});

describe('pushes leave', () => {
	test('through the proxy alone, and to no host beside the push services', async () => {
		expect(services.proxy.connected.length).toBeGreaterThan(0);
		expect(new Set(services.proxy.connected)).toEqual(
			new Set(['updates.push.services.mozilla.com:443'])
		);
		expect(services.proxy.refused).toEqual([]);
	});

	test('not at all to a host that is none, even if the database names it', async () => {
		const { team, device, visitor, conversationId } = await world();
		const hostile = createServer(services.certificate).listen(0, '127.0.0.1');
		await once(hostile, 'listening');
		const { port } = hostile.address() as AddressInfo;
		let requests = 0;
		hostile.on('connection', () => requests++);
		await app.db.person.run(sql`
			update push_subscriptions set endpoint = ${`https://127.0.0.1:${port}/x`}
			where device_id = ${device.id}`);
		await callPerson(visitor, conversationId);
		await vi.waitFor(async () => {
			const [row] = (await ledger(team)).filter(({ deviceId }) => deviceId === device.id);
			expect(row?.attempts).toBeGreaterThan(0);
		});
		expect(requests).toBe(0);
		hostile.close();
	});

	test('not to an allowed name that leads to this machine, without a proxy', async () => {
		const asked: string[] = [];
		const direct = await testApp({
			push: {
				transport: {
					ca: services.certificate.ca,
					resolve: async (host) => {
						asked.push(host);
						return [{ address: '127.0.0.1', family: 4 }];
					}
				}
			}
		});
		const agent = await direct.signedInAgent();
		const { publicKey, keyId } = (await (await agent.get('/api/push/key')).json()) as Record<
			string,
			string
		>;
		const endpoint = services.mozilla.register(publicKey ?? '');
		const deviceId = newId();
		const { keys } = createReceiver();
		const input = { deviceId, deviceName: 'x', endpoint, keys, keyId, isStandalone: false };
		await agent.put('/api/push/subscription', input);
		const tested = await agent.post('/api/push/test', { deviceId });
		expect(await tested.json()).toMatchObject({ outcome: 'failed', status: null });
		expect(asked).toEqual(['updates.push.services.mozilla.com']);
		await direct.close();
	});

	test('not past a proxy that refuses', async () => {
		const closed = await startProxy({});
		const behind = await testApp({ push: { config: { pushProxy: closed.url } } });
		const agent = await behind.signedInAgent();
		const { publicKey, keyId } = (await (await agent.get('/api/push/key')).json()) as Record<
			string,
			string
		>;
		const endpoint = services.mozilla.register(publicKey ?? '');
		const deviceId = newId();
		const { keys } = createReceiver();
		const input = { deviceId, deviceName: 'x', endpoint, keys, keyId, isStandalone: false };
		await agent.put('/api/push/subscription', input);
		const tested = await agent.post('/api/push/test', { deviceId });
		expect(await tested.json()).toMatchObject({ outcome: 'failed', status: null });
		expect(closed.refused).toEqual(['updates.push.services.mozilla.com:443']);
		await behind.close();
		closed.close();
	});
});
