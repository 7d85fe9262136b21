import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { newId } from '#contract/ids.ts';
import type {
	BoardResponse,
	DoctorResponse,
	EventLogResponse,
	TestResult
} from '#contract/notifications.ts';
import { type Facts as Ending, expiryOf } from '../../api/domain/notification/expiry.ts';
import { type Facts, healthOf } from '../../api/domain/notification/health.ts';
import { prove } from '../../api/domain/notification/prove.ts';
import { privacies } from '../../api/push/plan.ts';
import { updateMember } from '../../api/store/member.ts';
import { recipientsOfTeam } from '../../api/store/recipient.ts';
import { sql } from '../../api/store/sql.ts';
import { ORIGIN, type TestAgent, type TestApp } from '../support/app.ts';
import { callPerson } from '../support/chat.ts';
import { startPushApp } from '../support/push/app.ts';
import { deviceOf, devicesOf, missThree } from '../support/push/device.ts';
import type { PushServices } from '../support/push/services.ts';

let started: Awaited<ReturnType<typeof startPushApp>>;
let services: PushServices;
let app: TestApp;
beforeAll(async () => {
	started = await startPushApp();
	({ services, app } = started);
});
afterAll(() => started?.close());

const json = async <T>(answer: Promise<Response>): Promise<T> => (await answer).json() as T;

const deviceIn = async (agent: TestAgent) => (await devicesOf(agent))[0];

describe('how far a device is proved', () => {
	const NOW = Date.UTC(2026, 10, 22);
	const DAY = 86_400_000;
	const facts: Facts = {
		state: 'live',
		endpoint: 'https://updates.push.services.mozilla.com/wpush/v2/x',
		lastShownAt: null,
		lastShownLatencyMs: null,
		lastOpenedAt: null,
		lastRungAt: null,
		unconfirmedFrom: [],
		silentSince: null
	};
	const apple = { endpoint: 'https://web.push.apple.com/x' };
	const quiet = { unconfirmedFrom: [NOW - 60_000, NOW - 300_000, NOW - 600_000] };
	test.each<[string, Partial<Facts>, string]>([
		['was never shown anything', {}, 'unproved'],
		['showed a push', { lastShownAt: NOW - 13 * DAY }, 'proved'],
		['showed one too long ago', { lastShownAt: NOW - 15 * DAY }, 'unproved'],
		['led to an open page', { lastOpenedAt: NOW }, 'proved'],
		['rang, says the person', { lastRungAt: NOW }, 'proved'],
		['took three while it was there, and confirmed none', quiet, 'silent'],
		['took two', { unconfirmedFrom: quiet.unconfirmedFrom.slice(1) }, 'unproved'],
		[
			'has had no time yet',
			{ unconfirmedFrom: quiet.unconfirmedFrom.with(0, NOW - 59_000) },
			'unproved'
		],
		[
			'is silent, though a fourth has had no time',
			{ unconfirmedFrom: [NOW, ...quiet.unconfirmedFrom] },
			'silent'
		],
		['was found silent before', { silentSince: NOW - 40 * DAY }, 'silent'],
		['was silent, and rang since', { silentSince: NOW - DAY, lastRungAt: NOW }, 'proved'],
		['rang since', { ...quiet, lastRungAt: NOW - 60_000 }, 'proved'],
		['is Apple’s and never told', { ...quiet, ...apple }, 'not confirmed'],
		['is Apple’s and once told', { ...quiet, ...apple, lastShownAt: NOW - DAY }, 'silent'],
		['is Apple’s and rang', { ...quiet, ...apple, lastRungAt: NOW }, 'proved'],
		['has to register again', { ...quiet, state: 'needs_resubscribe' }, 'needs renewal'],
		['is gone', { ...quiet, state: 'gone' }, 'gone'],
		['never registered', { state: 'none', endpoint: null }, 'none'],
		['was stopped', { state: 'stopped', endpoint: null }, 'stopped']
	])('that %s', (_, given, health) => {
		expect(healthOf({ ...facts, ...given }, NOW)).toBe(health);
	});
});

describe('what will keep a device from ringing', () => {
	const NOW = Date.UTC(2026, 10, 22);
	const DAY = 86_400_000;
	const device: Ending = {
		state: 'live',
		endpoint: 'https://updates.push.services.mozilla.com/wpush/v2/x',
		sessionEndsAt: NOW + 20 * DAY,
		lastSeenAt: NOW - DAY,
		lastShownAt: null,
		lastOpenedAt: null
	};
	const away = { lastSeenAt: NOW - 55 * DAY, sessionEndsAt: NOW + 400 * DAY };
	const at = (host: string) => ({ endpoint: `https://${host}/x` });
	const service = (days: number) => ({ at: NOW + days * DAY, why: 'push service' as const });
	test.each<[string, Partial<Ending>, ReturnType<typeof expiryOf>]>([
		['nothing, while it is used', {}, null],
		[
			'the end of its sign-in, a week ahead',
			{ sessionEndsAt: NOW + 7 * DAY },
			{ at: NOW + 7 * DAY, why: 'sign-in' }
		],
		['nothing yet, eight days ahead', { sessionEndsAt: NOW + 8 * DAY }, null],
		['nothing more, once it is signed out', { sessionEndsAt: null }, null],
		['Mozilla, after 60 days away', away, service(5)],
		['nothing, where it has shown a push since', { ...away, lastShownAt: NOW - DAY }, null],
		['not Google, before 270 days', { ...away, ...at('fcm.googleapis.com') }, null],
		[
			'Google, after 270',
			{ ...away, ...at('fcm.googleapis.com'), lastSeenAt: NOW - 269 * DAY },
			service(1)
		],
		[
			'Windows, after 30',
			{ ...away, ...at('db5p.notify.windows.com'), lastSeenAt: NOW - 29 * DAY },
			service(1)
		],
		['nothing that Apple would say', { ...away, ...at('web.push.apple.com') }, null],
		['nothing, where it is gone already', { ...away, state: 'gone' }, null]
	])('is %s', (_, given, expected) => {
		expect(expiryOf({ ...device, ...given }, NOW)).toEqual(expected);
	});

	test('is told to its owner and on the board, until the app is opened on it', async () => {
		const owner = await app.signedInAgent({ role: 'owner' });
		const device = await deviceOf(services, owner);
		const ends = sql`update sessions set expires_at = now() + interval '2 days'
			where user_id = ${owner.userId}`;
		await app.db.person.run(ends);
		expect((await deviceIn(owner))?.expiry).toMatchObject({ why: 'sign-in' });
		const board = await json<BoardResponse>(
			owner.get(`/api/notifications/board?team=${owner.team.id}`)
		);
		const [row] = board.rows.filter(({ userId }) => userId === owner.userId);
		expect(row?.devices).toMatchObject([{ id: device.id, expiry: { why: 'sign-in' } }]);
		// As the cookie's renewal does, which comes with any contact of the app.
		await app.db.person.run(
			sql`update sessions set expires_at = now() + interval '30 days' where user_id = ${owner.userId}`
		);
		expect((await deviceIn(owner))?.expiry).toBeNull();
	});
});

describe('a silent device', () => {
	test('is told to its owner and the admins, once, and no longer once it shows a push', async () => {
		const owner = await app.signedInAgent({ role: 'owner' });
		const agent = await app.signedInAgent({ team: owner.team });
		const device = await deviceOf(services, agent, { name: 'Phone' });
		const visitor = await app.newVisitor({ team: owner.team });
		for (let i = 0; i < 3; i++) {
			await callPerson(await app.newVisitor({ team: owner.team }), newId());
			await vi.waitFor(() => expect(device.received()).toHaveLength(i + 1), 10_000);
		}
		await vi.waitFor(async () => {
			const { n } = await app.db.person.one<{ n: number }>(sql`
				select cardinality(unconfirmed) as n from push_subscriptions
				where device_id = ${device.id}`);
			expect(n).toBe(3);
		});
		await device.save();
		const prove = () => app.deps.push.prove({ userId: agent.userId, deviceId: device.id });
		await prove();
		expect((await deviceIn(agent))?.health).toBe('unproved');
		app.clock.advance(61_000);
		await prove();
		await prove();
		const mails = await app.db.team(owner.team.id, (tx) =>
			tx.many<{ recipient: string }>(
				sql`select recipient from mails where team_id = ${owner.team.id}`
			)
		);
		const told = mails.map(({ recipient }) => recipient);
		expect(told.filter((to) => to === agent.email)).toHaveLength(1);
		expect(told.filter((to) => to === owner.email)).toHaveLength(1);
		const board = () =>
			json<BoardResponse>(owner.get(`/api/notifications/board?team=${owner.team.id}`));
		const rowOf = async () => (await board()).rows.find(({ userId }) => userId === agent.userId);
		const since = (await rowOf())?.devices[0]?.silentSince;
		expect(await rowOf()).toMatchObject({ canBeRung: false, devices: [{ health: 'silent' }] });
		// When it was first there and showed nothing, not when that was told.
		expect(app.clock.now() - (since ?? Number.NaN)).toBeGreaterThanOrEqual(60_000);
		const token = device.received()[2]?.notification.data.ackToken;
		await app.stranger().post('/api/push/ack', { token, state: 'shown' });
		expect(await rowOf()).toMatchObject({ canBeRung: true, devices: [{ health: 'proved' }] });
		expect(visitor.team).toBe(owner.team);
	});

	test('is told though the process ended before its mails were written', async () => {
		const agent = await app.signedInAgent();
		const { id: deviceId, save } = await deviceOf(services, agent);
		await missThree(app, deviceId);
		await save();
		app.clock.advance(61_000);
		const about = { userId: agent.userId, deviceId };
		const actor = { kind: 'system' } as const;
		const enqueue = () => Promise.reject(new Error('killed'));
		await expect(
			prove({ ...app.deps, actor, enqueue }, { ...about, publicOrigin: ORIGIN })
		).rejects.toThrow('killed');
		await app.deps.push.prove(about);
		await app.deps.push.prove(about);
		const { id } = agent.team;
		const mails = await app.db.team(id, (tx) =>
			tx.many<{ recipient: string }>(sql`select recipient from mails where team_id = ${id}`)
		);
		expect(mails.filter(({ recipient }) => recipient === agent.email)).toHaveLength(1);
	});

	test('is looked at when the app is opened on it, though nothing is sent meanwhile', async () => {
		const agent = await app.signedInAgent();
		const device = await deviceOf(services, agent);
		await missThree(app, device.id);
		await device.save();
		const jobs = await app.db.person.many<{ seconds: number }>(sql`
			select extract(epoch from start_after - created_on)::float8 as seconds from pgboss.job
			where name = 'prove' and data->>'deviceId' = ${device.id}`);
		expect(jobs.map(({ seconds }) => Math.round(seconds))).toEqual([61]);
		app.clock.advance(61_000);
		await app.deps.push.prove({ userId: agent.userId, deviceId: device.id });
		expect((await deviceIn(agent))?.health).toBe('silent');
	});
});

describe('a device that its owner has stopped', () => {
	test('is rung no more, and the board and the doctor say so, until it is enabled again', async () => {
		const owner = await app.signedInAgent({ role: 'owner' });
		const { team } = owner;
		const agent = await app.signedInAgent({ team });
		const [device, other] = [await deviceOf(services, agent), await deviceOf(services, owner)];
		const rowOf = async () => {
			const path = `/api/notifications/board?team=${team.id}`;
			const { rows } = await json<BoardResponse>(owner.get(path));
			return rows.find(({ userId }) => userId === agent.userId);
		};
		/** Who is rung by one more chat, once everybody who is rung has been. */
		const callsAndRings = async (count: number) => {
			await callPerson(await app.newVisitor({ team }), newId());
			await vi.waitFor(() => expect(other.received()).toHaveLength(count), 10_000);
			return device.received().length;
		};
		await agent.delete('/api/push/subscription', { deviceId: device.id });
		await device.save();
		expect(await callsAndRings(1)).toBe(0);
		expect(await rowOf()).toMatchObject({ canBeRung: false, devices: [{ health: 'stopped' }] });
		const doctor = await json<DoctorResponse>(agent.get(`/api/push/doctor?device=${device.id}`));
		expect(doctor.rows[0]?.evidence).toBe('You have stopped it from ringing.');
		expect((await agent.post('/api/push/test', { deviceId: device.id })).status).toBe(409);
		await device.save({ isEnabling: true });
		expect(await rowOf()).toMatchObject({ canBeRung: true, devices: [{ health: 'unproved' }] });
		await callPerson(await app.newVisitor({ team }), newId());
		await vi.waitFor(() => expect(device.received()).toHaveLength(1), 10_000);
	});
});

describe('the board', () => {
	test('is for who manages the team, and tests every device of it', async () => {
		const owner = await app.signedInAgent({ role: 'owner' });
		const { team } = owner;
		const agent = await app.signedInAgent({ team });
		const device = await deviceOf(services, agent);
		const path = `/api/notifications/board?team=${team.id}`;
		expect((await agent.get(path)).status).toBe(403);
		expect((await (await app.signedInAgent()).get(path)).status).toBe(404);
		const asked = { teamId: team.id, userId: null };
		expect((await agent.post('/api/notifications/board/test', asked)).status).toBe(403);
		const { tests } = await json<{ tests: { deviceId: string }[] }>(
			owner.post('/api/notifications/board/test', asked)
		);
		expect(tests.map(({ deviceId }) => deviceId)).toEqual([device.id]);
		expect(device.received()[0]?.notification.title).toBe('Bellhop test');
	});

	test('says of somebody without a bot that no ring would come, though the device could take it', async () => {
		const owner = await app.signedInAgent({ role: 'owner' });
		const { team } = owner;
		const agent = await app.signedInAgent({ team });
		await deviceOf(services, agent);
		const rowOf = async () => {
			const path = `/api/notifications/board?team=${team.id}`;
			const { rows } = await json<BoardResponse>(owner.get(path));
			return rows.find(({ userId }) => userId === agent.userId);
		};
		const grant = (botIds: string[] | null) =>
			app.db.team(team.id, (tx) =>
				updateMember(tx, agent.userId, { role: 'agent', roleId: null, botIds })
			);
		await grant([]);
		expect(await rowOf()).toMatchObject({ canBeRung: false, reason: 'no bot' });
		await grant([team.botId]);
		expect(await rowOf()).toMatchObject({ canBeRung: true });
		await grant(null);
		expect(await rowOf()).toMatchObject({ canBeRung: true });
	});
});

describe('"lock your phone, it rings in a moment"', () => {
	const resultOf = (agent: TestAgent, id: string) =>
		json<TestResult>(agent.get(`/api/push/test?id=${id}`));

	test('goes out by itself, and says how long it took to be shown', async () => {
		const agent = await app.signedInAgent();
		const device = await deviceOf(services, agent);
		const asked = { deviceId: device.id, afterMs: 1_000 };
		const { deliveryId, outcome } = await json<{ deliveryId: string; outcome: string }>(
			agent.post('/api/push/test', asked)
		);
		expect(outcome).toBe('waiting');
		expect(await resultOf(agent, deliveryId)).toMatchObject({ verdict: 'waiting' });
		expect(device.received()).toEqual([]);
		await vi.waitFor(() => expect(device.received()).toHaveLength(1), 10_000);
		const token = device.received()[0]?.notification.data.ackToken;
		await app.stranger().post('/api/push/ack', { token, state: 'shown' });
		// The device may tell before the push service's answer is written down.
		const result = await vi.waitFor(async () => {
			const now = await resultOf(agent, deliveryId);
			expect(now).toMatchObject({ verdict: 'delivered', status: 201 });
			return now;
		}, 10_000);
		expect(result.latencyMs).toBeLessThan(10_000);
		const stranger = await app.signedInAgent();
		expect((await stranger.get(`/api/push/test?id=${deliveryId}`)).status).toBe(404);
	});

	test('can be taken back before it goes out, by its own person alone', async () => {
		const agent = await app.signedInAgent();
		const device = await deviceOf(services, agent);
		const start = async (afterMs: number) =>
			(
				await json<{ deliveryId: string }>(
					agent.post('/api/push/test', { deviceId: device.id, afterMs })
				)
			).deliveryId;
		const id = await start(1_000);
		const stranger = await app.signedInAgent();
		expect((await stranger.delete('/api/push/test', { id })).status).toBe(404);
		expect((await agent.delete('/api/push/test', { id })).status).toBe(200);
		expect((await agent.get(`/api/push/test?id=${id}`)).status).toBe(404);
		const next = await start(2_000);
		await vi.waitFor(() => expect(device.received()).toHaveLength(1), 10_000);
		expect(device.received()[0]?.notification.data.deliveryId).toBe(next);
		expect((await agent.delete('/api/push/test', { id: next })).status).toBe(404);
	});

	test('is not confirmed until the person says that it rang', async () => {
		const agent = await app.signedInAgent();
		const device = await deviceOf(services, agent);
		const { deliveryId: id } = await json<{ deliveryId: string }>(
			agent.post('/api/push/test', { deviceId: device.id })
		);
		app.clock.advance(21_000);
		expect((await resultOf(agent, id)).verdict).toBe('not confirmed');
		expect((await agent.put('/api/push/test', { id, didRing: true })).status).toBe(200);
		expect((await resultOf(agent, id)).verdict).toBe('delivered');
		expect(await deviceIn(agent)).toMatchObject({
			...{ health: 'proved', lastShownAt: null, lastRungAt: expect.any(Number) }
		});
		const doctor = await json<DoctorResponse>(agent.get(`/api/push/doctor?device=${device.id}`));
		expect(doctor.rows).toContainEqual({
			...{ layer: 'acknowledgement', state: 'ok', remedy: null },
			evidence: 'You said of a ring just now that you heard it.'
		});
	});

	test('names a registration that has ended', async () => {
		const agent = await app.signedInAgent();
		const device = await deviceOf(services, agent);
		device.answers.push({ status: 410 });
		const { deliveryId: id } = await json<{ deliveryId: string }>(
			agent.post('/api/push/test', { deviceId: device.id })
		);
		expect((await resultOf(agent, id)).verdict).toBe('no device');
		const doctor = await json<DoctorResponse>(agent.get(`/api/push/doctor?device=${device.id}`));
		expect(doctor.health).toBe('gone');
		expect(doctor.rows[0]).toMatchObject({ layer: 'server record', state: 'broken' });
	});
});

describe('a page that a notification led to', () => {
	test('reports it opened, for its own person alone', async () => {
		const agent = await app.signedInAgent();
		const device = await deviceOf(services, agent);
		await callPerson(await app.newVisitor({ team: agent.team }), newId());
		await vi.waitFor(() => expect(device.received()).toHaveLength(1), 10_000);
		const deliveryId = device.received()[0]?.notification.data.deliveryId ?? '';
		const body = { teamId: agent.team.id, deliveryId };
		const colleague = await app.signedInAgent({ team: agent.team });
		await colleague.post('/api/push/opened', body);
		expect((await deviceIn(agent))?.lastOpenedAt).toBeNull();
		for (const _ of ['once', 'again'])
			expect((await agent.post('/api/push/opened', body)).status).toBe(200);
		expect((await deviceIn(agent))?.lastOpenedAt).toEqual(expect.any(Number));
		const doctor = await json<DoctorResponse>(agent.get(`/api/push/doctor?device=${device.id}`));
		expect(doctor.rows).toContainEqual({
			...{ layer: 'acknowledgement', state: 'ok', remedy: null },
			evidence: 'Opened from its notification just now.'
		});
	});

	test('reports a test opened, which is of no team, and so what came of it', async () => {
		const agent = await app.signedInAgent();
		const device = await deviceOf(services, agent);
		const { deliveryId } = await json<{ deliveryId: string }>(
			agent.post('/api/push/test', { deviceId: device.id })
		);
		const opened = async () =>
			(await json<TestResult>(agent.get(`/api/push/test?id=${deliveryId}`))).openedAt;
		const colleague = await app.signedInAgent({ team: agent.team });
		await colleague.post('/api/push/opened', { deliveryId });
		expect([await opened(), (await deviceIn(agent))?.lastOpenedAt]).toEqual([null, null]);
		for (const _ of ['once', 'again'])
			expect((await agent.post('/api/push/opened', { deliveryId })).status).toBe(200);
		expect(await opened()).toEqual(expect.any(Number));
		expect((await deviceIn(agent))?.health).toBe('proved');
	});
});

describe('settings', () => {
	test('let a lock screen show nothing of a team to who is no member of it', async () => {
		const [{ userId, team }, stranger] = [await app.signedInAgent(), await app.signedInAgent()];
		const privacyOf = await app.db.team(team.id, async (tx) =>
			privacies(tx, await recipientsOfTeam(tx, app.clock.now()))
		);
		expect([userId, stranger.userId].map(privacyOf)).toEqual(['full', 'nothing']);
	});

	test('are kept, with a time zone that exists, and a lock screen shows the lesser of team and person', async () => {
		const owner = await app.signedInAgent({ role: 'owner' });
		const device = await deviceOf(services, owner);
		const { settings } = await json<{ settings: Record<string, unknown> }>(
			owner.get('/api/push/settings')
		);
		const quietHours = { isOn: false, from: '22:00', until: '07:00', timeZone: 'Mars/Olympus' };
		const bad = await owner.put('/api/push/settings', { ...settings, quietHours });
		expect(bad.status).toBe(400);
		const chosen = { ...settings, privacy: 'name', isRingOfflineOffered: true };
		const saved = await owner.put('/api/push/settings', chosen);
		expect(await saved.json()).toMatchObject({ settings: chosen });
		const visitor = await app.newVisitor({ team: owner.team });
		await callPerson(visitor, newId());
		await vi.waitFor(() => expect(device.received()).toHaveLength(1), 10_000);
		expect(device.received()[0]?.notification.body).toBe('A visitor asks for a person.');
		await owner.put('/api/notifications/team', {
			...{ teamId: owner.team.id, isLadderOn: true, everyoneAfterS: 30, adminsAfterS: 120 },
			...{ tellBy: 'nobody', webhookUrl: null, maxPrivacy: 'nothing' }
		});
		await callPerson(await app.newVisitor({ team: owner.team }), newId());
		await vi.waitFor(() => expect(device.received()).toHaveLength(2), 10_000);
		expect(device.received()[1]?.notification).toMatchObject({ title: 'New chat', body: '' });
		const log = () =>
			json<EventLogResponse>(owner.get(`/api/notifications/log?team=${owner.team.id}`));
		await vi.waitFor(async () =>
			expect((await log()).rows).toMatchObject([
				{ kind: 'escalation', sentCount: 1 },
				{ kind: 'escalation' }
			])
		);
	});
});
