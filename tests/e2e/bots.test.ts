import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { drawing } from '../support/pictures.ts';
import { faults } from './axe.ts';
import type { SomebodyHere } from './in-process.ts';
import type { Keys } from './keys.ts';
import { PATIENCE, type People, type Size, startPeople } from './people-world.ts';

// A picture that was taken away; what was refused.
const REFUSED = [/status of 40[034]/];

let people: People;
beforeAll(async () => {
	people = await startPeople(REFUSED);
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
		keys = await people.visit(size);
		({ page } = keys);
		await keys.signIn(owner);
	});
	const open = async () => {
		await page.goto(`${people.origin}/bots/${owner.team.botId}`);
		await keys.field('Greeting').waitFor();
	};
	const preview = () => page.frameLocator('iframe[title="Preview of the widget"]');
	const toggle = (label: string) => page.getByRole('switch', { name: label });
	const saved = async () => {
		const answer = await owner.get(`/api/bots?team=${owner.team.id}`);
		return (await answer.json()).bots.find(({ id }: { id: string }) => id === owner.team.botId);
	};

	test('a bot is made', async () => {
		await page.goto(`${people.origin}/bots`);
		await page.getByRole('link', { name: /On no website yet/ }).waitFor();
		expect(await faults(page)).toEqual([]);
		await keys.press(keys.button('New bot'));
		await keys.fill('Name', 'مساعد 🌊');
		expect(await faults(page)).toEqual([]);
		await page.keyboard.press('Enter');
		await page.getByRole('heading', { name: 'مساعد 🌊', level: 1 }).waitFor();
		await keys.field('Greeting').waitFor();
		expect(await faults(page)).toEqual([]);
	});

	test('its settings are seen in the preview before they are saved, and are not left behind unasked', async () => {
		await page.goto(`${people.origin}/bots`);
		await keys.press(page.getByRole('link', { name: /On no website yet/ }));
		await keys.field('Greeting').waitFor();
		await keys.fill('Name', 'Shop helper');
		await keys.fill('Colour', '#1d4ed8');
		await keys.fill('Greeting', 'Ahoy from nowhere yet');
		await keys.press(keys.button('Add a question'));
		await keys.fill('Question 1', 'Where is my order?');
		await keys.fill('Answer 1', 'On its way.');
		await keys.press(keys.button('Add a question'));
		await keys.fill('Question 2', 'Are you open?');
		await keys.press(keys.button('Move question 2 up'));
		expect(await keys.field('Question 1').inputValue()).toBe('Are you open?');
		await keys.press(keys.button('Remove question 1'));
		await keys.press(toggle('Show Agent Availability'), 'Space');
		await keys.press(toggle('Human-only mode'), 'Space');
		await keys.fill('Website', 'not a website');
		await page.keyboard.press('Enter');
		await page.getByText('This is no address of a website.').waitFor();
		await keys.fill('Website', 'shop.example/cart');
		await page.keyboard.press('Enter');
		await keys.button('Remove https://shop.example').waitFor();
		expect(await faults(page)).toEqual([]);

		await preview().getByText('Ahoy from nowhere yet').waitFor();
		await keys.press(preview().getByRole('button', { name: 'Where is my order?' }));
		await preview().getByText('Ringing the team').first().waitFor();
		expect((await saved()).greeting).not.toBe('Ahoy from nowhere yet');

		await page.evaluate(() => history.back());
		await keys.press(keys.button('Stay', keys.question));
		expect(page.url()).toContain(owner.team.botId);
		await keys.press(keys.button('Save Changes'));
		await page.getByText('Saved. Visitors see it when they next open the chat.').waitFor();
		expect(await saved()).toMatchObject({
			name: 'Shop helper',
			color: '#1d4ed8',
			quickQuestions: [{ question: 'Where is my order?', answer: 'On its way.' }],
			humanOnly: true,
			showAvailability: false,
			allowedOrigins: ['https://shop.example']
		});
	});

	test('what is typed while it is saved stays, to be saved next', async () => {
		await open();
		const { promise: held, resolve: answer } = Promise.withResolvers<void>();
		await page.route('**/api/bots', async (route) => {
			await held;
			await route.continue();
		});
		await keys.fill('Name', 'Shop helper');
		await page.keyboard.press('Enter');
		await keys.fill('Greeting', 'Ahoy');
		answer();
		await page.getByText('Saved. Visitors see it').waitFor();
		expect(await saved()).toMatchObject({ name: 'Shop helper' });
		expect(await keys.field('Greeting').inputValue()).toBe('Ahoy');
		await keys.press(keys.button('Save Changes'));
		await expect.poll(saved, PATIENCE).toMatchObject({ name: 'Shop helper', greeting: 'Ahoy' });
	});

	test('its picture is cut as a person’s is, and stands in the preview and the list', async () => {
		const png = async (side: number) => ({
			name: 'bot.png',
			mimeType: 'image/png',
			buffer: await drawing(side, side).png().toBuffer()
		});
		await open();
		await (await keys.openFiles(keys.button('Add a picture'))).setFiles(await png(300));
		await page.getByText('300 × 300 pixels').waitFor();
		await (await keys.openFiles(keys.button('Add a picture'))).setFiles(await png(500));
		await keys.press(keys.field('Zoom'), 'ArrowRight');
		expect(await faults(page)).toEqual([]);
		await keys.press(keys.button('Use this picture'));
		await keys.button('Change the picture').waitFor();
		const { avatar } = await saved();
		const pictures = `img[src*="${avatar}"]`;
		await page.locator(`main ${pictures}`).first().waitFor();
		// Beside what the bot says; the header has the faces of those who would be there.
		await expect.poll(() => preview().locator(pictures).count(), PATIENCE).toBe(1);
		await page.goto(`${people.origin}/bots`);
		await page.locator(`main ${pictures}`).waitFor();
		await open();
		await keys.press(keys.button('Remove'));
		await keys.button('Add a picture').waitFor();
		expect((await saved()).avatar).toBeNull();
	});

	test('its two lines are copied', async () => {
		await open();
		await keys.press(keys.button('Copy'));
		await page.getByText('Copied', { exact: true }).waitFor();
		const text = await page.evaluate(() => navigator.clipboard.readText());
		expect(text).toContain(owner.team.botId);
		expect(text.trim().split('\n')).toHaveLength(2);
	});

	test('it is deleted with all that it has, which is said', async () => {
		await people.newCaller(owner.team, { name: 'Lena', text: 'Is it in stock' });
		await open();
		await keys.fill('Greeting', 'Not to be saved any more');
		await keys.press(keys.button('Delete the bot'));
		expect(await faults(page)).toEqual([]);
		await keys.press(keys.button('Delete all of it', keys.question));
		await page.getByText('Acme is deleted, with 1 visitor, 1 chat and').waitFor();
		await page.getByText('No bot yet.').waitFor();
		expect(await faults(page)).toEqual([]);
	});
});
