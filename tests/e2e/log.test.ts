import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '#contract/ids.ts';
import { faults } from './axe.ts';
import type { SomebodyHere } from './in-process.ts';
import type { Keys } from './keys.ts';
import { PATIENCE, type People, type Size, startPeople } from './people-world.ts';

let people: People;
beforeAll(async () => {
	people = await startPeople();
});
afterAll(() => people.close());
afterEach(async () => {
	expect(await people.endVisits()).toEqual([]);
});

describe.each<Size>(['phone', 'desk'])('by keyboard alone at %s size', (size) => {
	let keys: Keys;
	let page: Page;
	let owner: SomebodyHere;
	beforeEach(async () => {
		owner = await people.newAgent({ role: 'owner' });
		await owner.put('/api/profile', { firstName: 'Olga', lastName: 'Lee' });
		keys = await people.visit(size);
		({ page } = keys);
		await keys.signIn(owner);
	});

	test('the log is read, narrowed to a person, a deed and days, and taken away as CSV', async () => {
		const ben = await people.newAgent({ team: owner.team });
		const { id: teamId } = owner.team;
		await owner.post('/api/bots', { teamId, id: newId(), name: '=Night, "helper"' });
		await ben.put('/api/profile', { firstName: 'Ben', lastName: 'Okafor' });
		await page.goto(`${people.origin}/log`);
		const deeds = page.locator('main ol li:has(time)');
		await deeds.filter({ hasText: '=Night, "helper"' }).waitFor();
		expect(await faults(page)).toEqual([]);

		await keys.choose('Who', 'Ben Okafor');
		await expect.poll(() => deeds.count(), PATIENCE).toBe(1);
		await keys.choose('Who', 'Everybody');
		await keys.choose('What', 'Bot created');
		await expect
			.poll(() => deeds.allInnerTexts(), PATIENCE)
			.toEqual([expect.stringContaining('Night')]);
		const link = page.getByRole('link', { name: 'Export CSV' });
		await keys.to(link);
		const [download] = await Promise.all([
			page.waitForEvent('download'),
			page.keyboard.press('Enter')
		]);
		const csv = readFileSync(await download.path(), 'utf8');
		expect(csv.trim().split('\n')).toHaveLength(2);
		// A table program must not take a name for a formula.
		expect(csv).toContain(`"'=Night, ""helper"""`);

		const from = page.getByLabel('From', { exact: true });
		await keys.to(from);
		await page.keyboard.type('01012099');
		await page.getByText('Nothing like this is in the log.').waitFor();
		expect(await faults(page)).toEqual([]);
	});

	test('mails stand where only an owner reads them while no mail server takes them', async () => {
		const { id: teamId } = owner.team;
		const email = `new-${newId()}@example.com`;
		const grant = { role: 'agent', roleId: null, botIds: null };
		await owner.post('/api/invitations', { teamId, id: newId(), email, ...grant });
		await page.goto(`${people.origin}/mails`);
		await page.getByText('No mail server is set').waitFor();
		await keys.press(page.locator('summary', { hasText: email }));
		await page.locator('details[open] a[href*="/invitation#"]').waitFor();
		expect(await faults(page)).toEqual([]);

		const admin = await people.newAgent({ team: owner.team, role: 'admin' });
		const other = await people.visit(size);
		await other.signIn(admin);
		await other.page.goto(`${people.origin}/mails`);
		await other.page.getByText('Only owners read mails').waitFor();
		expect(await faults(other.page)).toEqual([]);
	});
});
