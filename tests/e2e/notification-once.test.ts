import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plainChromium, type Tab } from '../support/cdp.ts';
import { enableNotifications, signIn, thread } from './agent.ts';
import type { SomebodyHere } from './in-process.ts';
import { closedAfterEach, PATIENCE, type Ringing, startRinging } from './ringing.ts';
import { DESK } from './world.ts';

/** Pages of the app in one browser. */
interface Pages {
	/** Has something else in front of each, so that none can be seen any more. */
	hide(): Promise<void>;
	/** Resolves when each page shows the text. */
	show(text: string): Promise<void>;
	/** Presses *Enable*. */
	enable(): Promise<void>;
}

describe.each(['chromium', 'firefox'] as const)('in %s', (name) => {
	let ringing: Ringing;
	beforeAll(async () => {
		ringing = await startRinging(name);
	});
	afterAll(() => ringing?.close());
	const open = closedAfterEach(() => expect(ringing.bellhop.problems.splice(0)).toEqual([]));

	/** Without Playwright, in whose Chromium every page counts as seen. */
	async function openChromium(agent: SomebodyHere, count: number): Promise<Pages> {
		const { bellhop, desktop } = ringing;
		const chromium = await plainChromium(bellhop.services.google.args, desktop.env);
		open.add(chromium);
		await chromium.allow(bellhop.origin);
		const tabs: Tab[] = [];
		for (let i = 0; i < count; i++) {
			const tab = await chromium.open(`${bellhop.origin}/sign-in`);
			await tab.until(`location.pathname === '/sign-in' && document.readyState === 'complete'`);
			if (i === 0) {
				const credentials = JSON.stringify({ email: agent.email, password: agent.password });
				await tab.evaluate(`fetch('/api/auth/sign-in', { method: 'POST',
					headers: { 'Content-Type': 'application/json' }, body: '${credentials}' })
					.then(() => localStorage.setItem('bellhop-user', '${agent.userId}'))`);
			}
			await tab.evaluate(`void (location.href = '/chats')`);
			await tab.until(`document.body.innerText.includes('Live Chat')`);
			tabs.push(tab);
		}
		const [first] = tabs;
		return {
			async hide() {
				await chromium.open('about:blank');
				for (const tab of tabs) await tab.until(`document.visibilityState === 'hidden'`);
			},
			async show(text) {
				for (const tab of tabs) await tab.until(`document.body.innerText.includes('${text}')`);
			},
			async enable() {
				const button = `[...document.querySelectorAll('button')].find((b) => b.innerText === 'Enable')`;
				await first?.until(`${button} !== undefined`);
				await first?.evaluate(`${button}.click()`);
				await first?.until(`${button} === undefined`);
			}
		};
	}

	async function openFirefox(agent: SomebodyHere, count: number): Promise<Pages> {
		const browser = await ringing.bellhop.open(name, { context: DESK, desktop: ringing.desktop });
		open.add(browser);
		const pages = [await browser.newPage()];
		for (const page of pages) await signIn(page, agent);
		while (pages.length < count) {
			const page = await browser.newPage();
			await page.goto(`${ringing.bellhop.origin}/chats`);
			pages.push(page);
		}
		return {
			async hide() {
				for (const page of pages) {
					// A tab that a page opens is in front of it, which Playwright's own are not.
					await page.evaluate(() => void window.open('about:blank'));
					await page.waitForFunction(() => document.visibilityState === 'hidden');
				}
			},
			async show(text) {
				for (const page of pages) await page.getByText(text).first().waitFor();
			},
			async enable() {
				const [first] = pages;
				if (first) await enableNotifications(first);
			}
		};
	}

	const openPages = (agent: SomebodyHere, count: number) =>
		(name === 'chromium' ? openChromium : openFirefox)(agent, count);

	const told = (text: string) => ringing.told(text);
	const pushes = () => ringing.service.pushes.length;
	/** Rings once more and waits for it: what the call before would still have brought is there by then. */
	const ringNext = async (agent: SomebodyHere, text: string) => {
		await ringing.call(agent, text);
		await expect.poll(() => told(text), PATIENCE).toBeGreaterThan(0);
	};

	test('a hidden page on a device that a push reaches leaves the ringing to it', async () => {
		const agent = await newAgent();
		const pages = await openPages(agent, 2);
		await pages.enable();
		await pages.hide();
		await ringing.call(agent, `Pushed to ${name}`);
		await pages.show(`Pushed to ${name}`);
		await ringing.settled(agent, [{ state: 'shown' }]);
		await ringNext(agent, `Then to ${name}`);
		expect([told(`Pushed to ${name}`), told(`Then to ${name}`)]).toEqual([1, 1]);
	});

	test('a hidden page on a device without a push tells it once, however many pages there are', async () => {
		const agent = await newAgent();
		const pages = await openPages(agent, 2);
		await pages.hide();
		const before = pushes();
		await ringing.call(agent, `Told by a page in ${name}`);
		await pages.show(`Told by a page in ${name}`);
		await expect.poll(() => told(`Told by a page in ${name}`), PATIENCE).toBe(1);
		await ringNext(agent, `Told next in ${name}`);
		expect([told(`Told by a page in ${name}`), told(`Told next in ${name}`)]).toEqual([1, 1]);
		expect(pushes()).toBe(before);
	});

	test('a page in sight behind another window tells it by a notification, even of the chat it shows', async () => {
		const agent = await newAgent();
		const page = await openOnDesk(agent);
		const { conversationId, say } = await ringing.call(agent, `First in ${name}`);
		await page.goto(`${ringing.bellhop.origin}/chats/${conversationId}?team=${agent.team.id}`);
		await thread(page).getByText(`First in ${name}`).waitFor();
		// Every page counts as focused for Playwright.
		const focus = (is: boolean) =>
			page.evaluate((isFocused) => {
				document.hasFocus = () => isFocused;
				window.dispatchEvent(new FocusEvent(isFocused ? 'focus' : 'blur'));
			}, is);
		await focus(false);
		const stands = (text: string) => ringing.standing(text).length;
		await say(`Behind in ${name}`);
		await thread(page).getByText(`Behind in ${name}`).waitFor();
		await expect.poll(() => stands(`Behind in ${name}`), PATIENCE).toBe(1);
		await ringing.call(agent, `Another in ${name}`);
		await expect.poll(() => stands(`Another in ${name}`), PATIENCE).toBe(1);
		expect(stands(`Behind in ${name}`)).toBe(1);
		await focus(true);
		await expect.poll(() => stands(`Behind in ${name}`), PATIENCE).toBe(0);
		expect([told(`Behind in ${name}`), told(`Another in ${name}`)]).toEqual([1, 1]);
	});

	test('Claim on a page’s own notification claims the chat and opens it', async () => {
		const agent = await newAgent();
		const page = await openOnDesk(agent);
		await page.evaluate(() => {
			document.hasFocus = () => false;
		});
		const { conversationId } = await ringing.call(agent, `Claim me in ${name}`);
		const { desktop } = ringing;
		const notice = await desktop.waitFor(({ body }) => body.includes(`Claim me in ${name}`));
		desktop.press(notice, 'Claim');
		await expect
			.poll(() => ringing.conversation(agent, conversationId), PATIENCE)
			.toEqual({ state: 'unresolved', assigneeId: agent.userId });
		await thread(page).getByText(`Claim me in ${name}`).waitFor();
	});

	/** The app on a device without a push. */
	async function openOnDesk(agent: SomebodyHere): Promise<Page> {
		const { bellhop, desktop } = ringing;
		const browser = await bellhop.open(name, { context: DESK, desktop });
		open.add(browser);
		const page = await browser.newPage();
		await signIn(page, agent);
		return page;
	}

	/** Told by hidden pages as well, whatever the presence. */
	async function newAgent(): Promise<SomebodyHere> {
		const agent = await ringing.bellhop.newAgent();
		const all = { pushOnline: true, pushOffline: true, pushOfflineByHand: true };
		const answer = await agent.put('/api/push/preferences', {
			...all,
			browserOnline: true,
			browserOffline: true
		});
		expect(answer.status).toBe(200);
		return agent;
	}
});
