import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { mailedKey } from '../support/mails.ts';
import { drawing } from '../support/pictures.ts';
import { faults } from './axe.ts';
import type { SomebodyHere } from './in-process.ts';
import type { Keys } from './keys.ts';
import { PATIENCE, type People, type Size, startPeople } from './people-world.ts';

// What is refused, or stopped on its way, is reported by the browser as well.
const REFUSED = [/status of 4(00|01|03|04|10)|ERR_FAILED/];

let people: People;
beforeAll(async () => {
	people = await startPeople(REFUSED);
});
afterAll(() => people.close());
afterEach(async () => {
	expect(await people.endVisits()).toEqual([]);
});

const png = async (width: number, height: number) => ({
	name: 'me.png',
	mimeType: 'image/png',
	buffer: await drawing(width, height).png().toBuffer()
});
const shownPicture = (page: Page) => page.locator('main img[src*="/api/avatars/"]');

describe.each<Size>(['phone', 'desk'])('by keyboard alone at %s size', (size) => {
	let keys: Keys;
	let page: Page;
	let ann: SomebodyHere;
	beforeEach(async () => {
		ann = await people.newAgent();
		keys = await people.visit(size);
		({ page } = keys);
		await keys.signIn(ann);
	});
	const openProfile = async () => {
		await page.goto(`${people.origin}/profile`);
		await keys.field('First name').waitFor();
	};
	const save = () => keys.press(keys.button('Save Changes'));

	test('names of any script are saved, no longer than 255 characters; without any a hint leads here', async () => {
		await openProfile();
		await keys.fill('First name', 'ليلى 🌊'.padEnd(300, 'x'));
		expect(await keys.field('First name').inputValue()).toHaveLength(255);
		await keys.fill('First name', 'ليلى 🌊');
		await keys.fill('Last name', '李');
		expect(await faults(page)).toEqual([]);
		await save();
		await page.getByText('Saved. Visitors and colleagues see it within seconds.').waitFor();
		await page.reload();
		expect(await keys.field('First name').inputValue()).toBe('ليلى 🌊');

		await keys.fill('First name', '');
		await keys.fill('Last name', '');
		await save();
		await keys.button('Save Changes').waitFor({ state: 'detached' });
		await page.goto(`${people.origin}/chats`);
		await page.getByText('Your name is missing.').waitFor();
		expect(await faults(page)).toEqual([]);
		await keys.press(keys.button('Fill it in'));
		await page.waitForURL('**/profile');
	});

	test('a picture is cut, shown and taken away; one that fails leaves the old', async () => {
		await openProfile();
		await (await keys.openFiles(keys.button('Add a picture'))).setFiles(await png(399, 600));
		await page.getByText('399 × 600 pixels').waitFor();
		await (await keys.openFiles(keys.button('Add a picture'))).setFiles(await png(900, 600));
		await keys.press(keys.field('Zoom'), 'ArrowRight');
		await keys.press(keys.field('Left to right'), 'End');
		expect(await faults(page)).toEqual([]);
		await keys.press(keys.button('Use this picture'));
		await keys.dialog.waitFor({ state: 'detached' });
		const before = await shownPicture(page).getAttribute('src');

		await page.route('**/api/profile/avatar', (route) => route.abort());
		await (await keys.openFiles(keys.button('Change the picture'))).setFiles(await png(500, 500));
		await keys.press(keys.button('Use this picture'));
		await keys.dialog.getByRole('alert').getByText('No connection.').waitFor();
		await page.keyboard.press('Escape');
		await keys.dialog.waitFor({ state: 'detached' });
		expect(await shownPicture(page).getAttribute('src')).toBe(before);
		await page.unroute('**/api/profile/avatar');

		await keys.press(keys.button('Remove'));
		await keys.button('Add a picture').waitFor();
	});

	test('another address waits for its link, can be taken back, and is the one after it was opened', async () => {
		const next = `next-${ann.email}`;
		const ask = async () => {
			await keys.fill('Email', next);
			await save();
			await keys.fill('Your password', ann.password);
			expect(await faults(page)).toEqual([]);
			await page.keyboard.press('Enter');
			await page.getByText('waits for the link in the mail to it.').waitFor();
		};
		await openProfile();
		await ask();
		expect(await faults(page)).toEqual([]);
		await keys.press(keys.button('Cancel the change'));
		await keys.button('Cancel the change').waitFor({ state: 'detached' });
		await ask();
		const key = await mailedKey(people.app, ann.userId, next);
		await page.goto(`${people.origin}/confirm-email#${key}`);
		await page.getByRole('heading', { name: 'Confirm your new address' }).waitFor();
		expect(await faults(page)).toEqual([]);
		await keys.press(keys.button('Confirm this address'));
		await page.getByText(`You sign in to Bellhop with ${next} now.`).waitFor();
		expect(await faults(page)).toEqual([]);
		await openProfile();
		expect(await keys.field('Email').inputValue()).toBe(next);
		await page.goto(`${people.origin}/confirm-email#${key}`);
		await keys.press(keys.button('Confirm this address'));
		await page.getByRole('alert').waitFor();
		expect(await faults(page)).toEqual([]);
	});

	test('another password asks for the current one and ends every other session', async () => {
		const elsewhere = await people.visit(size);
		await elsewhere.signIn(ann);
		await openProfile();
		await keys.press(keys.button('Change the password'));
		const change = async (current: string, password: string) => {
			await keys.fill('Current password', current);
			await keys.fill('New password', password);
			await page.keyboard.press('Enter');
		};
		await change('not this one', 'eight dry umbrellas');
		await keys.dialog
			.getByText(/password/i)
			.and(page.locator('[id$=note], [role=alert]'))
			.first()
			.waitFor();
		await change(ann.password, 'password1234');
		await keys.dialog
			.getByText(/common/)
			.first()
			.waitFor();
		expect(await faults(page)).toEqual([]);
		await change(ann.password, 'eight dry umbrellas');
		await page.getByText('Every other session has ended.').waitFor();
		await elsewhere.page.getByRole('heading', { name: 'Sign in to Bellhop' }).waitFor();
		await elsewhere.signInHere({ ...ann, password: 'eight dry umbrellas' });
	});

	test('a passkey is added, renamed, signs in without a password, and is removed', async () => {
		const cdp = await page.context().newCDPSession(page);
		await cdp.send('WebAuthn.enable');
		await cdp.send('WebAuthn.addVirtualAuthenticator', {
			options: {
				protocol: 'ctap2',
				transport: 'internal',
				hasResidentKey: true,
				hasUserVerification: true,
				isUserVerified: true,
				automaticPresenceSimulation: true
			}
		});
		await openProfile();
		await keys.press(keys.button('Add a passkey'));
		await keys.fill('Name of the passkey', 'This machine');
		await keys.fill('Your password', ann.password);
		expect(await faults(page)).toEqual([]);
		await page.keyboard.press('Enter');
		await page.getByText('This machine').waitFor();
		await keys.press(keys.button('Rename This machine'));
		await keys.fill('Name of the passkey', 'Desk key');
		await page.keyboard.press('Enter');
		await keys.button('Remove Desk key').waitFor();
		expect(await faults(page)).toEqual([]);

		await signOut(keys, size);
		await keys.press(keys.button('Sign in with a passkey'));
		await page.waitForURL(({ pathname }) => pathname !== '/sign-in');
		await openProfile();
		await page.getByText(/^Used/).waitFor();
		await keys.press(keys.button('Remove Desk key'));
		await keys.fill('Your password', ann.password);
		await page.keyboard.press('Enter');
		await keys.button('Remove Desk key').waitFor({ state: 'detached' });
		await signOut(keys, size);
		await keys.press(keys.button('Sign in with a passkey'));
		await page.getByRole('alert').waitFor();
	});

	test('other sessions are ended one by one and all at once, and this one stays', async () => {
		const [phone, tablet, other] = [
			await people.visit('phone'),
			await people.visit('phone'),
			await people.visit('desk')
		];
		await phone.signIn(ann);
		await openProfile();
		const one = page.getByRole('button', { name: /^End the session/ });
		await one.first().waitFor();
		// Beside this one, that with which the world was made, and the phone's.
		const before = await one.count();
		await keys.press(one.first());
		await expect.poll(() => one.count(), PATIENCE).toBe(before - 1);
		for (const device of [tablet, other]) await device.signIn(ann);
		await page.reload();
		await one.first().waitFor();
		await keys.press(keys.button('End all others'));
		for (const device of [phone, tablet, other])
			await device.page.getByRole('heading', { name: 'Sign in to Bellhop' }).waitFor();
		await expect.poll(() => one.count(), PATIENCE).toBe(0);
		expect(await faults(page)).toEqual([]);
	});

	test('an account is deleted with the password, and with it all that the browser kept', async () => {
		await openProfile();
		await keys.press(keys.button('Delete the account'));
		await keys.fill('Why you are leaving', 'Too many bells');
		await keys.fill('Your password', 'wrong password');
		await page.keyboard.press('Enter');
		await keys.dialog.getByRole('alert').waitFor();
		expect(await faults(page)).toEqual([]);
		await keys.fill('Your password', ann.password);
		await page.keyboard.press('Enter');
		await page.getByRole('heading', { name: 'Sign in to Bellhop' }).waitFor();
		const kept = () =>
			page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));
		await expect
			.poll(async () => (await kept()).filter((name) => name?.includes(ann.userId)), PATIENCE)
			.toEqual([]);
		await keys.fill('Email', ann.email);
		await keys.fill('Password', ann.password);
		await page.keyboard.press('Enter');
		await page.getByRole('alert').waitFor();
	});
});

async function signOut(keys: Keys, size: Size): Promise<void> {
	if (size === 'phone') {
		await keys.page.goto(`${people.origin}/more`);
		await keys.press(keys.button('Sign out'));
	} else await keys.pick(keys.button(/^Profile/), 'Sign out');
	await keys.page.getByRole('heading', { name: 'Sign in to Bellhop' }).waitFor();
}
