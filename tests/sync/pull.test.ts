import { afterAll, beforeAll, expect, test } from 'vitest';
import { sql } from '../../api/store/sql.ts';
import { getCursor } from '../../src/lib/db/meta.ts';
import { note } from '../../src/lib/intents/note.ts';
import { reply } from '../../src/lib/intents/reply.ts';
import { type TestApp, type TestTeam, testApp } from '../support/app.ts';
import { Tab } from './browser.ts';
import {
	agentAndCaller,
	browserOf,
	eventually,
	inCache,
	personOf,
	textsInCache,
	textsOnServer,
	waitingVisitor
} from './world.ts';

let app: TestApp;
beforeAll(async () => {
	app = await testApp();
});
afterAll(() => app.close());

const pullsIn = (paths: readonly string[]) => paths.filter((path) => path.startsWith('/api/sync'));

/** Leaves a member with these bots alone. */
const limitTo = (team: TestTeam, userId: string, botIds: string[]) =>
	app.db.team(team.id, async (tx) => {
		await tx.run(sql`
			update members set has_all_bots = false where team_id = ${team.id} and user_id = ${userId}`);
		for (const botId of botIds)
			await tx.run(sql`insert into member_bots values (${team.id}, ${userId}, ${botId})`);
		tx.changed({ entity: 'member', id: userId, ownerId: userId });
	});

test('a first sync fills the cache, and then only what changed comes', async () => {
	const { agent, visitor, browser } = await agentAndCaller(app);
	await visitor.write('Hello?');
	const stranger = await waitingVisitor(app, await app.newTeam());
	const tab = await Tab.open(browser, personOf(agent));
	const { cache, teamId } = tab.writer;
	const texts = () => textsInCache(tab, visitor.conversationId);
	await eventually(async () => expect(await texts()).toEqual(['Hello?']));
	expect(await cache.teams.get(teamId)).toMatchObject({ name: 'Acme' });
	expect(await cache.members.count()).toBe(2);
	expect(await cache.bots.count()).toBe(1);
	expect(await inCache(tab, stranger.conversationId)).toBeUndefined();
	await visitor.write('Anybody?');
	await eventually(async () => expect(await texts()).toEqual(['Hello?', 'Anybody?']));
	await tab.close();

	await visitor.write('Still here');
	const again = await Tab.open(browser, personOf(agent));
	expect(await texts().catch(() => [])).toEqual([]);
	await eventually(async () =>
		expect(await textsInCache(again, visitor.conversationId)).toEqual([
			'Hello?',
			'Anybody?',
			'Still here'
		])
	);
	const pulls = pullsIn(browser.network.sent);
	expect(pulls[0]).not.toContain('cursor=');
	expect(pulls.slice(1).every((path) => path.includes('cursor='))).toBe(true);
	await again.close();
});

test('a server that begins anew empties the cache but not the outbox', async () => {
	const agent = await app.signedInAgent();
	const [old, kept] = [
		await waitingVisitor(app, agent.team),
		await waitingVisitor(app, agent.team)
	];
	const browser = browserOf(agent);
	const tab = await Tab.open(browser, personOf(agent));
	await eventually(async () => expect(await inCache(tab, old.conversationId)).toBeTruthy());
	browser.network.cut();
	await reply(tab.writer, { conversationId: kept.conversationId, body: 'Kept', baseSeq: 1 });
	const { id: teamId } = agent.team;
	await app.db.team(teamId, async (tx) => {
		await tx.run(sql`update teams set epoch = gen_random_uuid() where id = ${teamId}`);
		await tx.run(sql`
			delete from conversations where team_id = ${teamId} and id = ${old.conversationId}`);
	});
	expect(await inCache(tab, old.conversationId)).toBeTruthy();
	browser.network.restore();
	tab.emit('online');
	await eventually(async () => expect(await inCache(tab, old.conversationId)).toBeUndefined());
	await eventually(async () =>
		expect(await textsInCache(tab, kept.conversationId)).toEqual(['Kept'])
	);
	expect(await textsOnServer(app, teamId, kept.conversationId)).toHaveLength(1);
	await tab.close();
});

test('losing a bot takes its conversations off the device, and leaves the others', async () => {
	const agent = await app.signedInAgent();
	const { id: second } = await app.newBot(agent.team);
	const lost = await waitingVisitor(app, agent.team);
	const kept = await waitingVisitor(app, agent.team, second);
	await lost.write('Secret');
	await kept.write('Mine');
	const tab = await Tab.open(browserOf(agent), personOf(agent));
	await eventually(async () =>
		expect(await textsInCache(tab, lost.conversationId)).toEqual(['Secret'])
	);
	await limitTo(agent.team, agent.userId, [second]);
	await eventually(async () => expect(await inCache(tab, lost.conversationId)).toBeUndefined());
	expect(await textsInCache(tab, lost.conversationId)).toEqual([]);
	await eventually(async () =>
		expect(await textsInCache(tab, kept.conversationId)).toEqual(['Mine'])
	);
	const bots = await tab.writer.cache.bots.toArray();
	expect(bots.map(({ id }) => id)).toEqual([second]);
	await tab.close();
});

test('leaving the team takes all of it off the device', async () => {
	const { agent, conversationId, browser } = await agentAndCaller(app);
	const tab = await Tab.open(browser, personOf(agent));
	await eventually(async () => expect(await inCache(tab, conversationId)).toBeTruthy());
	browser.network.cut();
	const { id: teamId } = agent.team;
	await app.db.team(teamId, async (tx) => {
		await tx.run(sql`
			delete from members where team_id = ${teamId} and user_id = ${agent.userId}`);
		tx.changed({ entity: 'member', id: agent.userId, op: 'delete' });
	});
	browser.network.restore();
	tab.emit('online');
	await eventually(() => expect(tab.isTeamLost).toBe(true));
	expect(await inCache(tab, conversationId)).toBeUndefined();
	expect(await getCursor(tab.writer.cache, teamId)).toBeUndefined();
	await tab.close();
});

test('a sync that fails says when it is tried again, and can be tried at once', async () => {
	const { agent, conversationId, browser } = await agentAndCaller(app);
	browser.network.cut();
	const tab = await Tab.open(browser, personOf(agent));
	await eventually(() => expect(tab.status.retryAt).toBeGreaterThan(Date.now()));
	expect(tab.status).toMatchObject({ isConnected: false, failure: null });
	await tab.retry();
	expect(tab.status.isConnected).toBe(false);
	browser.network.restore();
	await tab.retry();
	expect(tab.status).toEqual({ isConnected: true, failure: null, retryAt: null });
	expect(await inCache(tab, conversationId)).toBeTruthy();
	const streams = () => browser.network.sent.filter((path) => path.startsWith('/api/stream'));
	await eventually(() => expect(streams()).toHaveLength(1));
	await tab.close();
});

test('a session that has ended stops everything and keeps what is unsent', async () => {
	const { agent, conversationId, browser } = await agentAndCaller(app);
	const tab = await Tab.open(browser, personOf(agent));
	await eventually(async () => expect(await inCache(tab, conversationId)).toBeTruthy());
	expect((await agent.post('/api/auth/sign-out', { deviceId: null })).status).toBe(200);
	await note(tab.writer, { conversationId, body: 'Later' });
	await eventually(() => expect(tab.isSignedOut).toBe(true));
	await tab.done;
	const left = browser.network.sent.length;
	tab.emit('online');
	expect(await tab.writer.outbox.rows.toArray()).toMatchObject([{ state: 'queued' }]);
	expect(await inCache(tab, conversationId)).toBeTruthy();
	expect(browser.network.sent).toHaveLength(left);
	await tab.close();
});

test('a page takes nothing in while somebody else is signed in in the browser', async () => {
	const { agent, visitor, conversationId } = await agentAndCaller(app);
	await visitor.write('Hello?');
	const colleague = await app.signedInAgent({ team: agent.team });
	const tab = await Tab.open(browserOf(colleague), personOf(agent));
	await eventually(() => expect(tab.isSignedOut).toBe(true));
	await tab.done;
	expect(await inCache(tab, conversationId)).toBeUndefined();
	expect(await getCursor(tab.writer.cache, agent.team.id)).toBeUndefined();
	await tab.close();
});
