import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BusinessHours, CoverageResponse } from '#contract/coverage.ts';
import { newId } from '#contract/ids.ts';
import { SyncPage } from '#contract/sync.ts';
import { createCoverageWatch } from '../../api/presence/coverage.ts';
import { createPresence } from '../../api/presence/service.ts';
import { PRESENCE_SETTINGS } from '../../api/presence/settings.ts';
import { sql } from '../../api/store/sql.ts';
import { ORIGIN, type TestAgent, type TestApp, testApp } from '../support/app.ts';
import { proved, ringable } from '../support/reach.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** What a machine under load may take between two lines. */
const SLACK = 20 * SECOND;

let app: TestApp;
/** Lisbon is at UTC until the clocks go forward on 28 March. */
const MONDAY = Date.parse('2027-03-01T09:30:00Z');
beforeAll(async () => {
	app = await testApp();
	app.clock.advance(MONDAY - app.clock.now());
});
afterAll(() => app.close());

const watch = () => createCoverageWatch({ ...app.deps, publicOrigin: ORIGIN });
const everyDay = [1, 2, 3, 4, 5, 6, 7];
const always: BusinessHours = {
	timeZone: 'Europe/Lisbon',
	spans: everyDay.map((day) => ({ day, from: '00:00', to: '00:00' })),
	holidays: []
};
/** To the next time at which a clock in UTC shows it. */
function advanceTo(clock: string): number {
	const day = new Date(app.clock.now()).toISOString().slice(0, 10);
	const today = Date.parse(`${day}T${clock}:00Z`);
	const at = today > app.clock.now() ? today : today + 24 * HOUR;
	app.clock.advance(at - app.clock.now());
	return at;
}
/** Open for an hour already, until 17:00. */
const office = (): BusinessHours => {
	const from = new Date(app.clock.now() - HOUR).toISOString().slice(11, 16);
	return {
		timeZone: 'UTC',
		spans: everyDay.map((day) => ({ day, from, to: '17:00' })),
		holidays: []
	};
};

const desks = new Map<string, { deviceId: string; page: object }>();
function deskOf({ userId }: TestAgent) {
	const page = { id: newId(), visibility: 'visible', isFocused: true, idleMs: 0 };
	const desk = desks.get(userId) ?? { deviceId: newId(), page };
	desks.set(userId, desk);
	return desk;
}
const say = (agent: TestAgent, status: 'online' | 'offline', more: object = {}) =>
	agent.put('/api/presence/intent', {
		...{ teamId: agent.team.id, status, deviceName: 'Firefox on Linux' },
		...{ ...deskOf(agent), ...more }
	});
const setHours = (by: TestAgent, hours: BusinessHours | null) =>
	by.put('/api/presence/hours', { teamId: by.team.id, hours });
const coverage = async (reader: TestAgent): Promise<CoverageResponse> =>
	CoverageResponse.parse(
		await (await reader.get(`/api/presence/coverage?team=${reader.team.id}`)).json()
	);
const membersSeenBy = async (reader: TestAgent) => {
	const answer = await reader.get(`/api/sync?team=${reader.team.id}`);
	return SyncPage.parse(await answer.json());
};

async function teamOfTwo(hours: BusinessHours | null = always) {
	const agent = await app.signedInAgent();
	const admin = await app.signedInAgent({ team: agent.team, role: 'admin' });
	if (hours) await setHours(admin, hours);
	await say(agent, 'online');
	return { agent, admin };
}

const isAbout = (ms: number, wanted: number) => Math.abs(ms - wanted) < SLACK;

describe('the time without anybody', () => {
	test('is measured while it lasts, and admins are told once, within 60 s', async () => {
		const { agent, admin } = await teamOfTwo();
		await watch().round();
		expect(await coverage(agent)).toMatchObject({ uncovered: [], uncoveredMs: 0 });
		await say(agent, 'offline');
		const watches = [watch(), watch()];
		for (let second = 0; second < 60; second += 10) {
			await Promise.all(watches.map((each) => each.round()));
			app.clock.advance(10 * SECOND);
		}
		expect(await coverage(admin)).toMatchObject({
			uncovered: [{ to: null, isAlerted: true, lastName: 'Ann Lee', cause: 'set by you' }]
		});
		const mails = await app.db.team(admin.team.id, (tx) =>
			tx.many<{ recipient: string; body: string }>(sql`
				select recipient, body from mails where team_id = ${tx.teamId}`)
		);
		const recipients = mails.map((mail) => mail.recipient);
		expect(recipients).toContain(admin.email);
		expect(recipients).not.toContain(agent.email);
		expect(new Set(recipients).size).toBe(recipients.length);
		expect(mails[0]?.body).toMatch(/Since \d\d:\d\d no agent of Acme has been online/);
		expect(mails[0]?.body).toContain(`${ORIGIN}/coverage?team=${admin.team.id}`);
	});

	test('goes from the last one’s going to the first one’s coming, whenever it was looked at', async () => {
		const { agent, admin } = await teamOfTwo();
		await say(agent, 'offline');
		const left = app.clock.now();
		app.clock.advance(4 * MINUTE);
		await watch().round();
		app.clock.advance(6 * MINUTE);
		await say(agent, 'online');
		const came = app.clock.now();
		app.clock.advance(2 * MINUTE);
		await agent.post('/api/presence/beat', {
			deviceId: deskOf(agent).deviceId,
			pages: [deskOf(agent).page]
		});
		await Promise.all([watch().round(), watch().round()]);
		const { uncovered, uncoveredMs, uncoveredTodayMs, uncoveredWeekMs } = await coverage(admin);
		expect(uncovered).toHaveLength(1);
		expect(isAbout(uncovered[0]?.from ?? 0, left)).toBe(true);
		expect(isAbout(uncovered[0]?.to ?? 0, came)).toBe(true);
		expect(isAbout(uncoveredMs, came - left)).toBe(true);
		expect(uncoveredTodayMs).toBe(uncoveredMs);
		expect(uncoveredWeekMs).toBe(uncoveredMs);
		app.clock.advance(MINUTE);
		expect((await coverage(admin)).uncoveredMs).toBe(uncoveredMs);
	});

	test('ends with the business day, though no process was there to see it', async () => {
		const { agent, admin } = await teamOfTwo(null);
		await setHours(admin, office());
		advanceTo('16:30');
		await say(agent, 'online');
		await say(agent, 'offline');
		await watch().round();
		expect((await coverage(admin)).uncovered).toHaveLength(1);
		// The server is away for the night, and starts again half an hour into the next day.
		const closed = advanceTo('17:00');
		advanceTo('10:00');
		await watch().round();
		const [morning, evening] = (await coverage(admin)).uncovered;
		expect(evening?.to).toBe(closed);
		expect(morning).toMatchObject({ to: null, lastName: null, cause: null });
		const opened = new Date(morning?.from ?? 0).toISOString();
		const { spans } = (await coverage(admin)).hours ?? always;
		expect(opened).toContain(`T${spans[0]?.from}:00`);
		await watch().round();
		expect((await coverage(admin)).uncovered).toHaveLength(2);
	});

	test('is none on a holiday, after hours, and before the hours were set', async () => {
		const { agent, admin } = await teamOfTwo(null);
		await say(agent, 'offline');
		app.clock.advance(HOUR);
		const today = new Date(app.clock.now()).toISOString().slice(0, 10);
		await setHours(admin, {
			...always,
			timeZone: 'UTC',
			holidays: [today, new Date(app.clock.now() - 24 * HOUR).toISOString().slice(0, 10)]
		});
		await watch().round();
		expect((await coverage(admin)).uncovered).toEqual([]);
		await setHours(admin, { ...always, spans: [] });
		await watch().round();
		expect((await coverage(admin)).uncovered).toEqual([]);
		await setHours(admin, always);
		const set = app.clock.now();
		await watch().round();
		const [span] = (await coverage(admin)).uncovered;
		expect(isAbout(span?.from ?? 0, set)).toBe(true);
		// And ends with them.
		await setHours(admin, null);
		expect((await coverage(admin)).uncovered[0]?.to).not.toBeNull();
	});

	test('reaches open apps with the team, and how many could be rung is counted', async () => {
		const { agent, admin } = await teamOfTwo();
		await proved(app, await ringable(app, agent), app.clock.now());
		const since = async () => (await membersSeenBy(admin)).team?.uncoveredSince;
		expect(await since()).toBeNull();
		await say(agent, 'offline', { untilMs: HOUR });
		await watch().round();
		expect(await since()).toEqual(expect.any(Number));
		// By hand, and that has a switch of its own, which is off.
		expect((await coverage(admin)).reachableCount).toBe(0);
		await agent.put('/api/push/preferences', {
			...{ pushOnline: true, pushOffline: true, pushOfflineByHand: true },
			...{ browserOnline: true, browserOffline: false }
		});
		expect((await coverage(admin)).reachableCount).toBe(1);
		await say(agent, 'online');
		await watch().round();
		expect(await since()).toBeNull();
	});
});

describe('business hours', () => {
	test('are set by admins alone, in a time zone and on days that exist, and it is logged', async () => {
		const { agent, admin } = await teamOfTwo(null);
		expect((await setHours(agent, always)).status).toBe(403);
		const wrong = await setHours(admin, { ...always, timeZone: 'Atlantis' });
		expect(wrong.status).toBe(400);
		expect((await wrong.json()).error).toMatchObject({ field: 'hours.timeZone' });
		const noDay = await setHours(admin, { ...always, holidays: ['2027-12-25', '2027-02-30'] });
		expect((await noDay.json()).error).toMatchObject({ field: 'hours.holidays.1' });
		const named = {
			...always,
			holidays: ['2027-12-25'],
			holidayNames: [{ date: '2027-12-25', name: 'Christmas' }]
		};
		expect((await setHours(admin, named)).status).toBe(200);
		expect((await coverage(agent)).hours).toEqual(named);
		const log = await admin.get(`/api/audit?team=${admin.team.id}&action=hours.changed`);
		expect((await log.json()).entries).toHaveLength(1);
	});

	test('are nobody else’s to read', async () => {
		const { agent } = await teamOfTwo();
		const stranger = await app.signedInAgent();
		const foreign = `/api/presence/coverage?team=${agent.team.id}`;
		expect((await stranger.get(foreign)).status).toBe(404);
	});
});

describe('the last one online', () => {
	const leave = (agent: TestAgent) => say(agent, 'offline', { unlessLast: true });

	test('is asked before going offline, only in business hours, and may go anyway', async () => {
		const { agent, admin } = await teamOfTwo(null);
		expect(await coverage(agent)).toMatchObject({ hours: null, isOpen: false, isLast: false });
		await setHours(admin, always);
		expect(await coverage(agent)).toMatchObject({ isOpen: true, isLast: true });
		expect(await coverage(admin)).toMatchObject({ isLast: false });
		const refused = await leave(agent);
		expect(refused.status).toBe(409);
		expect((await refused.json()).error.details).toMatchObject({ isLast: true });
		expect(await coverage(agent)).toMatchObject({ isLast: true });
		await say(admin, 'online');
		expect(await coverage(agent)).toMatchObject({ isLast: false });
		expect((await leave(agent)).status).toBe(200);
		expect((await leave(admin)).status).toBe(409);
		expect((await say(admin, 'offline')).status).toBe(200);
		// Who is not online leaves nobody alone.
		expect((await leave(agent)).status).toBe(200);
		await say(admin, 'online');
		await setHours(admin, { ...always, spans: [] });
		expect((await leave(admin)).status).toBe(200);
	});

	test('is asked before signing out too, unless another device stays', async () => {
		const { agent, admin } = await teamOfTwo();
		const signOut = (more: object = {}) =>
			agent.post('/api/auth/sign-out', { deviceId: deskOf(agent).deviceId, ...more });
		const phone = { deviceId: newId(), pages: [{ ...deskOf(agent).page, id: newId() }] };
		const refused = await signOut({ unlessLast: true });
		expect(refused.status).toBe(409);
		expect((await refused.json()).error.details).toMatchObject({
			isLast: true,
			teamId: agent.team.id
		});
		expect(await coverage(agent)).toMatchObject({ isLast: true });
		// Somebody online by a phone as well leaves nobody alone: it goes on counting.
		await agent.post('/api/presence/beat', phone);
		expect((await signOut({ unlessLast: true })).status).toBe(200);
		expect((await membersSeenBy(admin)).members).toContainEqual(
			expect.objectContaining({
				userId: agent.userId,
				presence: expect.objectContaining({ status: 'online' })
			})
		);
	});

	test('may sign out anyway, and is not asked once somebody else is there', async () => {
		const [alone, joined] = [await teamOfTwo(), await teamOfTwo()];
		const signOut = ({ agent }: typeof alone, unlessLast: boolean) =>
			agent.post('/api/auth/sign-out', { deviceId: deskOf(agent).deviceId, unlessLast });
		expect((await signOut(alone, false)).status).toBe(200);
		await say(joined.admin, 'online');
		expect((await signOut(joined, true)).status).toBe(200);
	});

	test('is found though two go at the same moment', async () => {
		for (let n = 0; n < 5; n++) {
			const { agent, admin } = await teamOfTwo();
			await say(admin, 'online');
			const answers = await Promise.all([leave(agent), leave(admin)]);
			expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
		}
	});
});

describe('a team’s own leases', () => {
	const setLeases = (by: TestAgent, leases: object | null) =>
		by.put('/api/presence/leases', { teamId: by.team.id, leases });
	const statusIn = async (agent: TestAgent, team = agent.team) => {
		const answer = await agent.get(`/api/sync?team=${team.id}`);
		const { members } = SyncPage.parse(await answer.json());
		return members.find(({ userId }) => userId === agent.userId)?.presence.status;
	};
	const pass = async (ms: number) => {
		app.clock.advance(ms);
		await app.deps.presence.round();
	};
	beforeAll(() => pass(PRESENCE_SETTINGS.quietMs));

	test('keep somebody online for longer there, and nowhere else', async () => {
		const { agent, admin } = await teamOfTwo(null);
		const other = await app.newTeam();
		await app.db.team(other.id, (tx) =>
			tx.run(sql`insert into members (team_id, user_id, role)
				values (${tx.teamId}, ${agent.userId}, 'agent')`)
		);
		expect((await setLeases(admin, { visibleS: 150, hiddenS: 400 })).status).toBe(200);
		await say({ ...agent, team: other }, 'online');
		await say(agent, 'online');
		await pass(90 * SECOND);
		expect(await statusIn(agent)).toBe('online');
		expect(await statusIn(agent, other)).toBe('offline');
		await pass(70 * SECOND);
		expect(await statusIn(agent)).toBe('offline');
		expect((await coverage(agent)).leases).toEqual({ visibleS: 150, hiddenS: 400 });
	});

	test('are known to every process within seconds', async () => {
		const { agent, admin } = await teamOfTwo(null);
		const { db, now, log } = app.deps;
		const other = createPresence({ db, now, log, settings: { ...PRESENCE_SETTINGS, quietMs: 0 } });
		await other.round();
		await setLeases(admin, { visibleS: 300, hiddenS: 400 });
		app.clock.advance(PRESENCE_SETTINGS.teamsEveryMs);
		await other.round();
		await say(agent, 'online');
		app.clock.advance(200 * SECOND);
		await other.round();
		const seen = await db.team(agent.team.id, (tx) => other.ofTeam(tx));
		expect(seen.get(agent.userId)).toMatchObject({ status: 'online' });
		await other.stop();
	});

	test('are the least again once they are taken back', async () => {
		const { agent, admin } = await teamOfTwo(null);
		await setLeases(admin, { visibleS: 600, hiddenS: 1_800 });
		await say(agent, 'online');
		await pass(90 * SECOND);
		expect(await statusIn(agent)).toBe('online');
		await setLeases(admin, null);
		expect(await statusIn(agent)).toBe('offline');
		expect((await coverage(agent)).leases).toBeNull();
		const log = await admin.get(`/api/audit?team=${admin.team.id}&action=leases.changed`);
		expect((await log.json()).entries).toMatchObject([
			{ details: { leases: null } },
			{ details: { leases: { visibleS: 600, hiddenS: 1_800 } } }
		]);
	});

	test('are never shorter than is safe, nor an agent’s to change', async () => {
		const { agent, admin } = await teamOfTwo(null);
		expect((await setLeases(agent, null)).status).toBe(403);
		for (const leases of [
			{ visibleS: 74, hiddenS: 200 },
			{ visibleS: 75, hiddenS: 199 },
			{ visibleS: 601, hiddenS: 200 }
		])
			expect((await setLeases(admin, leases)).status).toBe(400);
		expect((await setLeases(admin, { visibleS: 75, hiddenS: 200 })).status).toBe(200);
	});
});
