import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '#contract/ids.ts';
import { insertBot } from '../../api/store/bot.ts';
import { mailedKey } from '../support/mails.ts';
import { faults } from './axe.ts';
import type { SomebodyHere } from './in-process.ts';
import type { Keys } from './keys.ts';
import { PATIENCE, type People, type Size, startPeople } from './people-world.ts';

// What is refused is reported by the browser as well.
const REFUSED = [/status of 4(03|09)/];

let people: People;
beforeAll(async () => {
	people = await startPeople(REFUSED);
});
afterAll(() => people.close());
afterEach(async () => {
	expect(await people.endVisits()).toEqual([]);
});

/** Gives somebody a name that is found. */
const named = async (who: SomebodyHere, firstName: string, lastName = 'Lee') => {
	await who.put('/api/profile', { firstName, lastName });
	return who;
};

describe.each<Size>(['phone', 'desk'])('by keyboard alone at %s size', (size) => {
	let keys: Keys;
	let page: Page;
	let owner: SomebodyHere;
	beforeEach(async () => {
		owner = await named(await people.newAgent({ role: 'owner' }), 'Olga');
		keys = await people.visit(size);
		({ page } = keys);
		await keys.signIn(owner);
	});
	const open = async () => {
		await page.goto(`${people.origin}/members`);
		await keys.field('Search members').waitFor();
	};
	const rows = () => (size === 'desk' ? page.locator('tbody tr') : page.locator('main li'));
	const row = (text: string) => rows().filter({ hasText: text });
	const actions = (name: string) => keys.button(`Actions for ${name}`);
	const names = () =>
		page
			.getByRole('button', { name: /^Actions for/ })
			.evaluateAll((buttons) =>
				buttons.map((button) => button.getAttribute('aria-label')?.slice('Actions for '.length))
			);

	test('people of every kind of name are listed, found and put in order', async () => {
		const { team } = owner;
		const long = 'Wolfeschlegelsteinhausenbergerdorff'.repeat(7).slice(0, 255);
		await named(await people.newAgent({ team }), long, '');
		await named(await people.newAgent({ team, role: 'viewer' }), 'ليلى', '🌊');
		const nameless = await named(await people.newAgent({ team, role: 'admin' }), '', '');
		await open();
		await expect.poll(async () => (await names()).length, PATIENCE).toBe(5);
		await expect.poll(names, PATIENCE).toContain(nameless.email);
		expect(await faults(page)).toEqual([]);
		expect(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)).toBe(
			false
		);

		await keys.fill('Search members', 'ليلى');
		await expect.poll(names, PATIENCE).toEqual(['ليلى 🌊']);
		await keys.fill('Search members', 'nobody of that name');
		await page.getByText('Nobody here has “nobody of that name”').waitFor();
		await keys.fill('Search members', '');
		if (size === 'desk') await keys.press(keys.button('Role'));
		else await keys.choose('Order', 'By role');
		await expect
			.poll(async () => (await names()).slice(0, 3), PATIENCE)
			.toEqual(['Ann Lee', 'Olga Lee', nameless.email]);
		if (size === 'phone') return;
		await keys.press(keys.button('Role'));
		await expect.poll(async () => (await names())[0], PATIENCE).toBe('ليلى 🌊');
		expect(await page.locator('th[aria-sort=descending]').innerText()).toContain('Role');
	});

	test('somebody is invited with a role and bots, invited again, and not any more', async () => {
		const { id: teamId } = owner.team;
		await people.app.db.team(teamId, (tx) =>
			insertBot(tx, { id: newId(), name: 'Night helper', greeting: '' })
		);
		const email = `new-${newId()}@example.com`;
		await open();
		await keys.press(keys.button('Invite'));
		await keys.fill('Email', owner.email);
		await page.keyboard.press('Enter');
		await keys.dialog.getByText('is in the team already.').waitFor();
		await keys.fill('Email', email);
		await keys.choose('Role', 'Viewer');
		await keys.to(keys.field('All bots, also later ones'));
		await page.keyboard.press('ArrowDown');
		await keys.press(keys.field('Night helper'), 'Space');
		expect(await faults(page)).toEqual([]);
		await keys.press(keys.button('Send the invitation'));
		await row(email).filter({ hasText: 'Viewer' }).filter({ hasText: 'Expires in 7 d' }).waitFor();
		if (size === 'desk') await row(email).getByText('Night helper').waitFor();
		expect(await faults(page)).toEqual([]);

		const first = await mailedKey(people.app, teamId, email);
		await keys.press(keys.button(`Resend the invitation to ${email}`));
		await page.getByText(`A new link is on its way to ${email}.`).waitFor();
		expect(await mailedKey(people.app, teamId, email)).not.toBe(first);

		await keys.press(keys.button(`Cancel the invitation of ${email}`));
		expect(await faults(page)).toEqual([]);
		await keys.press(keys.button('Cancel the invitation', keys.question));
		await row(email).waitFor({ state: 'detached' });
	});

	test('a member gets another role and fewer bots, and is removed', async () => {
		const ben = await named(await people.newAgent({ team: owner.team }), 'Ben');
		await open();
		await keys.pick(actions('Ben Lee'), 'Change role and bots');
		await keys.choose('Role', 'Editor');
		await keys.to(keys.field('All bots, also later ones'));
		await page.keyboard.press('ArrowDown');
		expect(await faults(page)).toEqual([]);
		await keys.press(keys.button('Save'));
		await row('Ben Lee').filter({ hasText: 'Editor' }).filter({ hasText: 'No bots' }).waitFor();

		await keys.pick(actions('Ben Lee'), 'Remove');
		expect(await faults(page)).toEqual([]);
		await keys.press(keys.button('Keep', keys.question));
		await keys.pick(actions('Ben Lee'), 'Remove');
		await keys.press(keys.button('Remove', keys.question));
		await page.getByText('Ben Lee is out of the team.').waitFor();
		await row('Ben Lee').waitFor({ state: 'detached' });
		expect((await ben.get(`/api/sync?team=${owner.team.id}`)).status).toBe(404);
	});

	test('ownership is handed on, and the last owner can neither step down nor be left without', async () => {
		await named(await people.newAgent({ team: owner.team, role: 'admin' }), 'Ada');
		// The one with whom the team was made.
		await owner.delete('/api/members', { teamId: owner.team.id, userId: owner.team.ownerId });
		await open();
		await keys.pick(actions('Olga Lee'), 'Change role and bots');
		await keys.choose('Role', 'Viewer');
		await keys.press(keys.button('Save'));
		await keys.dialog.getByText('The team would be left without an owner.').waitFor();
		await page.keyboard.press('Escape');

		await keys.pick(actions('Ada Lee'), 'Make owner in my place');
		expect(await faults(page)).toEqual([]);
		await keys.press(keys.button('Make Ada Lee the owner', keys.question));
		await page.getByText('Ada Lee is the owner now.').waitFor();
		await row('Ada Lee').filter({ hasText: 'Owner' }).waitFor();
		await row('Olga Lee').filter({ hasText: 'Admin' }).waitFor();
		await keys.press(actions('Ada Lee'));
		await page.getByRole('menu').waitFor();
		expect(await page.getByRole('menuitem', { name: /owner/ }).count()).toBe(0);
	});
});

test('what one’s own role allows is seen the moment it changes, without a reload', async () => {
	const owner = await people.newAgent({ role: 'owner' });
	const { team } = owner;
	const role = { teamId: team.id, id: newId(), name: 'Desk lead' };
	const save = (permissions: string[]) => owner.put('/api/teams/roles', { ...role, permissions });
	await save(['chat.view', 'member.manage', 'bot.manage']);
	const ben = await people.newAgent({ team });
	const grant = (more: object) =>
		owner.put('/api/members', {
			teamId: team.id,
			userId: ben.userId,
			roleId: null,
			botIds: null,
			...more
		});
	await grant({ role: 'custom', roleId: role.id });
	const keys = await people.visit('desk');
	const { page } = keys;
	const link = (name: string) =>
		page.getByRole('navigation').getByRole('link', { name, exact: true });
	await keys.signIn(ben);
	await keys.press(link('Members'));
	await keys.field('Search members').waitFor();
	expect(await link('Log').count()).toBe(0);

	await save(['chat.view', 'bot.manage', 'log.view']);
	await page.getByRole('heading', { name: 'Your role does not open this page' }).waitFor();
	await link('Members').waitFor({ state: 'detached' });
	await link('Log').waitFor();
	expect(await faults(page)).toEqual([]);

	const second = newId();
	await people.app.db.team(team.id, (tx) =>
		insertBot(tx, { id: second, name: 'Night helper', greeting: '' })
	);
	await keys.press(link('Bots'));
	await page.getByRole('link', { name: /Night helper/ }).waitFor();
	await grant({ role: 'custom', roleId: role.id, botIds: [second] });
	await page.getByRole('link', { name: /Acme/ }).waitFor({ state: 'detached' });
	await page.getByRole('link', { name: /Night helper/ }).waitFor();

	await grant({ role: 'viewer' });
	await page.getByRole('heading', { name: 'Your role does not open this page' }).waitFor();
	await keys.press(keys.button('Open Live Chat'));
	await page.getByText('Viewer', { exact: true }).first().waitFor();
	expect(await page.getByRole('navigation').getByRole('link').allInnerTexts()).toEqual(
		expect.not.arrayContaining(['Bots', 'Log', 'Members'])
	);
});
