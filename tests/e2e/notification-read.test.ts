import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { act, reply } from '../support/chat.ts';
import { type Desktop, startDesktop } from '../support/desktop.ts';
import { enableNotifications, goOnline, signIn, thread } from './agent.ts';
import type { SomebodyHere } from './in-process.ts';
import { closedAfterEach, PATIENCE, type Ringing, startRinging } from './ringing.ts';
import { DESK } from './world.ts';

/** Numbers set on the app's icon, as pages and the worker are made to remember; 0: taken away. */
type Badges = { badges: number[] };

/** Has pages keep what they set, for no desktop here shows it. */
const spyOnPages = (browser: BrowserContext) =>
	browser.addInitScript(() => {
		const here = globalThis as unknown as Badges;
		here.badges = [];
		const set = async (count = 1) => void here.badges.push(count);
		Object.assign(navigator, { setAppBadge: set, clearAppBadge: () => set(0) });
	});

const badgeOf = (page: Page) =>
	page.evaluate(() => (globalThis as unknown as Badges).badges.at(-1) ?? null);

describe.each(['chromium', 'firefox'] as const)('in %s', (name) => {
	let ringing: Ringing;
	beforeAll(async () => {
		ringing = await startRinging(name);
	});
	afterAll(() => ringing?.close());
	const open = closedAfterEach(() => {
		// Another person's session ends the one before.
		expect(ringing.bellhop.problems.splice(0).filter((line) => !line.includes('401'))).toEqual([]);
	});

	/** A device of the agent with a desktop of its own, the app open in it. */
	async function device(agent: SomebodyHere) {
		const desktop = await startDesktop();
		open.add(desktop);
		const browser = await ringing.bellhop.open(name, { context: DESK, desktop });
		open.add(browser);
		await spyOnPages(browser);
		const page = await browser.newPage();
		await signIn(page, agent);
		await enableNotifications(page);
		return { desktop, browser, page };
	}
	const stands = (desktop: Desktop, text: string) =>
		[...desktop.shown.values()].filter(({ body }) => body.includes(text)).length;
	const shown = (desktop: Desktop, text: string) =>
		desktop.waitFor(({ body }) => body.includes(text), 60_000);
	const openChat = async (browser: BrowserContext, { team }: SomebodyHere, id: string) => {
		const page = await browser.newPage();
		await page.goto(`${ringing.bellhop.origin}/chats/${id}?team=${team.id}`);
		return page;
	};

	/** Has the server know that somebody looks at the page. */
	const bringToFront = async (page: Page) => {
		const { app, beats } = ringing.bellhop;
		await goOnline(page);
		await page.bringToFront();
		const isFocused = async () => {
			await app.deps.presence.round();
			return beats.at(-1)?.pages.some((seen) => seen.isFocused);
		};
		await expect.poll(isFocused, PATIENCE).toBe(true);
	};

	test('a chat that is opened on one device loses its notification there at once, elsewhere at the next contact', async () => {
		const agent = await ringing.bellhop.newAgent();
		const [phone, laptop] = [await device(agent), await device(agent)];
		await phone.page.close();
		await laptop.page.close();
		const read = await ringing.call(agent, `Read me in ${name}`);
		const other = await ringing.call(agent, `Leave me in ${name}`);
		for (const { desktop } of [phone, laptop])
			for (const text of ['Read me', 'Leave me']) await shown(desktop, text);

		const chat = await openChat(phone.browser, agent, read.conversationId);
		await thread(chat).getByText(`Read me in ${name}`).waitFor();
		await expect.poll(() => stands(phone.desktop, 'Read me'), PATIENCE).toBe(0);
		expect(stands(phone.desktop, 'Leave me')).toBe(1);
		expect(stands(laptop.desktop, 'Read me')).toBe(1);

		await (await laptop.browser.newPage()).goto(`${ringing.bellhop.origin}/chats`);
		await expect.poll(() => stands(laptop.desktop, 'Read me'), PATIENCE).toBe(0);
		expect(stands(laptop.desktop, 'Leave me')).toBe(1);
		// With the app open anywhere in it, a device hears of it by itself.
		await chat.goto(
			`${ringing.bellhop.origin}/chats/${other.conversationId}?team=${agent.team.id}`
		);
		await expect.poll(() => stands(phone.desktop, 'Leave me'), PATIENCE).toBe(0);
		await expect.poll(() => stands(laptop.desktop, 'Leave me'), PATIENCE).toBe(0);

		// Nobody has answered, so it rings once more, though all of it has been read; whoever opens it has heard that.
		await ringing.ringAgain(agent, other.conversationId);
		for (const { desktop } of [phone, laptop]) await shown(desktop, 'Leave me');
		await chat.reload();
		await expect.poll(() => stands(phone.desktop, 'Leave me'), PATIENCE).toBe(0);
		expect(stands(laptop.desktop, 'Leave me')).toBe(1);
	});

	test('the number on the icon follows: by each push, and by what the app shows', async () => {
		const agent = await ringing.bellhop.newAgent();
		const { browser, page, desktop } = await device(agent);
		await page.close();
		const [worker] = browser.serviceWorkers();
		// Playwright reaches no worker in Firefox, which has no such numbers either.
		await worker?.evaluate(() => {
			const here = globalThis as unknown as Badges;
			here.badges = [];
			Object.assign(navigator, {
				setAppBadge: async (count: number) => void here.badges.push(count)
			});
		});
		const first = await ringing.call(agent, `One waits in ${name}`);
		await shown(desktop, `One waits in ${name}`);
		const second = await ringing.call(agent, `Two wait in ${name}`);
		await shown(desktop, `Two wait in ${name}`);
		await ringing.settled(agent, [{ state: 'shown' }, { state: 'shown' }]);
		if (worker)
			expect(await worker.evaluate(() => (globalThis as unknown as Badges).badges)).toEqual([1, 2]);

		const app = await browser.newPage();
		await app.goto(`${ringing.bellhop.origin}/chats`);
		await expect.poll(() => badgeOf(app), PATIENCE).toBe(2);
		const { conversationId } = first;
		await act(agent, { name: 'claim', args: { conversationId } });
		await expect.poll(() => badgeOf(app), PATIENCE).toBe(1);
		await act(agent, reply(second.conversationId, 'Here I am'));
		await expect.poll(() => badgeOf(app), PATIENCE).toBe(0);
	});

	test('a page in front is told in the app, and its device is spared the push', async () => {
		const agent = await ringing.bellhop.newAgent();
		const { page, desktop } = await device(agent);
		await bringToFront(page);
		const { conversationId } = await ringing.call(agent, `Look here in ${name}`);
		await page.getByText(`Look here in ${name}`).first().waitFor();
		await ringing.settled(agent, [{ rule: 'shown in the app on this device' }]);
		expect(await ringing.why(agent, conversationId)).toEqual([
			'is held back for now: a page is in front.',
			'is not rung: shown in the app on this device.'
		]);
		expect(desktop.history).toEqual([]);
		expect((await ringing.registrationOf(agent)).taken).toEqual([]);
	});

	test('what a page in front has no room for rings its device', async () => {
		const agent = await ringing.bellhop.newAgent();
		const { page, desktop } = await device(agent);
		await bringToFront(page);
		const alert = (text: string) => page.getByRole('status').getByText(text);
		const earlier = await ringing.call(agent, `Earlier in ${name}`);
		await alert(`Earlier in ${name}`).waitFor();
		await ringing.call(agent, `Stays in ${name}`);
		await alert(`Stays in ${name}`).waitFor();
		await earlier.say(`No room in ${name}`);
		await shown(desktop, `No room in ${name}`);
		expect(desktop.history).toHaveLength(1);
	});

	test('of three people who share a browser one after another, only who is signed in is rung', async () => {
		const desktop = await startDesktop();
		open.add(desktop);
		const browser = await ringing.bellhop.open(name, { context: DESK, desktop });
		open.add(browser);
		const people: SomebodyHere[] = [];
		for (let i = 0; i < 3; i++) {
			const agent = await ringing.bellhop.newAgent();
			const page = await browser.newPage();
			await signIn(page, agent);
			await enableNotifications(page);
			for (const [n, one] of [...people, agent].entries())
				await ringing.call(one, `To ${n} while ${i} is here in ${name}`);
			await shown(desktop, `To ${i} while ${i} is here in ${name}`);
			people.push(agent);
			if (i < 2) await signOut(page);
			await page.close();
		}
		const texts = desktop.history.map(({ body }) => body);
		const own = [0, 1, 2].map((i) => expect.stringContaining(`To ${i} while ${i} is here`));
		expect(texts).toEqual(own);
		for (const [i, agent] of people.entries())
			expect(await ringing.endpointOf(agent)).toEqual(i < 2 ? undefined : expect.any(String));
	});

	test('three people at once, each in a profile of theirs on one desktop, are rung apart and led apart', async () => {
		const desktop = await startDesktop();
		open.add(desktop);
		const profile = profiles(desktop);
		const contexts = [await profile(), await profile(), await profile()];
		const people = await Promise.all(
			contexts.map(async (context) => {
				const agent = await ringing.bellhop.newAgent();
				const page = await context.newPage();
				await signIn(page, agent);
				await enableNotifications(page);
				await page.close();
				return { agent, context };
			})
		);
		const endpoints = await Promise.all(people.map(({ agent }) => ringing.endpointOf(agent)));
		expect(new Set(endpoints).size).toBe(3);
		for (const [i, { agent, context }] of people.entries()) {
			const { conversationId } = await ringing.call(agent, `For ${i} alone in ${name}`);
			const opened = context.waitForEvent('page', PATIENCE);
			desktop.press(await shown(desktop, `For ${i} alone in ${name}`));
			const page = await opened;
			await page.waitForURL(`**/chats/${conversationId}**`, { waitUntil: 'commit' });
			await thread(page).getByText(`For ${i} alone in ${name}`).waitFor();
			expect(people.map((one) => one.context.pages().includes(page))).toEqual(
				people.map((one) => one.context === context)
			);
		}
		expect(desktop.history.map(({ summary, body }) => `${summary}: ${body}`)).toEqual(
			people.map((_, i) => expect.stringContaining(`For ${i} alone in ${name}`))
		);
	});
	/**
	 * Makes profiles of one Firefox, which are its user contexts, or Chromiums: those of one have no pushes when they are
	 * private.
	 */
	function profiles(desktop: Desktop): () => Promise<BrowserContext> {
		let first: BrowserContext | undefined;
		return async () => {
			const firefox = name === 'firefox' && first?.browser();
			if (firefox) return firefox.newContext(DESK);
			first = await ringing.bellhop.open(name, { context: DESK, desktop });
			open.add(first);
			return first;
		};
	}
});

async function signOut(page: Page): Promise<void> {
	await page.getByRole('button', { name: /^Profile/ }).click();
	await page.getByRole('menuitem', { name: 'Sign out' }).click();
	await page.getByRole('heading', { name: 'Sign in to Bellhop' }).waitFor();
	// The browser gives its registration back after that; a page that is closed at once keeps it from doing so.
	await expect
		.poll(
			() =>
				page.evaluate(async () => {
					const registration = await navigator.serviceWorker.ready;
					return (await registration.pushManager.getSubscription()) === null;
				}),
			PATIENCE
		)
		.toBe(true);
}
