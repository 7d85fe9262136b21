import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '#contract/ids.ts';
import { mailedKey } from '../support/mails.ts';
import { faults } from './axe.ts';
import type { SomebodyHere } from './in-process.ts';
import type { Keys } from './keys.ts';
import { type People, type Size, startPeople } from './people-world.ts';

// What a gone invitation answers is reported by the browser as a failed request.
const REFUSED = [/status of 4(00|01|04|10)/];
const WEEK_MS = 7 * 86_400_000;

let people: People;
beforeAll(async () => {
	people = await startPeople(REFUSED);
});
afterAll(() => people.close());
afterEach(async () => {
	expect(await people.endVisits()).toEqual([]);
});

/** Invites the address; returns the link of the mail to it. */
async function invite(owner: SomebodyHere, email: string) {
	const { id: teamId } = owner.team;
	const grant = { role: 'agent', roleId: null, botIds: null };
	const id = newId();
	const response = await owner.post('/api/invitations', { teamId, id, email, ...grant });
	expect(response.status).toBe(200);
	const link = `${people.origin}/invitation#${await mailedKey(people.app, teamId, email)}`;
	return { id, link };
}

describe.each<Size>(['phone', 'desk'])('by keyboard alone at %s size', (size) => {
	let keys: Keys;
	let page: Page;
	let owner: SomebodyHere;
	beforeEach(async () => {
		owner = await people.newAgent({ role: 'owner' });
		keys = await people.visit(size);
		({ page } = keys);
	});
	const inTeam = () => page.getByRole('heading', { name: 'Live Chat' }).first().waitFor();
	const isMember = async (email: string) => {
		const answer = await owner.get(`/api/members?team=${owner.team.id}`);
		return (await answer.json()).members.some(
			(member: { email: string }) => member.email === email
		);
	};

	test('somebody new chooses a name and a password, and is in the team', async () => {
		const email = `new-${newId()}@example.com`;
		const { link } = await invite(owner, email);
		await page.goto(link);
		await page.getByRole('heading', { name: 'Join Acme' }).waitFor();
		await page.getByText(/The link is good\s+for [67] days/).waitFor();
		expect(await faults(page)).toEqual([]);
		await keys.fill('First name', 'Dora');
		await keys.fill('Password', 'password1234');
		await page.keyboard.press('Enter');
		await page.locator('input[type=password][aria-invalid=true]').waitFor();
		expect(await faults(page)).toEqual([]);
		await keys.fill('Password', 'correct horse battery');
		await page.keyboard.press('Enter');
		await inTeam();
		expect(await isMember(email)).toBe(true);
	});

	test('somebody with an account signs in and accepts, or accepts at once where they are signed in', async () => {
		const ben = await people.newAgent();
		const first = await invite(owner, ben.email);
		await page.goto(first.link);
		await keys.fill('Password', ben.password);
		expect(await faults(page)).toEqual([]);
		await page.keyboard.press('Enter');
		await inTeam();
		expect(await isMember(ben.email)).toBe(true);

		const other = await people.newAgent({ role: 'owner' });
		const second = await invite(other, ben.email);
		await page.goto(second.link);
		await keys.press(keys.button('Accept'));
		await page.getByText('You are in Acme.').waitFor();
		await inTeam();
		const me = await (await ben.get('/api/me')).json();
		expect(me.teams).toHaveLength(3);
	});

	test('who declines is in no team, and is told what to do after all', async () => {
		const email = `no-${newId()}@example.com`;
		const { link } = await invite(owner, email);
		await page.goto(link);
		await keys.press(keys.button('Decline'));
		await page.getByRole('heading', { name: 'You have declined' }).waitFor();
		await page.getByText('Ask for a new one if you want to join after all.').waitFor();
		expect(await faults(page)).toEqual([]);
		await page.reload();
		await page.getByText('This invitation was declined. Ask for a new one').waitFor();
		expect(await faults(page)).toEqual([]);
	});

	test('who is signed in as somebody else signs out first', async () => {
		const ben = await people.newAgent();
		const cleo = await people.newAgent();
		const { link } = await invite(owner, cleo.email);
		await keys.signIn(ben);
		await page.goto(link);
		await page.getByRole('alert').getByText(`You are signed in as ${ben.email}`).waitFor();
		expect(await faults(page)).toEqual([]);
		await keys.press(keys.button('Sign out'));
		await keys.fill('Password', cleo.password);
		await page.keyboard.press('Enter');
		await inTeam();
		expect([await isMember(ben.email), await isMember(cleo.email)]).toEqual([false, true]);
	});

	test.each([
		['used', 'This invitation has been used. Sign in: the team is in your list.'],
		['withdrawn', 'This invitation was withdrawn. Ask the team for a new one.'],
		['replaced', 'This link opens no invitation. Open the link of the newest mail'],
		['cut short', 'The link is cut short: what stands behind the # is missing.']
	])('a link that is %s says so, and what to do', async (how, text) => {
		const cleo = await people.newAgent();
		const { id, link } = await invite(owner, cleo.email);
		const { id: teamId } = owner.team;
		if (how === 'used') await cleo.post('/api/invitations/accept', { token: link.split('#')[1] });
		if (how === 'withdrawn') await owner.delete('/api/invitations', { teamId, id });
		if (how === 'replaced') await owner.post('/api/invitations/resend', { teamId, id });
		await page.goto(how === 'cut short' ? `${people.origin}/invitation` : link);
		await page.getByRole('alert').getByText(text).waitFor();
		expect(await faults(page)).toEqual([]);
		await keys.press(keys.button('Sign in'));
		await page.getByRole('heading', { name: 'Sign in to Bellhop' }).waitFor();
	});
});

test('a link of more than a week ago asks for another one', async () => {
	const owner = await people.newAgent({ role: 'owner' });
	const { link } = await invite(owner, `late-${newId()}@example.com`);
	people.app.clock.advance(WEEK_MS);
	const { page } = await people.visit('phone');
	await page.goto(link);
	await page
		.getByRole('alert')
		.getByText('expired: it was good for 7 days. Ask for it to be sent again.')
		.waitFor();
	expect(await faults(page)).toEqual([]);
});
