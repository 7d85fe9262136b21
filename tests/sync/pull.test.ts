import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LIMITS } from '#contract/limits.ts';
import { insertMember } from '../../api/store/member.ts';
import { sql } from '../../api/store/sql.ts';
import { keepOnly } from '../../src/lib/db/lost.ts';
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

/** The conversations of what waits in the outbox, in order. */
const unsentIn = async ({ writer }: Tab) =>
	(await writer.outbox.rows.orderBy('n').toArray()).map(({ call }) => call.args.conversationId);

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

test('what a first sync brings is told as such, and what comes after it as news', async () => {
	const { agent, visitor, browser } = await agentAndCaller(app);
	await visitor.write('Hello?');
	const tab = await Tab.open(browser, personOf(agent));
	await eventually(() => expect(tab.news).toEqual([{ isFirst: true, texts: ['Hello?'] }]));
	await visitor.write('Anybody?');
	const streamed = { isFirst: false, texts: ['Anybody?'] };
	await eventually(() => expect(tab.news.slice(1)).toEqual([streamed]));
	await tab.close();

	await visitor.write('Still here');
	const again = await Tab.open(browser, personOf(agent));
	await eventually(() => expect(again.news).toEqual([{ isFirst: false, texts: ['Still here'] }]));
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

test('losing a bot takes its conversations off the device, with what was written for them, and leaves the others', async () => {
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
	// Too long to be taken: it stays where it is.
	for (const { conversationId } of [lost, kept])
		await note(tab.writer, { conversationId, body: 'x'.repeat(LIMITS.messageBody + 1) });
	await eventually(async () =>
		expect(await unsentIn(tab)).toEqual([lost.conversationId, kept.conversationId])
	);
	await limitTo(agent.team, agent.userId, [second]);
	await eventually(async () => expect(await inCache(tab, lost.conversationId)).toBeUndefined());
	expect(await textsInCache(tab, lost.conversationId)).toEqual([]);
	await eventually(async () =>
		expect(await textsInCache(tab, kept.conversationId)).toEqual(['Mine'])
	);
	const bots = await tab.writer.cache.bots.toArray();
	expect(bots.map(({ id }) => id)).toEqual([second]);
	await eventually(async () => expect(await unsentIn(tab)).toEqual([kept.conversationId]));
	expect(tab.lostTexts).toBe(1);
	await tab.close();
});

test('a deleted bot takes what was written for its chats along', async () => {
	const { agent, conversationId, browser } = await agentAndCaller(app);
	const owner = await app.signedInAgent({ team: agent.team, role: 'owner' });
	const tab = await Tab.open(browser, personOf(agent));
	await eventually(async () => expect(await inCache(tab, conversationId)).toBeTruthy());
	await note(tab.writer, { conversationId, body: 'x'.repeat(LIMITS.messageBody + 1) });
	await eventually(async () => expect(await unsentIn(tab)).toEqual([conversationId]));
	const { id: teamId, botId } = agent.team;
	await owner.delete('/api/bots', { teamId, id: botId });
	await eventually(async () => expect(await unsentIn(tab)).toEqual([]));
	expect(await inCache(tab, conversationId)).toBeUndefined();
	await tab.close();
});

test('leaving the team takes all of it off the device', async () => {
	const { agent, conversationId, browser } = await agentAndCaller(app);
	const tab = await Tab.open(browser, personOf(agent));
	await eventually(async () => expect(await inCache(tab, conversationId)).toBeTruthy());
	browser.network.cut();
	await note(tab.writer, { conversationId, body: 'Never sent' });
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
	expect([await unsentIn(tab), tab.lostTexts]).toEqual([[], 1]);
	expect(await getCursor(tab.writer.cache, teamId)).toBeUndefined();
	await tab.close();
});

describe('of teams that are kept beside the active one', () => {
	/** A browser that has two teams of one person in its cache, and is in the second. */
	async function twoTeams() {
		const { agent, conversationId, browser } = await agentAndCaller(app);
		const first = await Tab.open(browser, personOf(agent));
		await eventually(async () => expect(await inCache(first, conversationId)).toBeTruthy());
		await first.close();
		const second = await app.newTeam();
		const there = await waitingVisitor(app, second);
		await app.db.team(second.id, (tx) => insertMember(tx, agent.userId, 'agent'));
		const tab = await Tab.open(browser, { userId: agent.userId, teamId: second.id });
		await eventually(async () => expect(await inCache(tab, there.conversationId)).toBeTruthy());
		const { cache, outbox } = tab.writer;
		const inFirst = async () => cache.conversations.get([agent.team.id, conversationId]);
		const keep = (known: [string, string[] | undefined][]) =>
			keepOnly({ cache, outbox }, { others: [agent.team.id], known: new Map(known) });
		const { id: teamId, botId } = agent.team;
		return { tab, there, inFirst, keep, teamId, botId, conversationId };
	}

	test('nothing of one that the person has left stays', async () => {
		const { tab, there, inFirst, keep, teamId, conversationId } = await twoTeams();
		await note({ ...tab.writer, teamId, flush: () => {} }, { conversationId, body: 'Unsent' });
		expect(await inFirst()).toBeTruthy();
		expect(await keep([[tab.writer.teamId, undefined]])).toBe(1);
		const left = await Promise.all(
			[...tab.writer.cache.tables, tab.writer.outbox.rows].map((table) => table.toArray())
		);
		expect(JSON.stringify(left)).not.toContain(teamId);
		expect(await inCache(tab, there.conversationId)).toBeTruthy();
		await tab.close();
	});

	test('nothing of a bot that they may see no more stays, and the rest is asked for anew', async () => {
		const { tab, inFirst, keep, teamId, botId } = await twoTeams();
		expect(await keep([[teamId, [botId]]])).toBe(0);
		expect(await inFirst()).toBeTruthy();
		expect(await getCursor(tab.writer.cache, teamId)).toBeTruthy();
		await keep([[teamId, []]]);
		expect(await inFirst()).toBeUndefined();
		expect(await tab.writer.cache.bots.where({ teamId }).toArray()).toEqual([]);
		expect(await getCursor(tab.writer.cache, teamId)).toBeUndefined();
		await tab.close();
	});
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
