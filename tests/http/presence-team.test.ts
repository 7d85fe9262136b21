import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '#contract/ids.ts';
import { type DayResponse, type LedgerRow, TeamDayResponse } from '#contract/presence.ts';
import { PRESENCE_SETTINGS } from '../../api/presence/settings.ts';
import { type TestAgent, type TestApp, testApp } from '../support/app.ts';
import { proved, ringable } from '../support/reach.ts';

const SECOND = 1000;
let app: TestApp;
beforeAll(async () => {
	app = await testApp();
	app.clock.advance(PRESENCE_SETTINGS.quietMs + SECOND);
});
afterAll(() => app.close());

const page = (visibility: 'visible' | 'hidden' = 'visible') => ({
	id: newId(),
	visibility,
	isFocused: true,
	idleMs: 0
});
const desks = new Map<string, { id: string; page: ReturnType<typeof page> }>();
/** The agent's own, always the same. */
function deskOf({ userId }: TestAgent) {
	const desk = desks.get(userId) ?? { id: newId(), page: page() };
	desks.set(userId, desk);
	return desk;
}
const say = (
	agent: TestAgent,
	status: 'online' | 'offline',
	on = deskOf(agent),
	more: object = {}
) =>
	agent.put('/api/presence/intent', {
		teamId: agent.team.id,
		status,
		deviceId: on.id,
		deviceName: 'Firefox on Linux',
		page: on.page,
		...more
	});
const beat = async (agent: TestAgent, pages = [deskOf(agent).page]) =>
	(await (await agent.post('/api/presence/beat', { deviceId: deskOf(agent).id, pages })).json())
		.teams[0].presence;
async function pass(ms: number): Promise<void> {
	app.clock.advance(ms);
	await app.deps.presence.round();
}
const ledger = async (agent: TestAgent, of = ''): Promise<LedgerRow[]> =>
	(await (await agent.get(`/api/presence/ledger?team=${agent.team.id}${of}`)).json()).rows;

async function teamOfTwo() {
	const agent = await app.signedInAgent();
	const admin = await app.signedInAgent({ team: agent.team, role: 'admin' });
	await say(agent, 'online');
	return { agent, admin };
}

describe('an admin sets somebody offline', () => {
	const setOffline = (by: TestAgent, agent: TestAgent, more: object = {}) =>
		by.put('/api/presence/offline', { teamId: agent.team.id, userId: agent.userId, ...more });

	test('who is told by whom and why, stays offline, and can undo it', async () => {
		const { agent, admin } = await teamOfTwo();
		const answer = await setOffline(admin, agent, { reason: '  Left for the day ' });
		expect((await answer.json()).presence).toMatchObject({ status: 'offline' });
		const said = { cause: 'set by admin', reason: 'Left for the day' };
		expect(await beat(agent)).toMatchObject({ status: 'offline', setBy: admin.userId, ...said });
		expect(await ledger(agent)).toMatchObject([
			{ to: 'offline', byName: 'Ann Lee', ...said },
			{ to: 'online', cause: 'set by you', byName: null, reason: null }
		]);
		await setOffline(admin, agent);
		expect(await ledger(agent)).toHaveLength(2);
		await say(agent, 'online');
		expect(await beat(agent)).toMatchObject({ status: 'online', setBy: null, reason: null });
	});

	test('with no more words than a colleague reads at a glance, or with none', async () => {
		const { agent, admin } = await teamOfTwo();
		expect((await setOffline(admin, agent, { reason: 'x'.repeat(81) })).status).toBe(400);
		expect(await beat(agent)).toMatchObject({ status: 'online' });
		await setOffline(admin, agent, { reason: '   ' });
		expect(await beat(agent)).toMatchObject({ status: 'offline', reason: null });
	});

	test('which no agent and no stranger may', async () => {
		const { agent } = await teamOfTwo();
		const colleague = await app.signedInAgent({ team: agent.team });
		expect((await setOffline(colleague, agent)).status).toBe(403);
		expect((await setOffline(await app.signedInAgent(), agent)).status).toBe(404);
		const { admin } = await teamOfTwo();
		const answer = await admin.put('/api/presence/offline', {
			teamId: admin.team.id,
			userId: agent.userId
		});
		expect(answer.status).toBe(404);
		expect(await beat(agent)).toMatchObject({ status: 'online' });
	});
});

describe('coming back by itself', () => {
	const autoReturn = (agent: TestAgent, isAutoReturn = true) =>
		agent.put('/api/presence/auto-return', { isAutoReturn });

	test('ends an expiry with the first look at a page, not with a hidden one’s beat', async () => {
		const { agent } = await teamOfTwo();
		await autoReturn(agent);
		await pass(80 * SECOND);
		expect(await beat(agent, [page('hidden')])).toMatchObject({ cause: 'heartbeat lost' });
		expect(await beat(agent)).toMatchObject({ status: 'online', cause: 'came back' });
		expect(await ledger(agent)).toMatchObject([
			{ from: 'offline', to: 'online', cause: 'came back' },
			{ cause: 'heartbeat lost' },
			{ cause: 'set by you' }
		]);
	});

	test('is off as long as nobody asks for it, and after it was switched off', async () => {
		const { agent } = await teamOfTwo();
		await pass(80 * SECOND);
		expect(await beat(agent)).toMatchObject({ status: 'offline' });
		await autoReturn(agent);
		await autoReturn(agent, false);
		expect(await beat(agent)).toMatchObject({ status: 'offline' });
	});

	test('undoes nobody’s word: neither the agent’s nor an admin’s nor a sign-out', async () => {
		const { agent, admin } = await teamOfTwo();
		await autoReturn(agent);
		await say(agent, 'offline');
		expect(await beat(agent)).toMatchObject({ status: 'offline', cause: 'set by you' });
		await say(agent, 'online');
		await pass(80 * SECOND);
		await admin.put('/api/presence/offline', { teamId: agent.team.id, userId: agent.userId });
		expect(await beat(agent)).toMatchObject({ status: 'offline', cause: 'set by admin' });
		await say(agent, 'online');
		await app.deps.presence.forgetDevice(agent.userId, deskOf(agent).id);
		const back = await agent.post('/api/presence/beat', { deviceId: newId(), pages: [page()] });
		expect((await back.json()).teams[0].presence).toMatchObject({ cause: 'signed out' });
	});
});

describe('the team’s ledger', () => {
	test('is for whoever may see the log', async () => {
		const { agent, admin } = await teamOfTwo();
		const path = `/api/presence/ledger?team=${agent.team.id}`;
		expect(await ledger(admin, '&of=everybody')).toMatchObject([{ userId: agent.userId }]);
		expect(await ledger(admin, `&of=${agent.userId}`)).toHaveLength(1);
		for (const of of ['everybody', admin.userId])
			expect((await agent.get(`${path}&of=${of}`)).status).toBe(403);
		expect((await agent.get(`${path}&of=${agent.userId}`)).status).toBe(200);
		const stranger = await app.signedInAgent();
		expect((await stranger.get(`${path}&of=everybody`)).status).toBe(404);
	});

	test('leaves as CSV, with nothing that a spreadsheet would run', async () => {
		const { agent, admin } = await teamOfTwo();
		await say(agent, 'offline', deskOf(agent), { untilMs: 3_600_000, reason: '=cmd|calc' });
		const path = `/api/presence/ledger/export?team=${agent.team.id}`;
		const answer = await admin.get(`${path}&of=everybody`);
		expect(answer.headers.get('Content-Type')).toBe('text/csv; charset=utf-8');
		const lines = (await answer.text()).trimEnd().split('\r\n');
		expect(lines).toHaveLength(3);
		expect(lines[0]).toMatch(/^"at","name","user id","from","to","cause"/);
		expect(lines[1]).toContain('"online","offline","set by you","","\'=cmd|calc"');
		expect(lines[1]).toContain('"Firefox on Linux"');
		expect((await agent.get(`${path}&of=everybody`)).status).toBe(403);
		const own = await (await agent.get(path)).text();
		expect(own.trimEnd().split('\r\n')).toEqual(lines);
		expect(await (await admin.get(path)).text()).toBe(`${lines[0]}\r\n`);
	});
});

describe('a day', () => {
	const day = async (
		reader: TestAgent,
		from: number,
		to: number,
		of = ''
	): Promise<DayResponse> => {
		const query = `team=${reader.team.id}&from=${Math.floor(from)}&to=${Math.ceil(to)}${of}`;
		return (await reader.get(`/api/presence/day?${query}`)).json();
	};

	test('is drawn from the status it began with, its changes and the devices’ leases', async () => {
		const { agent, admin } = await teamOfTwo();
		const began = app.clock.now();
		await beat(agent);
		await pass(60 * SECOND);
		await beat(agent);
		await pass(300 * SECOND);
		const back = app.clock.now();
		await beat(agent);
		await app.deps.presence.round();
		const drawn = await day(agent, began - 3_600_000, began + 3_600_000);
		expect(drawn).toMatchObject({
			status: 'offline',
			rows: [{ to: 'online' }, { to: 'offline', cause: 'heartbeat lost' }],
			leases: [
				{ deviceId: deskOf(agent).id, deviceName: 'Firefox on Linux' },
				{ deviceId: deskOf(agent).id, deviceName: 'Firefox on Linux' }
			]
		});
		const [first, second] = drawn.leases;
		// One gap: from a lease after the second beat to the return.
		expect((first?.to ?? 0) - (first?.from ?? 0)).toBeGreaterThan(130 * SECOND);
		expect((first?.to ?? 0) - (first?.from ?? 0)).toBeLessThan(140 * SECOND);
		expect(Math.abs((second?.from ?? 0) - back)).toBeLessThan(SECOND);
		expect(await day(agent, back + 1, back + 2)).toMatchObject({ status: 'offline', rows: [] });
		const seen = await day(admin, began - 1000, back, `&of=${agent.userId}`);
		expect(seen.rows).toHaveLength(2);
	});

	test('remembers whether a ring would have come, and what it began with', async () => {
		const { agent, admin } = await teamOfTwo();
		const phone = await ringable(app, agent);
		await proved(app, phone, app.clock.now());
		await say(agent, 'offline');
		const began = Math.ceil(app.clock.now()) + 1;
		app.clock.advance(600 * SECOND);
		const switches = { pushOnline: true, pushOffline: true, pushOfflineByHand: true };
		await agent.put('/api/push/preferences', {
			...switches,
			browserOnline: true,
			browserOffline: false
		});
		const drawn = await day(agent, began, app.clock.now() + SECOND);
		expect(drawn).toMatchObject({ status: 'offline', rows: [], before: { to: 'offline' } });
		expect(drawn.reach?.map(({ isReachable }) => isReachable)).toEqual([false, true]);
		const [first, second] = drawn.reach ?? [];
		expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(600 * SECOND);
		expect((await day(admin, began, began + 1, `&of=${agent.userId}`)).reach).toHaveLength(1);
	});

	test('of the whole team has every agent in it, and whoever else was online', async () => {
		const { agent, admin } = await teamOfTwo();
		const viewer = await app.signedInAgent({ team: agent.team, role: 'viewer' });
		const began = Math.floor(app.clock.now()) - 3_600_000;
		const path = `/api/presence/team-day?team=${agent.team.id}&from=${began}&to=${began + 86_400_000}`;
		const { days } = TeamDayResponse.parse(await (await admin.get(path)).json());
		expect(days.map(({ userId }) => userId).sort()).toEqual(
			[agent.team.ownerId, agent.userId, admin.userId].sort()
		);
		expect(days.find(({ userId }) => userId === agent.userId)).toMatchObject({
			status: 'offline',
			rows: [{ to: 'online' }]
		});
		expect((await agent.get(path)).status).toBe(403);
		expect((await viewer.get(path)).status).toBe(403);
		expect((await (await app.signedInAgent({ role: 'owner' })).get(path)).status).toBe(404);
	});

	test('is nobody else’s, and not longer than a day', async () => {
		const { agent, admin } = await teamOfTwo();
		const at = (reader: TestAgent, more: string) =>
			reader.get(`/api/presence/day?team=${agent.team.id}&${more}`);
		expect((await at(agent, `from=0&to=1&of=${admin.userId}`)).status).toBe(403);
		expect((await at(agent, `from=0&to=${26 * 3_600_000}`)).status).toBe(400);
		expect((await at(await app.signedInAgent(), 'from=0&to=1')).status).toBe(404);
	});
});
