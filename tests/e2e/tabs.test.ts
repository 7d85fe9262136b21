import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sql } from '../../api/store/sql.ts';
import type { BrowserName } from '../support/browsers.ts';
import { type PlainChromium, plainChromium, type Tab } from '../support/cdp.ts';
import { enableNotifications, signIn, thread, waiting } from './agent.ts';
import { type Bellhop, type SomebodyHere, startBellhop } from './in-process.ts';
import { DESK } from './world.ts';

// A session that has ended is answered with 401, which browsers report.
const SESSION_ENDED = [/401/];
/** A page that is visible and stays so: what it waits for is nobody's timer but the leader's. */
const PATIENCE = { timeout: 60_000, interval: 50 };

const row = (page: Page, text: string) => page.locator('a[data-row]', { hasText: text });
const signOut = async (page: Page) => {
	await page.getByRole('button', { name: /^Profile/ }).click();
	await page.getByRole('menuitem', { name: 'Sign out' }).click();
};
const atSignIn = (page: Page) =>
	page.getByRole('heading', { name: 'Sign in to Bellhop' }).waitFor();
/** The local databases that carry a person's id in their names. */
const databases = async (page: Page): Promise<string[]> => {
	const names = await page.evaluate(async () =>
		(await indexedDB.databases()).map(({ name }) => name ?? '')
	);
	return names.filter((name) => /[0-9a-f]{8}-/.test(name)).toSorted();
};
const databasesOf = ({ userId }: SomebodyHere) => [`bellhop-${userId}`, `bellhop-outbox-${userId}`];
const endpoint = (page: Page) =>
	page.evaluate(async () => {
		const registration = await navigator.serviceWorker.ready;
		return (await registration.pushManager.getSubscription())?.endpoint ?? null;
	});

let bellhop: Bellhop;
beforeAll(async () => {
	bellhop = await startBellhop(SESSION_ENDED);
});
afterAll(() => bellhop.close());
afterEach(async () => {
	await context?.close();
	context = undefined;
	expect(bellhop.problems.splice(0)).toEqual([]);
	// The server has seen the last page go.
	await expect.poll(() => bellhop.streams.open, PATIENCE).toBe(0);
});

let context: BrowserContext | undefined;

/** A browser of its own in which the agent has signed in, and another tab beside the first. */
async function twoTabs(
	name: BrowserName,
	agent: SomebodyHere,
	path = '/chats'
): Promise<[Page, Page]> {
	context = await bellhop.open(name, { context: DESK });
	const first = await context.newPage();
	await signIn(first, agent);
	await first.waitForFunction(() => navigator.serviceWorker.controller !== null);
	const second = await context.newPage();
	await second.goto(`${bellhop.origin}${path}`);
	return [first, second];
}

/** The person's devices, and what rings them. */
const devicesOf = ({ userId }: SomebodyHere) =>
	bellhop.app.db.person.many<{ endpoint: string | null }>(sql`
			select s.endpoint from devices d left join push_subscriptions s on s.device_id = d.id
			where d.user_id = ${userId}`);

describe.each(['chromium', 'firefox'] as const)('in %s', (name) => {
	test('two tabs share one stream and one device, and a link leads each to its own chat', async () => {
		const agent = await bellhop.newAgent();
		const { conversationId, say } = await bellhop.newCaller(agent.team, { text: 'Is it in stock' });
		const { opened } = bellhop.streams;
		bellhop.beats.length = 0;
		const [first, second] = await twoTabs(name, agent, `/chats/${conversationId}`);
		await thread(second).getByText('Is it in stock').waitFor();
		await row(first, 'Is it in stock').waitFor();

		await expect
			.poll(() => bellhop.beats.find(({ pages }) => pages.length === 2), PATIENCE)
			.toBeTruthy();
		expect(new Set(bellhop.beats.map(({ deviceId }) => deviceId)).size).toBe(1);
		await say('The blue one');
		await thread(second).getByText('The blue one').waitFor();
		await row(first, 'The blue one').waitFor();
		expect(bellhop.streams).toEqual({ opened: opened + 1, open: 1 });
	});

	test('another tab takes over when the one that follows the stream is closed', async () => {
		const agent = await bellhop.newAgent();
		const { say } = await bellhop.newCaller(agent.team, { text: 'Hello' });
		const [first, second] = await twoTabs(name, agent);
		await row(second, 'Hello').waitFor();
		await expect.poll(() => bellhop.streams.open, PATIENCE).toBe(1);
		const { opened } = bellhop.streams;

		await first.close();
		await expect.poll(() => bellhop.streams, PATIENCE).toEqual({ opened: opened + 1, open: 1 });
		await say('Anybody there');
		await row(second, 'Anybody there').waitFor();
	});

	test('signing out in one tab ends all, and leaves nothing of the person', async () => {
		const agent = await bellhop.newAgent();
		await bellhop.newCaller(agent.team, { text: 'For Ann alone' });
		const [first, second] = await twoTabs(name, agent);
		await enableNotifications(first);
		expect(await devicesOf(agent)).toEqual([{ endpoint: await endpoint(first) }]);
		await row(second, 'For Ann alone').waitFor();
		expect(await databases(first)).toEqual(databasesOf(agent));

		await signOut(second);
		await Promise.all([first, second].map(atSignIn));
		await expect.poll(() => databases(second), PATIENCE).toEqual([]);
		expect(await endpoint(second)).toBeNull();
		expect(await devicesOf(agent)).toEqual([]);
		await expect.poll(() => bellhop.streams.open, PATIENCE).toBe(0);

		const other = await bellhop.newAgent();
		await bellhop.newCaller(other.team, { text: 'For Bea alone' });
		await signIn(first, other);
		await Promise.all([first, second].map((page) => row(page, 'For Bea alone').waitFor()));
		expect(await first.locator('a[data-row]').count()).toBe(1);
		expect(await databases(first)).toEqual(databasesOf(other));
	});

	test('who signs in where a session has ended sees nothing of it, and takes its rings over', async () => {
		const agent = await bellhop.newAgent();
		await bellhop.newCaller(agent.team, { text: 'For Ann alone' });
		const [first, second] = await twoTabs(name, agent);
		await enableNotifications(first);
		const held = await endpoint(first);
		expect(await devicesOf(agent)).toEqual([{ endpoint: held }]);

		await second.close();
		await context?.clearCookies();
		await first.reload();
		await atSignIn(first);
		const other = await bellhop.newAgent();
		await signIn(first, other);
		await first.getByRole('heading', { name: 'Nobody is waiting' }).waitFor();
		expect(await waiting(first).count()).toBe(0);
		await expect.poll(() => devicesOf(other), PATIENCE).toEqual([{ endpoint: held }]);
		expect((await devicesOf(agent)).filter((device) => device.endpoint !== null)).toEqual([]);
	});
});

/** Signed in without the form: what is looked at here begins behind it. */
async function openTab(chromium: PlainChromium, agent: SomebodyHere): Promise<Tab> {
	const tab = await chromium.open(`${bellhop.origin}/sign-in`);
	await tab.until(`location.pathname === '/sign-in' && document.readyState === 'complete'`);
	const credentials = JSON.stringify({ email: agent.email, password: agent.password });
	await tab.evaluate(`fetch('/api/auth/sign-in', { method: 'POST',
		headers: { 'Content-Type': 'application/json' }, body: '${credentials}' })
		.then(() => localStorage.setItem('bellhop-user', '${agent.userId}'))`);
	await tab.send('Page.enable');
	await tab.send('Page.navigate', { url: `${bellhop.origin}/chats` });
	return tab;
}

describe('in Chromium', () => {
	let chromium: PlainChromium;
	beforeEach(async () => {
		chromium = await plainChromium();
	});
	afterEach(() => chromium.close());

	test('a visible tab takes the stream from one that is frozen within 10 s', async () => {
		const agent = await bellhop.newAgent();
		const { say } = await bellhop.newCaller(agent.team, { text: 'Hello' });
		const shows = (text: string) => `document.body.innerText.includes('${text}')`;
		const first = await openTab(chromium, agent);
		await first.until(shows('Hello'));
		await expect.poll(() => bellhop.streams.open, PATIENCE).toBe(1);
		const second = await chromium.open(`${bellhop.origin}/chats`);
		await second.until(shows('Hello'));
		await first.until(`document.visibilityState === 'hidden'`);
		const { opened } = bellhop.streams;

		const frozenAt = Date.now();
		await first.send('Page.setWebLifecycleState', { state: 'frozen' });
		await expect.poll(() => bellhop.streams.opened, PATIENCE).toBe(opened + 1);
		expect(Date.now() - frozenAt).toBeLessThan(10_000);
		await say('Anybody there');
		await second.until(shows('Anybody there'));

		await first.send('Page.setWebLifecycleState', { state: 'active' });
		await first.activate();
		await first.until(shows('Anybody there'));
		await expect.poll(() => bellhop.streams.open, PATIENCE).toBe(1);
	});
});
