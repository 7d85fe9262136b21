import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '#contract/ids.ts';
import { MembersResponse } from '#contract/members.ts';
import { type Reach, ReachResponse } from '#contract/presence.ts';
import { PRESENCE_SETTINGS } from '../../api/presence/settings.ts';
import { insertMember, updateMember } from '../../api/store/member.ts';
import { markSubscription, noteAccepted } from '../../api/store/push-subscription.ts';
import { insertPushTest } from '../../api/store/push-test.ts';
import { sql } from '../../api/store/sql.ts';
import { type TestAgent, type TestApp, testApp } from '../support/app.ts';
import { proved, ringable, saidItRang } from '../support/reach.ts';

const DAY = 86_400_000;
let app: TestApp;
beforeAll(async () => {
	app = await testApp();
	app.clock.advance(PRESENCE_SETTINGS.quietMs + 1_000);
});
afterAll(() => app.close());

const now = () => app.clock.now();
const read = async (reader: TestAgent, of = reader) => {
	const answer = await reader.get(`/api/presence/reach?team=${reader.team.id}`);
	const { members } = ReachResponse.parse(await answer.json());
	return members.find(({ userId }) => userId === of.userId);
};
/** What colleagues read, which is what the members table says as well. */
async function reachOf(agent: TestAgent): Promise<Reach | undefined> {
	const owner = await app.signedInAgent({ team: agent.team, role: 'owner' });
	const answer = await owner.get(`/api/members?team=${agent.team.id}`);
	const { members } = MembersResponse.parse(await answer.json());
	const row = members.find(({ userId }) => userId === agent.userId);
	const seen = await read(owner, agent);
	expect(row).toMatchObject({ reach: seen?.reach, isReachable: seen?.reach === 'reachable' });
	return seen?.reach;
}
const prefer = (agent: TestAgent, given: { pushOffline?: boolean; pushOfflineByHand?: boolean }) =>
	agent.put('/api/push/preferences', {
		...{ pushOnline: true, pushOffline: true, pushOfflineByHand: false },
		...{ browserOnline: true, browserOffline: false },
		...given
	});
const settings = async (agent: TestAgent, change: (settings: Record<string, never>) => object) => {
	const known = await (await agent.get('/api/push/settings')).json();
	const answer = await agent.put('/api/push/settings', {
		...known.settings,
		...change(known.settings)
	});
	expect(answer.status).toBe(200);
};
const say = (agent: TestAgent, status: 'online' | 'offline') =>
	agent.put('/api/presence/intent', {
		teamId: agent.team.id,
		status,
		deviceId: newId(),
		page: { id: newId(), visibility: 'visible', isFocused: true, idleMs: 0 }
	});

describe('an agent', () => {
	test('is reachable by a device that showed a push, for 14 days', async () => {
		const agent = await app.signedInAgent();
		const phone = await ringable(app, agent);
		const at = now() - 14 * DAY + 60_000;
		await proved(app, phone, at);
		expect(await read(agent)).toMatchObject({ isAgent: true, reach: 'reachable' });
		expect(Math.abs(((await read(agent))?.provedAt ?? 0) - at)).toBeLessThan(5);
		expect(await reachOf(agent)).toBe('reachable');
		const other = await app.signedInAgent();
		await proved(app, await ringable(app, other), at - 120_000);
		expect(await reachOf(other)).toBe('unproved');
		expect((await read(other))?.provedAt).toBeNull();
	});

	test('is reachable as well where a push was opened, or a test confirmed', async () => {
		const agent = await app.signedInAgent();
		const phone = await ringable(app, agent);
		expect(await reachOf(agent)).toBe('unproved');
		await proved(app, phone, now(), 'opened');
		expect(await reachOf(agent)).toBe('reachable');
		const other = await app.signedInAgent();
		const { userId } = other;
		await saidItRang(app, { userId, deviceId: await ringable(app, other), at: now() });
		expect(await reachOf(other)).toBe('reachable');
	});

	test('is not reachable without a device, or with one that has no registration any more', async () => {
		const agent = await app.signedInAgent();
		expect(await read(agent)).toEqual({
			...{ userId: agent.userId, isAgent: true, reach: 'no', provedAt: null }
		});
		const endpoint = `https://fcm.googleapis.com/fcm/send/${newId()}`;
		await proved(app, await ringable(app, agent, { endpoint }), now());
		expect(await reachOf(agent)).toBe('reachable');
		await markSubscription(app.db.person, endpoint, 'gone');
		expect(await reachOf(agent)).toBe('no');
	});

	test('is not reachable by a device that was stopped, whose next open changes nothing', async () => {
		const agent = await app.signedInAgent();
		const endpoint = `https://fcm.googleapis.com/fcm/send/${newId()}`;
		const phone = await ringable(app, agent, { endpoint });
		await proved(app, phone, now());
		expect(await reachOf(agent)).toBe('reachable');
		await agent.delete('/api/push/subscription', { deviceId: phone });
		expect(await reachOf(agent)).toBe('no');
		await ringable(app, agent, { endpoint, deviceId: phone });
		expect(await reachOf(agent)).toBe('no');
	});

	test('is not reachable by a device that took the last three pushes and showed none', async () => {
		const agent = await app.signedInAgent();
		const phone = await ringable(app, agent);
		await proved(app, phone, now() - DAY);
		const push = { deviceId: phone, deadline: now() + 60_000, isConfirmed: false };
		for (let n = 0; n < 3; n++) await noteAccepted(app.db.person, [push], now());
		await agent.post('/api/presence/beat', {
			deviceId: phone,
			pages: [{ id: newId(), visibility: 'visible', isFocused: true, idleMs: 0 }]
		});
		await app.deps.presence.round();
		app.clock.advance(61_000);
		expect(await reachOf(agent)).toBe('no');
	});

	test('is not reachable where the session of the device has ended', async () => {
		const agent = await app.signedInAgent();
		await proved(app, await ringable(app, agent), now());
		expect(await reachOf(agent)).toBe('reachable');
		await app.db.person.run(sql`
			update sessions set expires_at = ${new Date(now() - 1)} where user_id = ${agent.userId}`);
		expect(await reachOf(agent)).toBe('no');
	});
});

describe('a ring that is not allowed reaches nobody', () => {
	test('while offline, or while offline by hand, which has a switch of its own', async () => {
		const agent = await app.signedInAgent();
		await proved(app, await ringable(app, agent), now());
		await prefer(agent, { pushOffline: false });
		expect(await reachOf(agent)).toBe('no');
		await prefer(agent, {});
		expect(await reachOf(agent)).toBe('reachable');
		await say(agent, 'online');
		await say(agent, 'offline');
		expect(await reachOf(agent)).toBe('no');
		await prefer(agent, { pushOfflineByHand: true });
		expect(await reachOf(agent)).toBe('reachable');
	});

	test('in quiet hours, or where no escalation is to ring', async () => {
		const agent = await app.signedInAgent();
		await proved(app, await ringable(app, agent), now());
		const allDay = { isOn: true, from: '00:00', until: '23:59', timeZone: 'UTC' };
		await settings(agent, () => ({ quietHours: allDay }));
		const clock = new Date(now()).toISOString().slice(11, 16);
		if (clock !== '23:59') expect(await reachOf(agent)).toBe('no');
		await settings(agent, () => ({ quietHours: { ...allDay, isOn: false } }));
		expect(await reachOf(agent)).toBe('reachable');
		await settings(agent, ({ events }: Record<string, object>) => ({
			events: { ...events, escalation: { push: false, browser: true, sound: true } }
		}));
		expect(await reachOf(agent)).toBe('no');
	});

	test('of whoever answers no chats', async () => {
		const agent = await app.signedInAgent();
		await proved(app, await ringable(app, agent), now());
		await app.db.team(agent.team.id, (tx) =>
			updateMember(tx, agent.userId, { role: 'viewer', roleId: null, botIds: null })
		);
		expect(await read(agent)).toMatchObject({ isAgent: false, reach: 'no' });
		expect(await reachOf(agent)).toBe('no');
	});
});

describe('what makes a ring reach somebody, or not, is news to every team', () => {
	/** The members that the team's apps hear of while `work` is done. */
	async function newsOf(agent: TestAgent, work: () => Promise<unknown>): Promise<string[]> {
		const page = await (await agent.get(`/api/sync?team=${agent.team.id}`)).json();
		await work();
		const path = `/api/sync?team=${agent.team.id}&cursor=${page.cursor}`;
		const news = await (await agent.get(path)).json();
		return news.members.map(({ userId }: { userId: string }) => userId);
	}

	test('a switch', async () => {
		const agent = await app.signedInAgent();
		const switched = await newsOf(agent, () => prefer(agent, { pushOffline: false }));
		expect(switched).toEqual([agent.userId]);
	});

	test('the first push that a device shows, and no later one', async () => {
		const agent = await app.signedInAgent();
		const phone = await ringable(app, agent);
		const shown = async () => {
			const [id, token] = [newId(), newId()];
			const ackDigest = createHash('sha256').update(token).digest();
			await insertPushTest(app.db.person, { id, deviceId: phone, ackDigest, sentAt: now() });
			const answer = await app.stranger().post('/api/push/ack', { token, state: 'shown' });
			expect(answer.ok).toBe(true);
		};
		expect(await newsOf(agent, shown)).toEqual([agent.userId]);
		expect(await newsOf(agent, shown)).toEqual([]);
		expect(await reachOf(agent)).toBe('reachable');
	});
});

test('who can be rung is for the team to see, and for nobody else', async () => {
	const agent = await app.signedInAgent();
	const path = `/api/presence/reach?team=${agent.team.id}`;
	const stranger = await app.signedInAgent();
	expect((await stranger.get(path)).status).toBe(404);
	expect((await app.stranger().get(path)).status).toBe(401);
	await app.db.team(agent.team.id, (tx) => insertMember(tx, stranger.userId, 'viewer'));
	const { members } = await (await stranger.get(path)).json();
	expect(members.map(({ userId }: { userId: string }) => userId)).toContain(agent.userId);
});
