import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { composer, enableNotifications, presencePill, reply, signIn, thread } from './agent.ts';
import { faults } from './axe.ts';
import { type Bellhop, type SomebodyHere, startBellhop } from './in-process.ts';
import { DESK, PHONE } from './world.ts';

// A reply is kept from the server, so that signing out has something to ask about.
const KEPT_BACK = [/ERR_FAILED/];

let bellhop: Bellhop;
let context: BrowserContext;
beforeAll(async () => {
	bellhop = await startBellhop(KEPT_BACK);
});
afterAll(() => bellhop.close());
afterEach(async () => {
	await context.close();
	expect(bellhop.problems.splice(0)).toEqual([]);
});

const heading = (page: Page, name: string) => page.getByRole('heading', { name }).first().waitFor();
const row = (page: Page, text: string) => page.locator('a[data-row]', { hasText: text });

/** Looks at the page as it stands; adds to `found` what is wrong with it. */
async function inspect(page: Page, where: string, found: string[]): Promise<void> {
	for (const fault of await faults(page)) found.push(`${where}: ${fault}`);
}

describe.each(['light', 'dark'] as const)('in the %s theme', (colorScheme) => {
	test.each([
		{ size: 'a phone', options: PHONE },
		{ size: 'a desk', options: DESK }
	])('axe finds nothing worth mending on any page on $size', async ({ options }) => {
		// A half-faded menu has no contrast to speak of.
		const still = { ...options, colorScheme, reducedMotion: 'reduce' } as const;
		context = await bellhop.open('chromium', { context: still });
		const page = await context.newPage();
		const found: string[] = [];
		const look = (where: string) => inspect(page, where, found);
		const isPhone = options === PHONE;
		const agent = await bellhop.newAgent();

		await lookAtTheDoor(page, look);
		await signIn(page, agent);
		await heading(page, 'Nobody is waiting');
		await page.getByText('This device does not ring').waitFor();
		await look('inbox, empty');
		const { conversationId } = await bellhop.newCaller(agent.team, {
			name: 'Lena Hoffmann',
			text: 'Is it in stock'
		});
		await row(page, 'Lena').waitFor();
		await look('inbox');
		await lookAtPages(page, look);
		await lookAtNotification(page, look);
		await page.goto(`${bellhop.origin}/chats/${conversationId}`);
		await lookAtConversation(page, look, isPhone);
		await lookAtMenus(page, look, isPhone);
		await lookAtLeaving(page, look, isPhone);
		expect(found).toEqual([]);
	});
});

type Look = (where: string) => Promise<void>;

async function lookAtTheDoor(page: Page, look: Look): Promise<void> {
	await page.goto(`${bellhop.origin}/sign-in`);
	await page.getByLabel('Email').fill('nobody@example.com');
	await look('sign-in');
	await page.goto(`${bellhop.origin}/sign-up`);
	await heading(page, 'Create your team');
	await look('sign-up');
}

async function lookAtPages(page: Page, look: Look): Promise<void> {
	await page.goto(`${bellhop.origin}/mine`);
	await heading(page, 'No chats of yours');
	await look('mine');
	await page.goto(`${bellhop.origin}/why`);
	await heading(page, 'Why am I offline?');
	await page.getByText('The inbox keeps working while you are offline.').waitFor();
	await look('why');
	await page.goto(`${bellhop.origin}/more`);
	await heading(page, 'More');
	await look('more');
	await page.goto(`${bellhop.origin}/chats/00000000-0000-7000-8000-000000000000`);
	await page.getByText('This chat is not here').waitFor();
	await look('a chat that is not there');
}

async function lookAtNotification(page: Page, look: Look): Promise<void> {
	const { origin } = bellhop;
	await page.goto(`${origin}/notification`);
	await page.getByText('This device does not ring').waitFor();
	await heading(page, 'When to notify');
	await look('notification, off');
	await enableNotifications(page);
	await page.getByText('Notifications are enabled here').waitFor();
	await look('notification, on');
	await (await context.newCDPSession(page)).send('Browser.setPermission', {
		permission: { name: 'notifications' },
		setting: 'denied',
		origin
	});
	await page.reload();
	await page.getByText('This browser blocks notifications').waitFor();
	await heading(page, 'When to notify');
	await look('notification, denied');
	await page.goto(`${origin}/chats`);
	await page.getByText('This browser blocks notifications.').first().waitFor();
	await look('inbox, with a banner');
}

async function lookAtConversation(page: Page, look: Look, isPhone: boolean): Promise<void> {
	await thread(page).getByText('Is it in stock').waitFor();
	await composer(page).waitFor();
	await look('conversation, waiting');
	await reply(page, 'It is');
	await thread(page).getByText('It is', { exact: true }).waitFor();
	await thread(page).getByText(/^Sent/).waitFor();
	await look('conversation, answered');
	if (isPhone) await page.getByRole('button', { name: 'Reply or note' }).click();
	await page.getByRole('tab', { name: 'Note' }).click();
	await page.getByRole('textbox', { name: 'Note' }).fill('Hold one');
	await look('conversation, a note');
	await page.getByRole('textbox', { name: 'Note' }).press('Enter');
	await thread(page).getByText('Hold one').waitFor();
	await page.getByRole('tab', { name: 'Reply' }).click();
	await look('conversation, with a note');
}

async function lookAtMenus(page: Page, look: Look, isPhone: boolean): Promise<void> {
	const menu = page.getByRole('menu');
	const closed = () => menu.waitFor({ state: 'detached' });
	await page.getByRole('button', { name: 'More actions' }).click();
	await menu.waitFor();
	await look('menu, more actions');
	await page.keyboard.press('Escape');
	await closed();
	if (isPhone) {
		await page.getByRole('button', { name: /^About/ }).click();
		await page.getByRole('dialog').waitFor();
		await look('visitor');
		await page.keyboard.press('Escape');
		await page.getByRole('button', { name: 'Back' }).click();
	} else {
		await page.getByRole('button', { name: 'Transfer' }).click();
		await menu.waitFor();
		await look('menu, transfer');
		await page.keyboard.press('Escape');
		await closed();
		await page.getByRole('button', { name: /^Profile/ }).click();
		await menu.waitFor();
		await look('menu, profile');
		await page.keyboard.press('Escape');
		await closed();
	}
	await presencePill(page).click();
	await page.getByRole('menuitemradio', { name: /^Online/ }).waitFor();
	await look('menu, presence');
	await page.getByRole('menuitem', { name: 'Pick a time…' }).click();
	await page.getByRole('dialog').waitFor();
	await look('dialog, offline until');
	await page.keyboard.press('Escape');
	await page.getByRole('dialog').waitFor({ state: 'detached' });
}

async function lookAtLeaving(page: Page, look: Look, isPhone: boolean): Promise<void> {
	await page.route('**/api/mutations', (route) => route.abort());
	if (isPhone) await row(page, 'Lena').click();
	await reply(page, 'Shall I hold one');
	await page.getByText('Not sent yet').first().waitFor();
	await look('conversation, unsent');
	if (isPhone) {
		await page.goto(`${bellhop.origin}/more`);
		await page.getByRole('button', { name: 'Sign out' }).click();
	} else {
		await page.getByRole('button', { name: /^Profile/ }).click();
		await page.getByRole('menuitem', { name: 'Sign out' }).click();
	}
	await page.getByRole('alertdialog').waitFor();
	await look('dialog, leaving');
}

describe.each(['chromium', 'firefox'] as const)('with the keyboard alone, in %s', (name) => {
	/** What the focused element is called. */
	const focused = (page: Page) =>
		page.evaluate(() => {
			const element = document.activeElement as HTMLInputElement | null;
			const name = element?.getAttribute('aria-label') ?? element?.labels?.[0]?.innerText;
			return (name ?? element?.textContent ?? '').replace(/\s+/g, ' ').trim();
		});
	/** Presses a key until what has the focus is called so. */
	async function until(page: Page, key: 'Tab' | 'ArrowDown', wanted: RegExp): Promise<void> {
		const met: string[] = [];
		while (!wanted.test(met.at(-1) ?? '')) {
			if (met.length > 60)
				throw new Error(`${key} leads to no ${wanted}, but to ${met.join(', ')}`);
			await page.keyboard.press(key);
			met.push(await focused(page));
		}
	}

	async function signInByKeys(page: Page, agent: SomebodyHere): Promise<void> {
		await page.goto(`${bellhop.origin}/sign-in`);
		await heading(page, 'Sign in to Bellhop');
		await until(page, 'Tab', /^Email/);
		await page.keyboard.type(agent.email);
		await until(page, 'Tab', /^Password/);
		await page.keyboard.type(agent.password);
		await page.keyboard.press('Enter');
	}

	test('an agent signs in, answers who waits longest, resolves, thinks better of it, and leaves', async () => {
		context = await bellhop.open(name, { context: DESK });
		const page = await context.newPage();
		const agent = await bellhop.newAgent();
		await bellhop.newCaller(agent.team, { name: 'Lena', text: 'Is it in stock' });
		await bellhop.newCaller(agent.team, { name: 'Dario', text: 'Me too' });
		await signInByKeys(page, agent);
		await row(page, 'Dario').waitFor();

		await until(page, 'Tab', /Lena.*Waiting for/);
		await page.keyboard.press('Enter');
		await thread(page).getByText('Is it in stock').waitFor();
		await composer(page).waitFor();
		await page.keyboard.press('r');
		await expect.poll(() => focused(page)).toBe('Reply');
		await page.keyboard.type('It is');
		await page.keyboard.press('Enter');
		await thread(page).getByText(/^Sent/).waitFor();

		await page.keyboard.press('Escape');
		await page.keyboard.press('e');
		await page.getByRole('button', { name: 'Reopen' }).waitFor();
		await until(page, 'Tab', /^Undo$/);
		await page.keyboard.press('Enter');
		await page.getByRole('button', { name: 'Resolve', exact: true }).waitFor();

		await until(page, 'Tab', /^Profile/);
		await page.keyboard.press('Enter');
		await page.getByRole('menu').waitFor();
		await until(page, 'ArrowDown', /^Sign out$/);
		await page.keyboard.press('Enter');
		await heading(page, 'Sign in to Bellhop');
	});
});
