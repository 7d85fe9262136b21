import { afterAll, beforeAll, expect, test } from 'vitest';
import { LIMITS } from '#contract/limits.ts';
import { countUnsentText } from '../../src/lib/db/outbox.ts';
import { assign } from '../../src/lib/intents/assign.ts';
import { claim } from '../../src/lib/intents/claim.ts';
import { note } from '../../src/lib/intents/note.ts';
import { reply } from '../../src/lib/intents/reply.ts';
import { resolve } from '../../src/lib/intents/resolve.ts';
import { discard, retry, sendAnyway } from '../../src/lib/intents/unsent.ts';
import { type TestApp, testApp } from '../support/app.ts';
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

/** An agent with one conversation that waits, in an open tab that has it. */
async function agentAtWork(given: { wallNow?: () => number } = {}) {
	const { agent, visitor, conversationId, browser } = await agentAndCaller(app);
	const tab = await Tab.open(browser, personOf(agent), given);
	await eventually(async () => expect(await inCache(tab, conversationId)).toBeTruthy());
	const seq = async () => (await inCache(tab, conversationId))?.seq ?? 0;
	const write = async (body: string) =>
		reply(tab.writer, { conversationId, body, baseSeq: await seq() });
	const onServer = async () =>
		(await textsOnServer(app, agent.team.id, conversationId)).map(({ body }) => body);
	/** Everything that could be sent before has been sent: a note elsewhere went out behind it. */
	const settled = async () => {
		const elsewhere = await waitingVisitor(app, agent.team);
		await note(tab.writer, { conversationId: elsewhere.conversationId, body: 'Done' });
		await eventually(async () =>
			expect(await textsInCache(tab, elsewhere.conversationId)).toEqual(['Done'])
		);
	};
	return { agent, visitor, browser, tab, conversationId, write, onServer, settled };
}

/** Refused whenever it is sent. */
const TOO_LONG = 'x'.repeat(LIMITS.messageBody + 1);

const rowsOf = (tab: Tab) => tab.writer.outbox.rows.orderBy('n').toArray();

test('a reply is on the server and in the cache, and then no longer in the outbox', async () => {
	const { tab, conversationId, write, onServer } = await agentAtWork();
	await write('Hello');
	await eventually(async () => expect(await rowsOf(tab)).toEqual([]));
	expect(await onServer()).toEqual(['Hello']);
	expect(await textsInCache(tab, conversationId)).toEqual(['Hello']);
	await tab.close();
});

test('replies written without a connection go out once, in order, when it is back', async () => {
	const { browser, tab, write, onServer } = await agentAtWork();
	browser.network.cut();
	for (const body of ['one', 'two', 'three']) await write(body);
	await eventually(() => expect(tab.status.isConnected).toBe(false));
	expect(await countUnsentText(tab.writer.outbox)).toBe(3);
	expect(await onServer()).toEqual([]);
	browser.network.restore();
	tab.emit('online');
	await eventually(async () => expect(await rowsOf(tab)).toEqual([]));
	expect(await onServer()).toEqual(['one', 'two', 'three']);
	expect(tab.status.isConnected).toBe(true);
	await tab.close();
});

test('a reply whose first answer was lost is there once', async () => {
	const { browser, tab, write, onServer } = await agentAtWork();
	let lost = 0;
	browser.network.losesAnswer = (path) => path === '/api/mutations' && lost++ === 0;
	await write('Once');
	await eventually(async () => expect(await rowsOf(tab)).toEqual([]));
	expect(lost).toBeGreaterThan(1);
	expect(await onServer()).toEqual(['Once']);
	await tab.close();
});

test('what was written before a restart goes out after it, in order', async () => {
	const { agent, browser, tab, write, onServer } = await agentAtWork();
	browser.network.cut();
	await write('one');
	await write('two');
	await tab.close();
	browser.network.restore();
	const after = await Tab.open(browser, personOf(agent));
	await eventually(async () => expect(await rowsOf(after)).toEqual([]));
	expect(await onServer()).toEqual(['one', 'two']);
	expect(after.writer.deviceId).toBe(tab.writer.deviceId);
	await after.close();
});

test('a reply waits for a look when the visitor wrote meanwhile, and goes out as it is when told to', async () => {
	let ahead = 0;
	const { visitor, browser, tab, write, onServer } = await agentAtWork({
		wallNow: () => Date.now() + ahead
	});
	browser.network.cut();
	await write('Old answer');
	await visitor.write('Another question');
	ahead = 60_000;
	browser.network.restore();
	tab.emit('online');
	await eventually(async () => expect((await rowsOf(tab))[0]?.state).toBe('review'));
	expect(await onServer()).toEqual(['Another question']);
	const [row] = await rowsOf(tab);
	await sendAnyway(tab.writer, row?.id ?? '');
	await eventually(async () => expect(await rowsOf(tab)).toEqual([]));
	expect(await onServer()).toEqual(['Another question', 'Old answer']);
	await tab.close();
});

test('no reply overtakes one that waits for a look, and those behind it follow in order', async () => {
	let ahead = 0;
	const { visitor, browser, tab, write, onServer } = await agentAtWork({
		wallNow: () => Date.now() + ahead
	});
	browser.network.cut();
	await write('one');
	await visitor.write('Wait');
	ahead = 60_000;
	await write('two');
	browser.network.restore();
	tab.emit('online');
	await eventually(async () => expect((await rowsOf(tab))[0]?.state).toBe('review'));
	await write('three');
	await eventually(async () =>
		expect((await rowsOf(tab)).map(({ state }) => state)).toEqual(['review', 'review', 'queued'])
	);
	expect(await onServer()).toEqual(['Wait']);
	for (const { id, state } of await rowsOf(tab))
		if (state === 'review') await sendAnyway(tab.writer, id);
	await eventually(async () => expect(await rowsOf(tab)).toEqual([]));
	expect(await onServer()).toEqual(['Wait', 'one', 'two', 'three']);
	await tab.close();
});

test('what is to follow a reply waits with it, and is done after it', async () => {
	let ahead = 0;
	const { visitor, browser, tab, conversationId, write, onServer, settled } = await agentAtWork({
		wallNow: () => Date.now() + ahead
	});
	browser.network.cut();
	await write('Bye');
	await claim(tab.writer, conversationId);
	await resolve(tab.writer, conversationId);
	await visitor.write('One more thing');
	ahead = 60_000;
	browser.network.restore();
	tab.emit('online');
	await eventually(async () =>
		expect((await rowsOf(tab)).map(({ state }) => state)).toEqual(['review', 'queued', 'queued'])
	);
	await settled();
	const kept = (await rowsOf(tab)).filter(({ state }) => state !== 'sent');
	expect(kept.map(({ call }) => call.name)).toEqual(['reply', 'claim', 'resolve']);
	expect(await inCache(tab, conversationId)).toMatchObject({ state: 'pending' });
	expect(await onServer()).toEqual(['One more thing']);
	const [row] = await rowsOf(tab);
	await sendAnyway(tab.writer, row?.id ?? '');
	await eventually(async () =>
		expect(await inCache(tab, conversationId)).toMatchObject({ state: 'resolved' })
	);
	expect(await onServer()).toEqual(['One more thing', 'Bye']);
	await tab.close();
});

test('what was to follow a reply is forgotten with it, and a later reply goes out', async () => {
	let ahead = 0;
	const { visitor, browser, tab, conversationId, write, onServer } = await agentAtWork({
		wallNow: () => Date.now() + ahead
	});
	browser.network.cut();
	await write('Bye');
	await visitor.write('One more thing');
	ahead = 60_000;
	browser.network.restore();
	tab.emit('online');
	await eventually(async () => expect((await rowsOf(tab))[0]?.state).toBe('review'));
	await resolve(tab.writer, conversationId);
	await eventually(async () =>
		expect(await textsInCache(tab, conversationId)).toEqual(['One more thing'])
	);
	await write('Tell me');
	const [row] = await rowsOf(tab);
	expect(await discard(tab.writer, row?.id ?? '')).toBe('Bye');
	await eventually(async () => expect(await rowsOf(tab)).toEqual([]));
	expect(await onServer()).toEqual(['One more thing', 'Tell me']);
	expect(await inCache(tab, conversationId)).toMatchObject({ state: 'unresolved' });
	await tab.close();
});

test('a refused text keeps its place: what is behind it goes out once it is tried again or taken back', async () => {
	const { tab, conversationId, browser, write, onServer } = await agentAtWork();
	browser.network.cut();
	await note(tab.writer, { conversationId, body: TOO_LONG });
	await write('behind');
	browser.network.restore();
	tab.emit('online');
	await eventually(async () => expect((await rowsOf(tab))[0]?.state).toBe('failed'));
	const [failed] = await rowsOf(tab);
	await retry(tab.writer, failed?.id ?? '');
	await eventually(async () =>
		expect(await rowsOf(tab)).toMatchObject([
			{ state: 'failed', n: failed?.n },
			{ state: 'queued' }
		])
	);
	expect(await onServer()).toEqual([]);
	const [again] = await rowsOf(tab);
	expect(again?.id).not.toBe(failed?.id);
	await discard(tab.writer, again?.id ?? '');
	await eventually(async () => expect(await onServer()).toEqual(['behind']));
	await tab.close();
});

test('nothing goes out while somebody else is signed in in the browser', async () => {
	const agent = await app.signedInAgent();
	const colleague = await app.signedInAgent({ team: agent.team });
	const { conversationId } = await waitingVisitor(app, agent.team);
	const tab = await Tab.open(browserOf(colleague), personOf(agent));
	await note(tab.writer, { conversationId, body: 'In whose name?' });
	await eventually(() => expect(tab.isSignedOut).toBe(true));
	expect(await rowsOf(tab)).toMatchObject([{ state: 'queued' }]);
	expect(await textsOnServer(app, agent.team.id, conversationId)).toEqual([]);
	await tab.close();
});

test('a refused text stays, with the reason, and can be tried again or taken back', async () => {
	const { agent, browser, tab, conversationId } = await agentAtWork();
	const elsewhere = await waitingVisitor(app, agent.team);
	await note(tab.writer, { conversationId: elsewhere.conversationId, body: TOO_LONG });
	await note(tab.writer, { conversationId, body: 'To us' });
	await eventually(async () => expect(await rowsOf(tab)).toHaveLength(1));
	const [failed] = await rowsOf(tab);
	expect(failed).toMatchObject({ state: 'failed', call: { args: { body: TOO_LONG } } });
	expect(failed?.error?.message).toBeTruthy();
	expect(await countUnsentText(tab.writer.outbox)).toBe(1);
	const sent = browser.network.sent.length;
	await retry(tab.writer, failed?.id ?? '');
	await eventually(() => expect(browser.network.sent.length).toBeGreaterThan(sent));
	await eventually(async () => expect((await rowsOf(tab))[0]?.state).toBe('failed'));
	const [again] = await rowsOf(tab);
	expect(again?.id).not.toBe(failed?.id);
	expect(await discard(tab.writer, again?.id ?? '')).toBe(TOO_LONG);
	expect(await rowsOf(tab)).toEqual([]);
	expect(await textsOnServer(app, agent.team.id, elsewhere.conversationId)).toEqual([]);
	await tab.close();
});

test('one bad row does not hold up the others', async () => {
	const { agent, tab, browser, write, onServer } = await agentAtWork();
	const { conversationId } = await waitingVisitor(app, agent.team);
	browser.network.cut();
	await write('before');
	await note(tab.writer, { conversationId, body: TOO_LONG });
	await write('after');
	browser.network.restore();
	tab.emit('online');
	await eventually(async () => expect(await onServer()).toEqual(['before', 'after']));
	await eventually(async () =>
		expect(await rowsOf(tab)).toMatchObject([{ state: 'failed', error: { code: 'invalid' } }])
	);
	await tab.close();
});

test('who claims second is told who was first', async () => {
	const { agent, tab, conversationId } = await agentAtWork();
	const colleague = await app.signedInAgent({ team: agent.team });
	const other = await Tab.open(browserOf(colleague), personOf(colleague));
	await claim(other.writer, conversationId);
	await eventually(async () =>
		expect((await inCache(tab, conversationId))?.assigneeId).toBe(colleague.userId)
	);
	await claim(tab.writer, conversationId);
	await eventually(async () =>
		expect(await rowsOf(tab)).toMatchObject([{ state: 'failed', error: { code: 'conflict' } }])
	);
	await other.close();
	await tab.close();
});

test('assigning and resolving reach the cache of everybody', async () => {
	const { agent, tab, conversationId } = await agentAtWork();
	const colleague = await app.signedInAgent({ team: agent.team });
	const other = await Tab.open(browserOf(colleague), personOf(colleague));
	await assign(tab.writer, { conversationId, agentId: colleague.userId, expectedId: null });
	await resolve(tab.writer, conversationId);
	await eventually(async () =>
		expect(await inCache(other, conversationId)).toMatchObject({
			state: 'resolved',
			assigneeId: colleague.userId
		})
	);
	expect(await rowsOf(other)).toEqual([]);
	await other.close();
	await tab.close();
});
