import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { insertMember } from '../../api/store/member.ts';
import { reply } from '../../src/lib/intents/reply.ts';
import { type TestApp, testApp } from '../support/app.ts';
import { Tab } from './browser.ts';
import {
	agentAndCaller,
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

/** Two tabs of one browser; the first leads. */
async function twoTabs() {
	const { agent, visitor, conversationId, browser } = await agentAndCaller(app);
	const first = await Tab.open(browser, personOf(agent));
	const streams = () => browser.network.sent.filter((path) => path.startsWith('/api/stream'));
	await eventually(() => expect(streams()).toHaveLength(1));
	const second = await Tab.open(browser, personOf(agent));
	const leader = () => browser.locks.get(`bellhop-leader-${agent.userId}-${agent.team.id}`)?.page;
	const close = async () => {
		await second.close();
		await first.close();
	};
	return { agent, visitor, browser, conversationId, first, second, leader, streams, close };
}

test('of two tabs one follows the stream, and both see what comes', async () => {
	const { visitor, conversationId, first, second, leader, close } = await twoTabs();
	await visitor.write('Hello?');
	for (const tab of [first, second])
		await eventually(async () =>
			expect(await textsInCache(tab, conversationId)).toEqual(['Hello?'])
		);
	expect(leader()).toBe(first.page.id);
	await close();
});

test('of two tabs with different teams each follows its own', async () => {
	const { agent, first, browser, leader, close } = await twoTabs();
	const other = await app.newTeam();
	await app.db.team(other.id, (tx) => insertMember(tx, agent.userId, 'agent'));
	const third = await Tab.open(browser, { userId: agent.userId, teamId: other.id });
	const visitor = await waitingVisitor(app, other);
	await visitor.write('Over here');
	await eventually(async () =>
		expect(await textsInCache(third, visitor.conversationId)).toEqual(['Over here'])
	);
	expect(leader()).toBe(first.page.id);
	await third.close();
	await close();
});

test('the second tab takes over when the first is closed', async () => {
	const { visitor, conversationId, first, second, leader } = await twoTabs();
	await first.close();
	expect(leader()).toBe(second.page.id);
	await visitor.write('Hello?');
	await eventually(async () =>
		expect(await textsInCache(second, conversationId)).toEqual(['Hello?'])
	);
	await second.close();
});

test('a visible tab takes the place of a frozen one, which follows when it wakes', async () => {
	const { visitor, conversationId, first, second, leader, close } = await twoTabs();
	first.freeze();
	await eventually(() => expect(leader()).toBe(second.page.id));
	await visitor.write('Hello?');
	await eventually(async () =>
		expect(await textsInCache(second, conversationId)).toEqual(['Hello?'])
	);
	first.thaw();
	await visitor.write('Again');
	await eventually(async () =>
		expect(await textsInCache(first, conversationId)).toEqual(['Hello?', 'Again'])
	);
	expect(leader()).toBe(second.page.id);
	await close();
});

test('a hidden tab leaves a frozen leader alone until it is looked at', async () => {
	const { agent, first, second, leader, browser, close } = await twoTabs();
	second.visibility = 'hidden';
	first.freeze();
	const asks = vi.fn();
	browser.channels.get(`bellhop-leader-${agent.userId}-${agent.team.id}`)?.add(asks);
	await eventually(() => expect(asks.mock.calls.length).toBeGreaterThan(6));
	expect(leader()).toBe(first.page.id);
	second.visibility = 'visible';
	await eventually(() => expect(leader()).toBe(second.page.id));
	await close();
});

test('a tab sends while the one that was sending is frozen', async () => {
	const { agent, conversationId, browser, first, second, close } = await twoTabs();
	await eventually(async () => expect(await inCache(second, conversationId)).toBeTruthy());
	first.freeze();
	await reply(first.writer, { conversationId, body: 'one', baseSeq: 2 });
	await eventually(() =>
		expect(browser.locks.get(`bellhop-flush-${agent.userId}`)?.page).toBe(first.page.id)
	);
	await reply(second.writer, { conversationId, body: 'two', baseSeq: 2 });
	await eventually(async () => expect(await second.writer.outbox.rows.count()).toBe(0));
	const bodies = async () =>
		(await textsOnServer(app, agent.team.id, conversationId)).map(({ body }) => body);
	expect(await bodies()).toEqual(['one', 'two']);
	first.thaw();
	await close();
	expect(await bodies()).toEqual(['one', 'two']);
});
