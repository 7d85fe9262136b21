import { readFileSync } from 'node:fs';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '#contract/ids.ts';
import { PRESENCE_SETTINGS } from '../../api/presence/settings.ts';
import type { RoleName } from '../../api/store/member.ts';
import { sql } from '../../api/store/sql.ts';
import { proved, ringable } from '../support/reach.ts';
import { goOnline, presencePill, signIn } from './agent.ts';
import { faults } from './axe.ts';
import { type Bellhop, type SomebodyHere, startBellhop } from './in-process.ts';
import { DESK, PHONE } from './world.ts';

const SIZES = { phone: PHONE, desk: DESK };
const STILL = { reducedMotion: 'reduce', locale: 'en-GB' } as const;
const LONG = 'Hubert Blaine Wolfeschlegelsteinhausenbergerdorff-Anticonstitutionnellement';

let bellhop: Bellhop;
const contexts: BrowserContext[] = [];
beforeAll(async () => {
	bellhop = await startBellhop();
	bellhop.app.clock.advance(PRESENCE_SETTINGS.quietMs + 1_000);
});
afterAll(() => bellhop.close());
afterEach(async () => {
	for (const context of contexts.splice(0)) await context.close();
	expect(bellhop.problems.splice(0)).toEqual([]);
});

interface Person {
	team?: SomebodyHere['team'];
	role?: RoleName;
	/** Without one the address stands in its place. */
	name?: string;
}

async function somebody(
	{ team, role = 'agent', name = '' }: Person,
	place = bellhop
): Promise<SomebodyHere> {
	const person = await place.newAgent({ role, ...(team && { team }) });
	await place.app.db.person.run(sql`
		update users set first_name = ${name}, last_name = '' where id = ${person.userId}`);
	return person;
}

async function opened(who: SomebodyHere, context: object, place = bellhop): Promise<Page> {
	const browser = await place.open('chromium', { context: { ...STILL, ...context } });
	contexts.push(browser);
	const page = await browser.newPage();
	await signIn(page, who);
	return page;
}
const lookAt = async (page: Page, path: string, { origin } = bellhop) => {
	await page.goto(`${origin}${path}`);
	await page.getByRole('heading', { level: 1 }).waitFor();
};
const group = (page: Page, name: string | RegExp) =>
	page.locator('section').filter({ has: page.getByRole('heading', { name }) });
const row = (page: Page, name: string) => page.getByRole('listitem').filter({ hasText: name });
/** Says so without a page, always from the same device. */
const say = (who: SomebodyHere, status: 'online' | 'offline', more: object = {}) =>
	who.put('/api/presence/intent', {
		teamId: who.team.id,
		status,
		deviceId: who.userId,
		deviceName: 'Firefox on Linux',
		page: { id: newId(), visibility: 'visible', isFocused: true, idleMs: 0 },
		...more
	});
const prefer = (who: SomebodyHere, pushOfflineByHand: boolean) =>
	who.put('/api/push/preferences', {
		...{ pushOnline: true, pushOffline: true, pushOfflineByHand },
		...{ browserOnline: true, browserOffline: false }
	});

/** Without a fault that axe sees in either theme, and no wider than the screen. */
async function isSound(page: Page): Promise<void> {
	for (const colorScheme of ['light', 'dark'] as const) {
		await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
		expect(await faults(page)).toEqual([]);
	}
	expect(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)).toBe(false);
}

describe.each(['phone', 'desk'] as const)('at %s size', (size) => {
	let admin: SomebodyHere;
	let ben: SomebodyHere;
	beforeEach(async () => {
		admin = await somebody({ role: 'admin', name: 'Ana Duarte' });
		ben = await somebody({ team: admin.team, name: 'Ben Osei' });
	});

	test('an admin sets somebody offline by keyboard, who reads why, goes back, and is seen again', async () => {
		const his = await opened(ben, DESK);
		await goOnline(his);
		// The banner stands on every page.
		if (size === 'desk') await lookAt(his, '/profile');
		const hers = await opened(admin, SIZES[size]);
		await lookAt(hers, '/colleagues');
		await group(hers, /^Online/)
			.getByText('Ben Osei')
			.waitFor();
		await row(hers, 'Ben Osei')
			.getByText(/^Online since/)
			.waitFor();

		await hers.getByRole('button', { name: 'Actions for Ben Osei' }).press('Enter');
		await hers.getByRole('menuitem', { name: 'Set offline…' }).press('Enter');
		const dialog = hers.getByRole('dialog', { name: 'Set Ben Osei offline' });
		await expect
			.poll(() => dialog.getByLabel('Reason').evaluate((e) => e.matches(':focus')))
			.toBe(true);
		await isSound(hers);
		await hers.keyboard.type('Left for the day');
		await hers.keyboard.press('Enter');
		await dialog.waitFor({ state: 'detached' });
		await his.getByText(/^Ana Duarte set you offline at \d\d:\d\d:$/).waitFor();
		await his.getByText('Left for the day').waitFor();
		await his.getByRole('button', { name: 'You are Offline' }).waitFor();
		await group(hers, /^Offline/)
			.getByText(/“Left for the day” · set by Ana Duarte/)
			.waitFor();

		await his.getByRole('button', { name: 'Go online' }).press('Enter');
		await group(hers, /^Online/)
			.getByText('Ben Osei')
			.waitFor();
		await his.getByText('Ana Duarte set you offline').waitFor({ state: 'detached' });
	});

	test('an agent says until when and why by keyboard, and colleagues read both', async () => {
		const his = await opened(ben, SIZES[size]);
		await goOnline(his);
		const hers = await opened(admin, DESK);
		await lookAt(hers, '/colleagues');
		await presencePill(his).press('Enter');
		await his.getByRole('menuitem', { name: 'Pick a time…' }).press('Enter');
		const dialog = his.getByRole('dialog', { name: 'Offline until' });
		await dialog.getByLabel('Time').fill('23:45');
		await dialog.getByLabel('Reason').fill('At the dentist 🦷');
		await isSound(his);
		await dialog.getByLabel('Reason').press('Enter');
		await dialog.waitFor({ state: 'detached' });
		await his.getByRole('button', { name: 'You are Offline' }).first().waitFor();
		await row(hers, 'Ben Osei')
			.getByText(/^Offline since .*, until .* · “At the dentist 🦷”$/)
			.waitFor();
	});

	test('who can be rung is seen as it changes, and an unproved device asks for a test', async () => {
		await proved(bellhop.app, await ringable(bellhop.app, ben), bellhop.app.clock.now());
		await ringable(bellhop.app, admin);
		const mira = await somebody({ team: admin.team, name: 'ميرا بنت عبد الرحمن الطويل جدا جدا' });
		const nameless = await somebody({ team: admin.team });
		await somebody({ team: admin.team, name: LONG });
		await somebody({ team: admin.team, role: 'viewer', name: 'Vic Viewer' });
		await say(mira, 'online', { untilMs: 3_600_000, reason: 'Until the tide turns' });
		const page = await opened(admin, SIZES[size]);
		await lookAt(page, '/colleagues');
		await group(page, 'Offline, reachable').getByText('Ben Osei').waitFor();
		await row(page, 'Ben Osei').getByText('Can be rung').waitFor();
		await row(page, 'Ana Duarte').getByText('Unproved').waitFor();
		await row(page, nameless.email).getByText('Not reachable').waitFor();
		await row(page, 'ميرا')
			.getByText(/^Online since .*, until .* · “Until the tide turns”$/)
			.waitFor();
		await page.getByText(/^1 of 6 is online\. 1 more can be rung\.$/).waitFor();
		expect(await page.getByText('Vic Viewer').count()).toBe(0);
		expect(await row(page, 'Ana Duarte').getByRole('link').getAttribute('href')).toBe('/doctor');
		await isSound(page);

		await say(ben, 'online');
		await group(page, /^Online/)
			.getByText('Ben Osei')
			.waitFor();
		await say(ben, 'offline', { untilMs: 3_600_000, reason: 'Lunch' });
		await group(page, /^Offline \d/)
			.getByText('Ben Osei')
			.waitFor();
		await row(page, 'Ben Osei')
			.getByText(/^Offline since .*, until .* · “Lunch”$/)
			.waitFor();
		await row(page, 'Ben Osei').getByText('Not reachable').waitFor();
		await prefer(ben, true);
		await group(page, 'Offline, reachable').getByText('Ben Osei').waitFor();

		// The members table says the same, as it changes.
		await lookAt(page, '/members');
		const member = page.locator('tr, li').filter({ hasText: 'Ben Osei' });
		await member.getByText(/can be rung/i).waitFor();
		await member.getByText('Reachable', { exact: true }).waitFor();
		await prefer(ben, false);
		await member.getByText(/not reachable/i).waitFor();
	});

	test('the log’s readers see a colleague’s day and the team’s, back and forth, and take it along', async () => {
		await proved(bellhop.app, await ringable(bellhop.app, ben), bellhop.app.clock.now());
		await say(ben, 'online');
		await prefer(ben, true);
		await say(ben, 'offline', { untilMs: 3_600_000, reason: 'Lunch' });
		const page = await opened(admin, SIZES[size]);
		await lookAt(page, '/colleagues');
		await page.getByRole('button', { name: 'Actions for Ben Osei' }).press('Enter');
		await page.getByRole('menuitem', { name: 'See the day' }).press('Enter');
		await page.getByRole('heading', { name: 'Why is Ben Osei offline?', level: 1 }).waitFor();
		await page.getByText(/by Ben Osei’s choice: Lunch, until/).waitFor();
		await page.getByText('a device of theirs rings').waitFor();
		await page.getByRole('img', { name: /reported: \d\d:\d\d to/ }).waitFor();
		await page.getByText('Offline, reachable', { exact: true }).last().waitFor();
		expect(await page.getByText('set by hand').count()).toBe(2);
		const [next, before] = ['Next day', 'Day before'].map((name) =>
			page.getByRole('button', { name })
		) as [ReturnType<Page['getByRole']>, ReturnType<Page['getByRole']>];
		expect(await next.isDisabled()).toBe(true);
		expect(await next.evaluate((e) => getComputedStyle(e).opacity)).toBe('0.4');
		await isSound(page);

		await before.press('Enter');
		await page.getByRole('heading', { name: 'Yesterday' }).waitFor();
		await page.getByText('No change on this day.').waitFor();
		await next.press('Enter');
		await page.getByRole('heading', { name: 'Today' }).waitFor();

		await page.getByRole('combobox', { name: 'Whose day' }).selectOption('The whole team');
		await page.getByRole('heading', { name: 'The team’s day' }).waitFor();
		await page.getByRole('img', { name: /^Ben Osei: .*[Rr]eachable/ }).waitFor();
		await page.getByRole('img', { name: /^Ana Duarte: Offline since$/ }).waitFor();
		await isSound(page);
		const [download] = await Promise.all([
			page.waitForEvent('download'),
			page.getByRole('link', { name: 'Export CSV' }).press('Enter')
		]);
		const csv = readFileSync(await download.path(), 'utf8');
		expect(csv.trimEnd().split('\r\n')).toHaveLength(3);
		expect(csv).toContain('"Ben Osei"');
		// What happens meanwhile is drawn without a reload.
		await say(ben, 'online');
		await page.getByRole('img', { name: /^Ben Osei: .*Online since$/ }).waitFor();
	});
});

test('an agent without the log sees colleagues and the own day alone, and has no menu over others', async () => {
	const admin = await somebody({ role: 'admin', name: 'Ana Duarte' });
	const ben = await somebody({ team: admin.team, name: 'Ben Osei' });
	await say(admin, 'online');
	const page = await opened(ben, DESK);
	await page.getByRole('link', { name: 'Colleagues' }).press('Enter');
	await group(page, /^Online/)
		.getByText('Ana Duarte')
		.waitFor();
	expect(await page.getByRole('button', { name: 'Actions for Ana Duarte' }).count()).toBe(0);
	await lookAt(page, `/why?of=${admin.userId}`);
	await page.getByRole('heading', { name: 'Why am I offline?', level: 1 }).waitFor();
	expect(await page.getByRole('combobox', { name: 'Whose day' }).count()).toBe(0);
	const path = await page.getByRole('link', { name: 'Export CSV' }).getAttribute('href');
	expect(path).not.toContain('of=');
});

test('whoever is alone reads what will stand there, and on a phone finds it under More', async () => {
	const owner = await somebody({ role: 'owner', name: 'Ana Duarte' });
	await bellhop.app.db.team(owner.team.id, (tx) =>
		tx.run(sql`
			update members set role = 'viewer'
			where team_id = ${tx.teamId} and user_id = ${owner.team.ownerId}`)
	);
	const page = await opened(owner, PHONE);
	await lookAt(page, '/more');
	await page.getByRole('link', { name: 'Colleagues' }).press('Enter');
	await page.getByText('Nobody else answers chats here').waitFor();
	await page.getByRole('link', { name: 'Invite somebody' }).waitFor();
	await isSound(page);
});

test('without a connection it says of when this is, claims nobody is online, and opens all the same', async () => {
	// Requests to a server that is gone.
	const own = await startBellhop([/ERR_/]);
	own.app.clock.advance(PRESENCE_SETTINGS.quietMs + 1_000);
	try {
		const admin = await somebody({ role: 'admin', name: 'Ana Duarte' }, own);
		const ben = await somebody({ team: admin.team, name: 'Ben Osei' }, own);
		await say(ben, 'online');
		const page = await opened(admin, DESK, own);
		await lookAt(page, '/colleagues', own);
		await row(page, 'Ben Osei').getByText('Only while online').waitFor();
		await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
		own.setReachable(false);
		const asOf = /This is as of today at \d\d:\d\d\./;
		await page.getByText(asOf).waitFor({ timeout: 60_000 });
		await page.getByRole('heading', { name: /^Was online/ }).waitFor();
		const isGreen = () => page.locator('main .dot.online').count();
		expect(await isGreen()).toBe(0);
		await isSound(page);
		await page.setViewportSize(PHONE.viewport);
		await page.reload();
		await page.getByText(asOf).waitFor({ timeout: 60_000 });
		await row(page, 'Ben Osei').getByText('Only while online').waitFor();
		expect(await isGreen()).toBe(0);
		await isSound(page);
		own.setReachable(true);
		await group(page, /^Online/)
			.getByText('Ben Osei')
			.waitFor({ timeout: 60_000 });
		for (const context of contexts.splice(0)) await context.close();
	} finally {
		await own.close();
	}
});
