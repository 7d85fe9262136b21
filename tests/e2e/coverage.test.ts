import type { BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createCoverageWatch } from '../../api/presence/coverage.ts';
import { sql } from '../../api/store/sql.ts';
import { goOnline, presencePill, signIn } from './agent.ts';
import { faults } from './axe.ts';
import { sideways, smallTargets } from './fit.ts';
import { type Bellhop, type SomebodyHere, startBellhop } from './in-process.ts';
import { DESK, PHONE } from './world.ts';

// The last one online is refused once, and asked.
const REFUSED = [/409/];

let bellhop: Bellhop;
const contexts: BrowserContext[] = [];
beforeAll(async () => {
	bellhop = await startBellhop(REFUSED);
});
afterAll(() => bellhop.close());
afterEach(async () => {
	for (const context of contexts.splice(0)) await context.close();
	expect(bellhop.problems.splice(0)).toEqual([]);
});

async function pageOf(who: SomebodyHere, options: object = DESK): Promise<Page> {
	const still = { ...options, reducedMotion: 'reduce' } as const;
	const context = await bellhop.open('chromium', { context: still });
	contexts.push(context);
	const page = await context.newPage();
	await signIn(page, who);
	return page;
}
/** What the server does every ten seconds. */
const lookAround = () =>
	createCoverageWatch({ ...bellhop.app.deps, publicOrigin: bellhop.origin }).round();
const rename = ({ userId, team }: SomebodyHere, firstName: string) =>
	bellhop.app.db.team(team.id, async (tx) => {
		await tx.run(sql`update users set first_name = ${firstName} where id = ${userId}`);
		tx.changed({ entity: 'member', id: userId });
	});
const everyDay = [1, 2, 3, 4, 5, 6, 7];
const openAlways = (by: SomebodyHere) =>
	by.put('/api/presence/hours', {
		teamId: by.team.id,
		hours: {
			timeZone: 'Europe/Lisbon',
			spans: everyDay.map((day) => ({ day, from: '00:00', to: '00:00' })),
			holidays: []
		}
	});
const hoursOf = async (reader: SomebodyHere) =>
	(await (await reader.get(`/api/presence/coverage?team=${reader.team.id}`)).json()).hours;

/** What has moved though it has no bar to move it by. */
const scrolledAround = (page: Page) =>
	page.evaluate(() =>
		[...document.querySelectorAll('*')]
			.filter(
				(element) =>
					element.scrollTop > 0 && !/auto|scroll/.test(getComputedStyle(element).overflowY)
			)
			.map((element) => `${element.outerHTML.slice(0, 80)} by ${element.scrollTop}`)
	);

async function tabTo(page: Page, target: Locator): Promise<void> {
	for (let n = 0; n < 120; n++) {
		await page.keyboard.press('Tab');
		if (await target.evaluate((element) => element === element.ownerDocument.activeElement)) return;
	}
	throw new Error('the keyboard does not get there');
}

describe.each([
	{ size: 'a phone', options: { ...PHONE, colorScheme: 'dark' as const } },
	{ size: 'a desk', options: { ...DESK, colorScheme: 'light' as const } }
])('on $size', ({ options }) => {
	test('an admin sets business hours with the keyboard alone, and is told what does not fit', async () => {
		const admin = await bellhop.newAgent({ role: 'admin' });
		const page = await pageOf(admin, options);
		await page.goto(`${bellhop.origin}/coverage`);
		const isOn = page.getByRole('switch', { name: 'Business hours' });
		await isOn.waitFor();
		expect(await faults(page)).toEqual([]);
		await tabTo(page, isOn);
		await page.keyboard.press('Space');
		const zone = page.getByLabel('In the time of');
		await tabTo(page, zone);
		await zone.selectOption('Asia/Tokyo');
		await tabTo(page, page.getByRole('button', { name: 'Add a time on Monday' }));
		await page.keyboard.press('Enter');
		const second = page.getByLabel('Monday, from').nth(1);
		await second.waitFor();
		expect(await second.inputValue()).toBe('18:00');
		// Four in the afternoon is within the first time of the day.
		await tabTo(page, page.getByRole('button', { name: 'Save Changes' }));
		await second.fill('16:00');
		const save = page.getByRole('button', { name: 'Save Changes' });
		await save.press('Enter');
		await page.getByText('This overlaps with another time of the day.').waitFor();
		await page.waitForFunction(
			() => document.activeElement?.getAttribute('aria-invalid') === 'true'
		);
		expect(await faults(page)).toEqual([]);
		await second.fill('20:00');
		await page.getByLabel('Monday, until').nth(1).fill('02:00');
		await page.getByText(/^Until .* on Tuesday\.$/).waitFor();
		await save.press('Enter');
		await page.getByText('Saved. It is measured by this from now on.').waitFor();
		expect(await hoursOf(admin)).toMatchObject({
			timeZone: 'Asia/Tokyo',
			spans: expect.arrayContaining([{ day: 1, from: '20:00', to: '02:00' }])
		});
		await page
			.getByText(/^(Open until|Closed now\. Opens)/)
			.first()
			.waitFor();
	});

	test('holidays have a name, numbers have bounds, and nothing is left unsaved unasked', async () => {
		const admin = await bellhop.newAgent({ role: 'admin' });
		await openAlways(admin);
		const page = await pageOf(admin, options);
		await page.goto(`${bellhop.origin}/more`);
		await page.getByRole('link', { name: 'Coverage' }).locator('visible=true').first().click();
		await page.getByRole('button', { name: 'Add a holiday' }).click();
		await page.getByLabel('Date of holiday 1').fill('2027-12-25');
		await page.getByLabel('Name of holiday 1').fill('Christmas');
		await page.getByText('Advanced: when somebody counts as gone').click();
		const seconds = page.getByLabel('With Bellhop in front (seconds)');
		await seconds.fill('30');
		const save = page.getByRole('button', { name: 'Save Changes' });
		await save.click();
		await page.getByText('Less than 75 is not safe. Choose 75 to 600 seconds.').waitFor();
		expect(await faults(page)).toEqual([]);
		await page.evaluate(() => history.back());
		await page.getByRole('heading', { name: 'Leave without saving' }).waitFor();
		await page.getByRole('button', { name: 'Stay' }).click();
		await seconds.fill('120');
		await save.click();
		await page.getByText('Saved. It is measured by this from now on.').waitFor();
		await page.reload();
		await page.getByText('Advanced: when somebody counts as gone').click();
		expect(await seconds.inputValue()).toBe('120');
		expect(await page.getByLabel('Name of holiday 1').inputValue()).toBe('Christmas');
	});

	test('the last one online asks a colleague, who takes over with the chats', async () => {
		const ana = await bellhop.newAgent();
		const ben = await bellhop.newAgent({ team: ana.team });
		await rename(ana, 'Ana');
		await rename(ben, 'Ben');
		await openAlways(await bellhop.newAgent({ team: ana.team, role: 'owner' }));
		const { conversationId } = await bellhop.newCaller(ana.team, { text: 'Is it in stock' });
		const [page, bens] = [await pageOf(ana, options), await pageOf(ben, options)];
		await goOnline(page);
		await page.goto(`${bellhop.origin}/chats/${conversationId}`);
		await page.getByRole('button', { name: 'Assign to me' }).first().click();
		await page.getByText('You joined').or(page.getByText('Ana Lee joined')).first().waitFor();
		await page.goto(`${bellhop.origin}/chats`);
		await presencePill(page).click();
		await page.getByRole('menuitemradio', { name: /^Offline/ }).click();
		await page.getByRole('heading', { name: 'You are the last one online' }).waitFor();
		await page.getByRole('radio', { name: 'Ben Lee' }).waitFor();
		expect(await faults(page)).toEqual([]);
		await page.getByRole('radio', { name: 'Ben Lee' }).press('Space');
		await page.getByRole('button', { name: 'Ask and go offline' }).press('Enter');
		await page.getByText('Ben Lee was asked to take over, and has your chat.').waitFor();
		await page.getByRole('button', { name: 'You are Offline' }).first().waitFor();

		await bens.getByText('Ana Lee asks you to take over live chat').first().waitFor();
		expect(await faults(bens)).toEqual([]);
		await bens.getByRole('button', { name: 'Go online', exact: true }).first().click();
		await bens.getByRole('button', { name: 'You are Online' }).first().waitFor();
		await expect.poll(() => bens.getByText('asks you to take over').count()).toBe(0);
		await bens.goto(`${bellhop.origin}/mine`);
		await bens.locator('a[data-row]', { hasText: 'Is it in stock' }).waitFor();
	});

	test('an admin sees at once that nobody is there, and why, until somebody is', async () => {
		const agent = await bellhop.newAgent();
		await rename(agent, 'Mira');
		const admin = await bellhop.newAgent({ team: agent.team, role: 'admin' });
		await openAlways(admin);
		const [page, agents] = [await pageOf(admin, options), await pageOf(agent)];
		await goOnline(agents);
		await lookAround();
		await presencePill(agents).click();
		await agents.getByRole('menuitemradio', { name: /^Offline/ }).click();
		await agents.getByRole('button', { name: 'Go offline anyway' }).click();
		await agents.getByRole('button', { name: 'You are Offline' }).first().waitFor();
		await lookAround();
		await page
			.getByText(/^Nobody is online since/)
			.first()
			.waitFor();
		await page.getByText('Nobody can be rung.').first().waitFor();
		expect(await faults(page)).toEqual([]);
		await page.goto(`${bellhop.origin}/coverage`);
		await page.getByText('Mira Lee went offline').first().waitFor();
		expect(await faults(page)).toEqual([]);
		await goOnline(agents);
		await lookAround();
		await page.getByText('Somebody is online').waitFor();
		await page.goto(`${bellhop.origin}/chats`);
		await presencePill(page).waitFor();
		expect(await page.getByText(/^Nobody is online since/).count()).toBe(0);
	});
});

/** Ana, online alone in business hours, and her colleague Ben. */
async function lastOne() {
	const ana = await bellhop.newAgent();
	const ben = await bellhop.newAgent({ team: ana.team });
	await rename(ben, 'Ben');
	await openAlways(await bellhop.newAgent({ team: ana.team, role: 'owner' }));
	const page = await pageOf(ana);
	await goOnline(page);
	return { page, ben };
}

test('the last one online is asked before signing out too, and stays signed in until it is answered', async () => {
	const { page, ben } = await lastOne();
	const signOut = async () => {
		await page.getByRole('button', { name: /^Profile/ }).click();
		await page.getByRole('menuitem', { name: 'Sign out' }).click();
		await page.getByRole('heading', { name: 'You are the last one online' }).waitFor();
	};
	await signOut();
	await page.getByRole('radio', { name: 'Ben Lee' }).waitFor();
	expect(await faults(page)).toEqual([]);
	await page.getByRole('button', { name: 'Stay online' }).click();
	await page.getByRole('button', { name: 'You are Online' }).first().waitFor();
	await signOut();
	await page.getByRole('radio', { name: 'Ben Lee' }).press('Space');
	await page.getByRole('button', { name: 'Ask and sign out' }).press('Enter');
	await page.getByRole('heading', { name: 'Sign in' }).waitFor();
	const bens = await pageOf(ben);
	await bens.getByText('asks you to take over live chat').first().waitFor();
});

test('who has come online meanwhile ends the question, before it is answered', async () => {
	const { page, ben } = await lastOne();
	await presencePill(page).click();
	await page.getByRole('menuitemradio', { name: /^Offline/ }).click();
	await page.getByRole('radio', { name: 'Ben Lee' }).waitFor();
	await goOnline(await pageOf(ben));
	await page.getByText('Ben Lee is online now, so visitors are not left alone.').waitFor();
	expect(await faults(page)).toEqual([]);
	await page.getByRole('button', { name: 'Go offline', exact: true }).click();
	await page.getByRole('button', { name: 'You are Offline' }).first().waitFor();
});

test('the page fits 320 pixels and fingers, with nights, several times a day and a question open', async () => {
	const admin = await bellhop.newAgent({ role: 'admin' });
	const colleague = await bellhop.newAgent({ team: admin.team });
	await rename(colleague, 'Hubert Blaine Wolfeschlegelsteinhausenbergerdorff');
	await openAlways(admin);
	await lookAround();
	const touch = { ...PHONE, hasTouch: true, isMobile: true };
	const page = await pageOf(admin, touch);
	for (const width of [320, 390]) {
		await page.setViewportSize({ width, height: 800 });
		await page.goto(`${bellhop.origin}/coverage`);
		await page
			.getByText(/^Nobody is online since/)
			.first()
			.waitFor();
		await page.getByRole('button', { name: 'Add a time on Sunday' }).click();
		await page.getByRole('button', { name: 'Add a holiday' }).click();
		await page.getByText('Advanced: when somebody counts as gone').click();
		await page.getByRole('button', { name: 'Save Changes' }).waitFor();
		expect(await sideways(page)).toEqual([]);
		// What is long scrolls within its pane; the app around it stands still.
		expect(await scrolledAround(page)).toEqual([]);
		await page.getByRole('button', { name: 'Discard' }).click();
		expect(await smallTargets(page)).toEqual([]);
		await page.goto(`${bellhop.origin}/chats`);
		await page
			.getByText(/^Nobody is online since/)
			.first()
			.waitFor();
		expect(await sideways(page)).toEqual([]);
		await goOnline(page);
		await presencePill(page).click();
		await page.getByRole('menuitemradio', { name: /^Offline/ }).click();
		await page.getByRole('radio').first().waitFor();
		expect(await sideways(page)).toEqual([]);
		await page.getByRole('button', { name: 'Go offline anyway' }).click();
		await page.getByRole('button', { name: 'You are Offline' }).first().waitFor();
		await lookAround();
	}
});
