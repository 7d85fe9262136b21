import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '#contract/ids.ts';
import { insertBot } from '../../api/store/bot.ts';
import { insertMember } from '../../api/store/member.ts';
import type { TestAgent } from '../support/app.ts';
import { composer, thread } from './agent.ts';
import { faults } from './axe.ts';
import type { SomebodyHere } from './in-process.ts';
import { kept } from './kept.ts';
import { Keys } from './keys.ts';
import { PATIENCE, type People, SIZES, type Size, startPeople } from './people-world.ts';

// What is refused, cut off or of a team that was lost is reported by the browser as well.
const REFUSED = [/status of 4(04|09)|ERR_(FAILED|INTERNET_DISCONNECTED)/];

let people: People;
beforeAll(async () => {
	people = await startPeople(REFUSED);
});
afterAll(() => people.close());
afterEach(async () => {
	expect(await people.endVisits()).toEqual([]);
});

/** An owner of a new team of that name. */
async function ownerOf(name: string): Promise<SomebodyHere> {
	const owner = await people.newAgent({ role: 'owner' });
	const brand = { brandName: null, brandColor: '#0e6f74', showAgentsAs: 'agents' };
	await owner.put('/api/teams/settings', { teamId: owner.team.id, name, ...brand });
	return owner;
}
const join = (who: TestAgent, { id }: TestAgent['team'], role: 'agent' | 'viewer' = 'agent') =>
	people.app.db.team(id, (tx) => insertMember(tx, who.userId, role));

describe.each<Size>(['phone', 'desk'])('by keyboard alone at %s size', (size) => {
	let keys: Keys;
	let page: Page;
	beforeEach(async () => {
		keys = await people.visit(size);
		({ page } = keys);
	});
	/** The role in the team that is open, as the header says it. */
	const badge = (role: string) =>
		page.locator('header').getByText(role, { exact: true }).filter({ visible: true });
	const openTeam = async () => {
		await page.goto(`${people.origin}/team`);
		await page.getByRole('heading', { name: 'My Teams' }).waitFor();
	};

	test('the brand is saved; unsaved, it is not left behind unasked', async () => {
		await keys.signIn(await ownerOf('Acme'));
		await page.goto(`${people.origin}/more`);
		// From within the app, so that Back leads within it too.
		await keys.press(page.getByRole('link', { name: 'Team and My Teams' }));
		await keys.fill('Brand name', 'Tideline');
		await keys.fill('Colour', '#1d4ed8');
		await keys.to(page.getByRole('radio', { name: /Their own names/ }));
		await page.keyboard.press('ArrowDown');
		expect(await faults(page)).toEqual([]);

		const chats = page.getByRole('navigation').getByRole('link', { name: /^Live Chat/ });
		const leave = async () =>
			size === 'desk' ? keys.press(chats) : keys.press(keys.button('Back'));
		await leave();
		await keys.question.getByText('Leave without saving').waitFor();
		expect(await faults(page)).toEqual([]);
		await keys.press(keys.button('Stay', keys.question));
		expect(await keys.field('Brand name').inputValue()).toBe('Tideline');
		await keys.press(keys.button('Save Changes'));
		await page.getByText('Saved. Open widgets show it within seconds.').waitFor();
		await page.reload();
		await expect.poll(() => keys.field('Brand name').inputValue(), PATIENCE).toBe('Tideline');
		expect(await page.getByRole('radio', { name: /The team/ }).isChecked()).toBe(true);

		await keys.fill('Brand name', 'Gone');
		const asked: string[] = [];
		page.on('dialog', (dialog) => {
			asked.push(dialog.type());
			void dialog.accept();
		});
		await page.reload();
		await expect.poll(() => keys.field('Brand name').inputValue(), PATIENCE).toBe('Tideline');
		expect(asked).toEqual(['beforeunload']);
		await keys.fill('Brand name', 'Gone');
		await leave();
		await keys.press(keys.button('Discard and leave', keys.question));
		await keys.field('Brand name').waitFor({ state: 'detached' });
	});

	test('a role is made of permissions, changed, and deleted once nobody has it', async () => {
		const owner = await ownerOf('Acme');
		const ben = await people.newAgent({ team: owner.team });
		await keys.signIn(owner);
		await openTeam();
		await keys.press(keys.button('New role'));
		await keys.fill('Name', 'Night desk');
		await keys.press(keys.field('Read the log', keys.dialog), 'Space');
		expect(await faults(page)).toEqual([]);
		await keys.press(keys.button('Save', keys.dialog));
		await page.getByText('Answer chats, Read chats, Read the log').waitFor();
		await keys.press(keys.button('Edit Night desk'));
		await keys.press(keys.field('Answer chats', keys.dialog), 'Space');
		await keys.press(keys.button('Save', keys.dialog));
		await page.getByText('Read chats, Read the log', { exact: true }).waitFor();

		const { id: teamId } = owner.team;
		const { roles } = await (await owner.get(`/api/teams/roles?team=${teamId}`)).json();
		const grant = (more: object) =>
			owner.put('/api/members', {
				teamId,
				userId: ben.userId,
				botIds: null,
				roleId: null,
				...more
			});
		await grant({ role: 'custom', roleId: roles[0].id });
		await keys.press(keys.button('Delete Night desk'));
		await page.getByText('Members or invitations have the role Night desk.').waitFor();
		expect(await faults(page)).toEqual([]);
		await grant({ role: 'viewer' });
		await keys.press(keys.button('Delete Night desk'));
		await keys.button('Delete Night desk').waitFor({ state: 'detached' });
	});

	test('a team is made, opens first, is switched from in the header with the role there, and left', async () => {
		const [cedar, ben] = [await ownerOf('Cedar'), await people.newAgent()];
		await join(ben, cedar.team, 'viewer');
		await keys.signIn(ben);
		await openTeam();
		await keys.press(keys.button('New team'));
		await keys.fill('Team name', 'Birch & Co');
		await page.keyboard.press('Enter');
		await keys.button('Leave Birch & Co').waitFor();
		expect(await faults(page)).toEqual([]);
		await keys.press(keys.button('Open first: Birch & Co'));
		await page.getByText('Opens first').waitFor();

		await page.goto(`${people.origin}/chats`);
		await badge('Owner').waitFor();
		await keys.press(keys.button('Birch & Co'));
		await page.getByRole('menu').waitFor();
		expect(await faults(page)).toEqual([]);
		await page.keyboard.press('Escape');
		await keys.pick(keys.button('Birch & Co'), 'Cedar');
		await badge('Viewer').waitFor();
		expect(await badge('Owner').count()).toBe(0);

		await openTeam();
		await keys.press(keys.button('Leave Birch & Co'));
		await keys.press(keys.button('Leave', keys.question));
		await keys.question.waitFor({ state: 'detached' });
		await page.getByText('The team would be left without an owner.').waitFor();
		await keys.press(keys.button('Leave Cedar'));
		await keys.press(keys.button('Leave', keys.question));
		await keys.button('Leave Cedar').waitFor({ state: 'detached' });
		expect(await faults(page)).toEqual([]);
		expect((await (await ben.get('/api/me')).json()).teams).toHaveLength(2);
	});

	test('somebody in no team any more is told so, and can make one', async () => {
		const ben = await people.newAgent();
		await keys.signIn(ben);
		await openTeam();
		await keys.press(keys.button('Leave Acme'));
		await keys.press(keys.button('Leave', keys.question));
		await page.getByText('You are in no team').first().waitFor();
		expect(await faults(page)).toEqual([]);
		await page.goto(`${people.origin}/chats`);
		await page.getByRole('heading', { name: 'You are in no team' }).waitFor();
		expect(await faults(page)).toEqual([]);
		await keys.press(keys.button('Make a team'));
		await keys.press(keys.button('New team'));
		await keys.fill('Team name', 'Birch & Co');
		await page.keyboard.press('Enter');
		await page.getByRole('heading', { name: 'Brand' }).waitFor();
	});
});

describe('one person in two teams', () => {
	let context: BrowserContext | undefined;
	afterEach(async () => {
		await context?.close();
		context = undefined;
	});

	/** Ben, an agent of Acme with two bots and of Birch with one; each bot has a caller. */
	async function benInTwoTeams() {
		const [acme, birch] = [await ownerOf('Acme'), await ownerOf('Birch')];
		const ben = await people.newAgent({ team: acme.team });
		await join(ben, birch.team);
		const night = newId();
		await people.app.db.team(acme.team.id, (tx) =>
			insertBot(tx, { id: night, name: 'Night helper', greeting: '' })
		);
		const day = await people.newCaller(acme.team, {
			name: 'Lena Day',
			text: 'Is the day tent dry'
		});
		const dark = await people.newCaller(
			{ ...acme.team, botId: night },
			{ name: 'Nora Night', text: 'Is the night tent dry' }
		);
		const tree = await people.newCaller(birch.team, { name: 'Tom Tree', text: 'Is the birch dry' });
		return { acme, birch, ben, night, day, dark, tree };
	}
	const row = (page: Page, text: string) => page.locator('a[data-row]', { hasText: text });
	const pill = (page: Page, word: string) =>
		page.getByRole('button', { name: `You are ${word}` }).first();

	test.each<Size>(['phone', 'desk'])(
		'has queue, bots, presence and settings of the team that is open, on a %s also without a connection',
		async (size) => {
			const { acme, birch, ben } = await benInTwoTeams();
			people.app.clock.advance(300_000);
			const keys = await people.visit(size);
			const { page } = keys;
			await keys.signIn(ben);
			await row(page, 'Lena Day').waitFor();
			await row(page, 'Nora Night').waitFor();
			expect(await row(page, 'Tom Tree').count()).toBe(0);
			await keys.pick(pill(page, 'Offline'), /^\s*Online/);
			await pill(page, 'Online').waitFor();
			await keys.pick(keys.button('All bots'), 'Night helper');
			await row(page, 'Lena Day').waitFor({ state: 'detached' });

			await keys.pick(keys.button('Acme'), 'Birch');
			await row(page, 'Tom Tree').waitFor();
			expect(await row(page, 'Night').count()).toBe(0);
			await pill(page, 'Offline').waitFor();
			const presenceIn = async (owner: SomebodyHere) => {
				const answer = await (await owner.get(`/api/members?team=${owner.team.id}`)).json();
				return answer.members.find(({ userId }: { userId: string }) => userId === ben.userId)
					.presence.status;
			};
			expect([await presenceIn(acme), await presenceIn(birch)]).toEqual(['online', 'offline']);

			await page.context().setOffline(true);
			await keys.pick(keys.button('Birch'), 'Acme');
			// The filter that was set there still is.
			await row(page, 'Nora Night').waitFor();
			expect(await row(page, 'Tom Tree').count()).toBe(0);
			await keys.press(row(page, 'Nora Night'));
			await thread(page).getByText('Is the night tent dry').waitFor();
		}
	);

	test('keeps nothing of a bot or a team that was lost: no chat, draft, unsent reply or notification', async () => {
		const { acme, birch, ben, night, day, dark, tree } = await benInTwoTeams();
		context = await people.open('chromium', { context: SIZES.desk });
		const page = await context.newPage();
		const keys = new Keys(page);
		// Nothing stands between the worker and the server: it must not be asked to send what the page cannot.
		await page.addInitScript(() =>
			Reflect.deleteProperty(ServiceWorkerRegistration.prototype, 'sync')
		);
		await keys.signIn(ben);
		await page.route('**/api/mutations', (route) => route.abort());
		for (const [{ conversationId }, name] of [
			[day, 'Lena'],
			[dark, 'Nora']
		] as const) {
			await page.goto(`${people.origin}/chats/${conversationId}`);
			await keys.to(composer(page));
			await page.keyboard.type(`Unsent to ${name}`);
			await page.keyboard.press('Enter');
			await page.getByText('Not sent yet').first().waitFor();
			await keys.to(composer(page));
			await page.keyboard.type(`Half written to ${name}`);
			await page.evaluate(
				async ([tag, title]) => {
					const registration = await navigator.serviceWorker.ready;
					await registration.showNotification(title, { tag, body: 'is waiting' });
				},
				[`c-${conversationId}`, `${name} rings`] as const
			);
		}
		const OF_DAY = ['Lena Day', 'day tent', 'Unsent to Lena', 'Half written to Lena', 'Lena rings'];
		const OF_NIGHT = OF_DAY.map((text) =>
			text.replace('Lena', 'Nora').replace(/day/i, (d) => (d === 'Day' ? 'Night' : 'night'))
		);
		await expect
			.poll(() => kept(page), PATIENCE)
			.toSatisfy((text: string) => [...OF_DAY, ...OF_NIGHT].every((part) => text.includes(part)));

		// A bot, while its chat is open.
		const { id: teamId } = acme.team;
		const grant = { role: 'agent', roleId: null, botIds: [acme.team.botId] };
		await acme.put('/api/members', { teamId, userId: ben.userId, ...grant });
		const holds = async (...parts: string[]) => {
			const text = await kept(page);
			return parts.filter((part) => text.includes(part));
		};
		await expect.poll(() => holds(...OF_NIGHT, dark.conversationId, night), PATIENCE).toEqual([]);
		expect(await holds(...OF_DAY)).toEqual(OF_DAY);

		// A team, while another one is open.
		await keys.pick(keys.button('Acme'), 'Birch');
		await row(page, 'Tom Tree').waitFor();
		await acme.delete('/api/members', { teamId, userId: ben.userId });
		await page.reload();
		await row(page, 'Tom Tree').waitFor();
		await expect.poll(() => holds(...OF_DAY, day.conversationId, teamId), PATIENCE).toEqual([]);
		expect(await holds('Tom Tree', tree.conversationId)).toHaveLength(2);

		// The team that is open.
		await birch.delete('/api/members', { teamId: birch.team.id, userId: ben.userId });
		await page.getByRole('heading', { name: 'You are in no team' }).waitFor();
		await expect
			.poll(() => holds('Tom Tree', 'birch dry', tree.conversationId, birch.team.id), PATIENCE)
			.toEqual([]);
	});
});
