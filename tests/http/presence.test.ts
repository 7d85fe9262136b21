import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '#contract/ids.ts';
import type { LedgerRow } from '#contract/presence.ts';
import type { Log } from '../../api/domain/context.ts';
import { createPresence } from '../../api/presence/service.ts';
import { PRESENCE_SETTINGS } from '../../api/presence/settings.ts';
import { createHub } from '../../api/realtime/hub.ts';
import type { Db } from '../../api/store/db.ts';
import { lockIntent } from '../../api/store/intent.ts';
import { deleteMember, insertMember } from '../../api/store/member.ts';
import { sql } from '../../api/store/sql.ts';
import { type TestAgent, type TestApp, testApp } from '../support/app.ts';

const SECOND = 1000;
const QUIET_MS = PRESENCE_SETTINGS.quietMs + SECOND;
const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };

let app: TestApp;
beforeAll(async () => {
	app = await testApp();
	app.clock.advance(QUIET_MS);
});
afterAll(() => app.close());

interface Device {
	id: string;
	pages: { id: string; visibility: 'visible' | 'hidden'; isFocused: boolean; idleMs: number }[];
}

const page = (visibility: 'visible' | 'hidden' = 'visible') => ({
	id: newId(),
	visibility,
	isFocused: visibility === 'visible',
	idleMs: 0
});
const device = (...pages: Device['pages']): Device => ({
	id: newId(),
	pages: pages.length > 0 ? pages : [page()]
});

const beat = (agent: TestAgent, { id, pages }: Device) =>
	agent.post('/api/presence/beat', { deviceId: id, pages });
const say = (agent: TestAgent, status: 'online' | 'offline', on: Device, more: object = {}) =>
	agent.put('/api/presence/intent', {
		teamId: agent.team.id,
		status,
		deviceId: on.id,
		page: on.pages[0],
		...more
	});
const leave = (agent: TestAgent, { id }: Device, pageId: string) =>
	agent.request('/api/presence/leave', {
		method: 'POST',
		headers: { 'Content-Type': 'text/plain;charset=UTF-8' },
		body: JSON.stringify({ deviceId: id, pageId })
	});
const ledger = async (agent: TestAgent): Promise<LedgerRow[]> => {
	const answer = await agent.get(`/api/presence/ledger?team=${agent.team.id}`);
	expect(answer.status).toBe(200);
	return (await answer.json()).rows;
};
const presenceOf = async (agent: TestAgent, reader = app.deps.presence) =>
	(await app.db.team(agent.team.id, (tx) => reader.ofTeam(tx))).get(agent.userId);
const memberChanges = (agent: TestAgent) =>
	app.db.team(agent.team.id, async (tx) => {
		const rows = await tx.many(sql`
			select from changes where team_id = ${tx.teamId} and entity = 'member'
				and entity_id = ${agent.userId}`);
		return rows.length;
	});
/** Another process on the same database, past its first quiet minutes where asked. */
const otherProcess = (settings = PRESENCE_SETTINGS) =>
	createPresence({ db: app.db, now: app.clock.now, log: silent, settings });
const vouching = { ...PRESENCE_SETTINGS, quietMs: 0 };

async function onlineAgent(on: Device) {
	const agent = await app.signedInAgent();
	const answer = await say(agent, 'online', on);
	expect(answer.status).toBe(200);
	return agent;
}

async function pass(ms: number): Promise<void> {
	app.clock.advance(ms);
	await app.deps.presence.round();
}

describe('going online', () => {
	test('takes the lease with the answer, so every process sees it at once', async () => {
		const agent = await app.signedInAgent();
		expect((await presenceOf(agent))?.status).toBe('offline');
		const answer = await say(agent, 'online', device(), { deviceName: 'Firefox on Linux' });
		expect((await answer.json()).presence).toMatchObject({ status: 'online', cause: 'set by you' });
		expect((await presenceOf(agent, otherProcess()))?.status).toBe('online');
		expect(await ledger(agent)).toMatchObject([
			{
				from: 'offline',
				to: 'online',
				cause: 'set by you',
				deviceName: 'Firefox on Linux',
				visibility: 'visible'
			}
		]);
	});

	test('said twice is written once', async () => {
		const on = device();
		const agent = await onlineAgent(on);
		await say(agent, 'online', on);
		expect(await ledger(agent)).toHaveLength(1);
	});

	test('is not for strangers, viewers or anybody signed out', async () => {
		const [insider, stranger] = [await app.signedInAgent(), await app.signedInAgent()];
		const { id: deviceId, pages } = device();
		const request = { teamId: insider.team.id, status: 'online', deviceId, page: pages[0] };
		expect((await stranger.put('/api/presence/intent', request)).status).toBe(404);
		expect((await stranger.get(`/api/presence/ledger?team=${insider.team.id}`)).status).toBe(404);
		const viewer = await app.signedInAgent({ team: insider.team, role: 'viewer' });
		expect((await viewer.put('/api/presence/intent', request)).status).toBe(403);
		expect((await app.stranger().put('/api/presence/intent', request)).status).toBe(401);
		expect((await presenceOf(insider))?.status).toBe('offline');
	});

	test('is not done, nor proved, by a page of somebody else than who is signed in', async () => {
		const on = device();
		const agent = await onlineAgent(on);
		const { userId } = await app.signedInAgent({ team: agent.team });
		const refused = await say(agent, 'offline', on, { userId });
		expect(refused.status).toBe(401);
		expect((await presenceOf(agent))?.status).toBe('online');
		const request = { deviceId: on.id, pages: on.pages };
		const late = await agent.post('/api/presence/beat', { ...request, userId });
		expect(late.status).toBe(401);
		const own = { ...request, userId: agent.userId };
		expect((await agent.post('/api/presence/beat', own)).status).toBe(200);
	});

	test('shows only the own ledger and the own teams', async () => {
		const agent = await onlineAgent(device());
		const colleague = await app.signedInAgent({ team: agent.team });
		expect(await ledger(colleague)).toEqual([]);
		const answer = await (await beat(colleague, device())).json();
		expect(answer.teams.map((t: { teamId: string }) => t.teamId)).toEqual([agent.team.id]);
		expect(answer.teams[0].presence.status).toBe('offline');
	});
});

describe('a beat’s answer', () => {
	const teamsOf = async (agent: TestAgent, on: Device): Promise<string[]> =>
		(await (await beat(agent, on)).json()).teams.map((t: { teamId: string }) => t.teamId);

	test('names a team from the moment of joining it to the moment of leaving it', async () => {
		const on = device();
		const agent = await app.signedInAgent();
		expect(await teamsOf(agent, on)).toEqual([agent.team.id]);
		const other = await app.newTeam();
		await app.db.team(other.id, (tx) => insertMember(tx, agent.userId, 'agent'));
		expect(await teamsOf(agent, on)).toEqual([agent.team.id, other.id]);
		await app.db.team(other.id, (tx) => deleteMember(tx, agent.userId));
		expect(await teamsOf(agent, on)).toEqual([agent.team.id]);
	});

	test('is true to what another process has written, as soon as that is heard', async () => {
		const on = device();
		const agent = await onlineAgent(on);
		const hub = createHub();
		const db = { ...app.db, onCommit: () => () => {} };
		const other = createPresence({ db, now: app.clock.now, log: silent, realtime: hub });
		const said = async () =>
			(await other.beat(agent.userId, { deviceId: on.id, pages: on.pages })).teams[0]?.presence;
		await say(agent, 'offline', on, { untilMs: 60 * SECOND, reason: 'Lunch' });
		expect(await said()).toMatchObject({ status: 'offline', reason: 'Lunch' });
		await say(agent, 'offline', on, { untilMs: 90 * SECOND, reason: 'A meeting' });
		hub.tell('member', agent.userId);
		expect(await said()).toMatchObject({ status: 'offline', reason: 'A meeting' });
	});
});

describe('expiry', () => {
	test('makes an agent offline, with cause, one ledger row and one change', async () => {
		const on = device();
		const agent = await onlineAgent(on);
		await beat(agent, on);
		const changes = await memberChanges(agent);
		await pass(60 * SECOND);
		expect((await presenceOf(agent))?.status).toBe('online');
		app.clock.advance(16 * SECOND);
		// Read as what it is before the sweep takes it.
		expect(await presenceOf(agent)).toMatchObject({ status: 'offline', cause: 'heartbeat lost' });
		expect(await ledger(agent)).toHaveLength(1);
		await pass(2 * SECOND);
		await pass(SECOND);
		expect(await ledger(agent)).toMatchObject([
			{ from: 'online', to: 'offline', cause: 'heartbeat lost', visibility: 'visible' },
			{ to: 'online' }
		]);
		expect(await memberChanges(agent)).toBe(changes + 1);
	});

	test('stays until the agent goes online again: beats alone bring nobody back', async () => {
		const on = device();
		const agent = await onlineAgent(on);
		await pass(80 * SECOND);
		const answer = await (await beat(agent, on)).json();
		expect(answer.teams[0].presence).toMatchObject({ status: 'offline', cause: 'heartbeat lost' });
		expect((await (await say(agent, 'online', on)).json()).presence.status).toBe('online');
	});

	test('gives a hidden page 200 s', async () => {
		const agent = await onlineAgent(device(page('hidden')));
		await pass(180 * SECOND);
		expect((await presenceOf(agent))?.status).toBe('online');
		await pass(23 * SECOND);
		expect((await ledger(agent))[0]).toMatchObject({
			cause: 'heartbeat lost',
			visibility: 'hidden'
		});
	});

	test('is swept once by two processes on one database', async () => {
		const on = device();
		const agents = await Promise.all(Array.from({ length: 5 }, () => onlineAgent(on)));
		const other = otherProcess(vouching);
		app.clock.advance(80 * SECOND);
		await Promise.all([app.deps.presence.round(), other.round()]);
		await Promise.all([app.deps.presence.round(), other.round()]);
		for (const agent of agents) expect(await ledger(agent)).toHaveLength(2);
	});

	test('leaves an agent about whom another transaction decides to it, and waits for nobody', async () => {
		const [held, free] = [await onlineAgent(device()), await onlineAgent(device())];
		app.clock.advance(80 * SECOND);
		await app.db.team(held.team.id, async (tx) => {
			await lockIntent(tx, held.userId);
			let isOver = false;
			void app.deps.presence.round().then(() => {
				isOver = true;
			});
			await expect.poll(() => isOver, { timeout: 5 * SECOND }).toBe(true);
			expect(await ledger(free)).toHaveLength(2);
			expect(await ledger(held)).toHaveLength(1);
		});
		await app.deps.presence.round();
		expect(await ledger(held)).toHaveLength(2);
	});

	test('does not take an agent whose beats go to another process', async () => {
		const on = device();
		const agent = await onlineAgent(on);
		const other = otherProcess(vouching);
		for (let i = 0; i < 5; i++) {
			app.clock.advance(25 * SECOND);
			await other.beat(agent.userId, { deviceId: on.id, pages: on.pages });
			await other.round();
			await app.deps.presence.round();
		}
		expect(await ledger(agent)).toHaveLength(1);
		expect((await presenceOf(agent))?.status).toBe('online');
	});
});

describe('offline by hand', () => {
	test('is undone by no beat, no device and no restart', async () => {
		const [desk, phone] = [device(), device()];
		const agent = await onlineAgent(desk);
		await say(agent, 'offline', desk);
		await beat(agent, desk);
		await beat(agent, phone);
		await pass(SECOND);
		const restarted = otherProcess();
		await restarted.beat(agent.userId, { deviceId: phone.id, pages: phone.pages });
		await restarted.round();
		expect(await presenceOf(agent, restarted)).toMatchObject({
			status: 'offline',
			cause: 'set by you',
			until: null
		});
		expect(await ledger(agent)).toHaveLength(2);
	});

	test('with an end time returns to online where a device still proves it', async () => {
		const on = device();
		const agent = await onlineAgent(on);
		const answer = await say(agent, 'offline', on, { untilMs: 60 * SECOND, reason: 'Lunch' });
		expect((await answer.json()).presence).toMatchObject({ status: 'offline', reason: 'Lunch' });
		await pass(40 * SECOND);
		expect((await presenceOf(agent))?.status).toBe('offline');
		await beat(agent, on);
		await pass(21 * SECOND);
		expect(await presenceOf(agent)).toMatchObject({ status: 'online', until: null, reason: null });
		expect((await ledger(agent))[0]).toMatchObject({ to: 'online', cause: 'end time reached' });
	});

	test('with an end time stays offline where no device is left, and says so once', async () => {
		const on = device();
		const agent = await onlineAgent(on);
		await say(agent, 'offline', on, { untilMs: 100 * SECOND });
		await pass(101 * SECOND);
		await pass(SECOND);
		expect(await ledger(agent)).toMatchObject([
			{ from: 'offline', to: 'offline', cause: 'end time reached' },
			{ to: 'offline', cause: 'set by you' },
			{ to: 'online' }
		]);
		expect((await presenceOf(agent))?.status).toBe('offline');
	});
});

describe('devices and pages', () => {
	test('closing one of two devices changes nothing', async () => {
		const [desk, phone] = [device(), device()];
		const agent = await onlineAgent(desk);
		await beat(agent, phone);
		await leave(agent, desk, desk.pages[0]?.id ?? '');
		for (let i = 0; i < 4; i++) {
			await pass(25 * SECOND);
			await beat(agent, phone);
		}
		expect((await presenceOf(agent))?.status).toBe('online');
		expect(await ledger(agent)).toHaveLength(1);
	});

	test('closing one of two pages changes nothing; closing the last is offline within 15 s', async () => {
		const [front, back] = [page('visible'), page('hidden')];
		const on = device(front, back);
		const agent = await onlineAgent(on);
		await beat(agent, on);
		expect((await leave(agent, on, front.id)).status).toBe(204);
		await pass(15 * SECOND);
		expect((await presenceOf(agent))?.status).toBe('online');
		await leave(agent, on, back.id);
		await pass(13 * SECOND);
		expect(await ledger(agent)).toMatchObject([{ cause: 'heartbeat lost' }, { to: 'online' }]);
	});

	test('a reload does not flap', async () => {
		const on = device();
		const agent = await onlineAgent(on);
		await leave(agent, on, on.pages[0]?.id ?? '');
		await pass(6 * SECOND);
		await beat(agent, { id: on.id, pages: [page()] });
		await pass(20 * SECOND);
		expect((await presenceOf(agent))?.status).toBe('online');
		expect(await ledger(agent)).toHaveLength(1);
	});

	test('a beat that its page’s farewell has overtaken revives nothing', async () => {
		const on = device();
		const agent = await onlineAgent(on);
		await leave(agent, on, on.pages[0]?.id ?? '');
		await beat(agent, { id: on.id, pages: on.pages.map((p) => ({ ...p, visibility: 'hidden' })) });
		await pass(13 * SECOND);
		expect((await presenceOf(agent))?.status).toBe('offline');
	});

	test('a farewell that another process hears, and writes, before the beat still ends it', async () => {
		const agent = await onlineAgent(device());
		await pass(80 * SECOND);
		const [on, hears, bids] = [device(), otherProcess(vouching), otherProcess(vouching)];
		await say(agent, 'online', device());
		app.clock.advance(70 * SECOND);
		await hears.beat(agent.userId, { deviceId: on.id, pages: on.pages });
		bids.leave(agent.userId, { deviceId: on.id, pageId: on.pages[0]?.id ?? '' });
		// Its first round also clears away what is old.
		await bids.round();
		await hears.round();
		app.clock.advance(13 * SECOND);
		for (const reader of [hears, bids, otherProcess(vouching)])
			expect((await presenceOf(agent, reader))?.status).toBe('offline');
	});

	test('signing out on the last device is offline at once, by that cause', async () => {
		const [desk, phone] = [device(), device()];
		const agent = await onlineAgent(desk);
		await beat(agent, phone);
		await app.deps.presence.forgetDevice(agent.userId, phone.id);
		expect((await presenceOf(agent))?.status).toBe('online');
		expect((await agent.post('/api/auth/sign-out', { deviceId: desk.id })).status).toBe(200);
		expect(await presenceOf(agent)).toMatchObject({ status: 'offline', cause: 'signed out' });
	});
});

describe('a restart', () => {
	test('flips nobody: an agent without a lease is checking, then online by the next beat', async () => {
		const on = device();
		const agent = await onlineAgent(on);
		const restarted = otherProcess();
		// The database's crash empties the table of leases.
		await app.db.person.run(sql`delete from leases where user_id = ${agent.userId}`);
		app.clock.advance(80 * SECOND);
		expect((await presenceOf(agent, restarted))?.status).toBe('checking');
		await restarted.round();
		expect(await ledger(agent)).toHaveLength(1);
		const changes = await memberChanges(agent);
		await restarted.beat(agent.userId, { deviceId: on.id, pages: on.pages });
		expect((await presenceOf(agent, restarted))?.status).toBe('online');
		// Who was told "checking" is told again.
		await restarted.round();
		expect(await memberChanges(agent)).toBe(changes + 1);
	});

	test('does not make a sign-out wait: no device is left, and the ledger says why', async () => {
		const [desk, phone] = [device(), device()];
		const agent = await onlineAgent(desk);
		await beat(agent, phone);
		await app.deps.presence.round();
		const restarted = otherProcess();
		await restarted.forgetDevice(agent.userId, phone.id);
		expect(await ledger(agent)).toHaveLength(1);
		await restarted.forgetDevice(agent.userId, desk.id);
		expect(await presenceOf(agent, restarted)).toMatchObject({ status: 'offline' });
		app.clock.advance(QUIET_MS);
		await restarted.round();
		expect(await ledger(agent)).toMatchObject([{ cause: 'signed out' }, { to: 'online' }]);
	});

	test('ends no return that only the killed process had seen', async () => {
		const on = device();
		const agent = await onlineAgent(on);
		await agent.put('/api/presence/auto-return', { isAutoReturn: true });
		await pass(80 * SECOND);
		const [killed, other] = [otherProcess(vouching), otherProcess(vouching)];
		await killed.beat(agent.userId, { deviceId: on.id, pages: on.pages });
		app.clock.advance(5 * SECOND);
		await other.round();
		expect((await ledger(agent))[0]?.cause).toBe('came back');
		expect((await presenceOf(agent, other))?.status).toBe('online');
	});

	test('sweeps whoever has not come back after the longest lease', async () => {
		const agent = await onlineAgent(device());
		const restarted = otherProcess();
		app.clock.advance(QUIET_MS);
		await restarted.round();
		expect((await ledger(agent))[0]?.cause).toBe('heartbeat lost');
	});

	test('keeps what was proved before it', async () => {
		const on = device();
		const agent = await onlineAgent(on);
		const first = otherProcess();
		app.clock.advance(30 * SECOND);
		await first.beat(agent.userId, { deviceId: on.id, pages: on.pages });
		first.start();
		await first.stop();
		app.clock.advance(60 * SECOND);
		expect((await presenceOf(agent, otherProcess(vouching)))?.status).toBe('online');
	});
});

test('a beat costs no query once the person is known', async () => {
	const on = device();
	const agent = await onlineAgent(on);
	const { id: deviceId, pages } = on;
	let isCut = false;
	const db: Db = {
		...app.db,
		team: (teamId, work) => {
			if (isCut) throw new Error('a query');
			return app.db.team(teamId, work);
		},
		get person(): Db['person'] {
			if (isCut) throw new Error('a query');
			return app.db.person;
		}
	};
	const service = createPresence({ db, now: app.clock.now, log: silent });
	await service.beat(agent.userId, { deviceId, pages });
	isCut = true;
	const { teams } = await service.beat(agent.userId, { deviceId, pages });
	expect(teams).toMatchObject([{ teamId: agent.team.id, presence: { status: 'online' } }]);
});

test('beats ask about their sessions together: once in half a minute, whoever beats', async () => {
	const team = await app.newTeam();
	const agents = [];
	for (let n = 0; n < 10; n++) {
		const agent = await app.signedInAgent({ team });
		agents.push({ agent, on: device() });
		await beat(agent, device());
		app.clock.advance(2 * SECOND);
	}
	const { many, maybe, run } = app.db.person;
	let queries = 0;
	const counted =
		<A extends unknown[], T>(query: (...args: A) => T) =>
		(...args: A): T => {
			queries++;
			return query(...args);
		};
	Object.assign(app.db.person, { many: counted(many), maybe: counted(maybe), run: counted(run) });
	let beats = 0;
	for (let at = 0; at < 600; at += 2) {
		app.clock.advance(2 * SECOND);
		const beating = agents[(at / 2) % agents.length];
		if (!beating) continue;
		expect((await beat(beating.agent, beating.on)).status).toBe(200);
		beats++;
	}
	Object.assign(app.db.person, { many, maybe, run });
	expect(beats).toBe(300);
	expect(queries).toBeLessThanOrEqual(21);
});

test('a lost database flips nobody, and what was proved meanwhile is written on its return', async () => {
	const on = device();
	const agent = await onlineAgent(on);
	const { id: deviceId, pages } = on;
	let isLost = true;
	const db: Db = {
		...app.db,
		get person(): Db['person'] {
			if (isLost) throw new Error('connection refused');
			return app.db.person;
		}
	};
	const service = createPresence({
		db,
		now: app.clock.now,
		log: silent,
		settings: PRESENCE_SETTINGS
	});
	app.clock.advance(QUIET_MS);
	await service.round();
	isLost = false;
	await service.round();
	expect((await presenceOf(agent, service))?.status).toBe('checking');
	expect(await ledger(agent)).toHaveLength(1);
	isLost = true;
	await service.beat(agent.userId, { deviceId, pages }).catch(() => {});
	await service.round();
	isLost = false;
	await service.round();
	expect((await presenceOf(agent, otherProcess(vouching)))?.status).toBe('online');
});

test('a process without a loop takes nobody for offline either, once it has lost the database', async () => {
	const agent = await onlineAgent(device());
	let lose = (_: Error) => {};
	const db: Db = {
		...app.db,
		onConnectionLost(listener) {
			lose = listener;
			return () => {};
		}
	};
	const reader = createPresence({ db, now: app.clock.now, log: silent });
	app.clock.advance(QUIET_MS);
	await app.db.person.run(sql`delete from leases where user_id = ${agent.userId}`);
	expect((await presenceOf(agent, reader))?.status).toBe('offline');
	lose(new Error('terminating connection'));
	expect((await presenceOf(agent, reader))?.status).toBe('checking');
});

describe('requests that are refused', () => {
	test.each([
		['an unknown field', { extra: 1 }, 'extra'],
		['no page', { pages: [] }, 'pages'],
		['too many pages', { pages: Array.from({ length: 33 }, () => page()) }, 'pages'],
		['a device that is no id', { deviceId: 'desk' }, 'deviceId'],
		[
			'a page that is neither seen nor hidden',
			{ pages: [{ ...page(), visibility: 'x' }] },
			'pages.0.visibility'
		]
	])('a beat with %s', async (_, wrong, field) => {
		const agent = await app.signedInAgent();
		const { id: deviceId, pages } = device();
		const answer = await agent.post('/api/presence/beat', { deviceId, pages, ...wrong });
		expect(answer.status).toBe(400);
		expect((await answer.json()).error).toMatchObject({ code: 'invalid', field });
	});

	test('a farewell from another site', async () => {
		const agent = await app.signedInAgent();
		const answer = await agent.request('/api/presence/leave', {
			method: 'POST',
			headers: { 'Content-Type': 'text/plain', 'Sec-Fetch-Site': 'cross-site' },
			body: JSON.stringify({ deviceId: newId(), pageId: newId() })
		});
		expect(answer.status).toBe(403);
	});
});
