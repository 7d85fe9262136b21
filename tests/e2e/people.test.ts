import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reply, signIn, thread, waiting } from './agent.ts';
import { askForPerson, openChat, write } from './visitor.ts';
import { DESK, PHONE, startWorld, type World } from './world.ts';

const axeFile = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const axe = readFileSync(axeFile, 'utf8');
const WITHIN_5_S = { timeout: 5_000 };
const SIZES = { phone: PHONE, desk: DESK } as const;

// A page that has not heard yet asks for a picture that is no more; initials stand instead.
const TAKEN_AWAY = /404.*\/api\/avatars\//;

let world: World;
beforeAll(async () => {
	world = await startWorld([TAKEN_AWAY]);
});
afterAll(() => world?.close());

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });
const submit = (page: Page, name: string) =>
	page.getByRole('dialog').getByRole('button', { name, exact: true }).click();

/** What axe finds wrong with the page as it stands, by rule and place. */
async function faults(page: Page): Promise<string[]> {
	// The page's policy lets no script in but its own, so it is run from outside.
	await page.evaluate(`(() => { ${axe} })()`);
	return page.evaluate(async () => {
		const { axe: checker } = window as unknown as {
			axe: { run(): Promise<{ violations: { id: string; nodes: { target: string[] }[] }[] }> };
		};
		const { violations } = await checker.run();
		return violations.map(
			({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(', ')}`
		);
	});
}

/** Invites somebody and returns the link, which without a mail server an owner hands on. */
async function invite(owner: Page, email: string, role: string): Promise<string> {
	await owner.goto(`${world.origin}/members`);
	await button(owner, 'Invite').click();
	await owner.getByLabel('Email').fill(email);
	await owner.getByRole('combobox', { name: 'Role' }).selectOption({ label: role });
	await submit(owner, 'Send the invitation');
	await button(owner, `Resend the invitation to ${email}`).waitFor();
	await owner.goto(`${world.origin}/mails`);
	await owner.getByText(`To ${email}`).first().click();
	const link = owner.locator('details[open] a').first();
	return (await link.getAttribute('href')) ?? '';
}

async function join(page: Page, link: string, who: { first: string; last: string }) {
	await page.goto(link);
	await page.getByLabel('First name').fill(who.first);
	await page.getByLabel('Last name').fill(who.last);
	await page.getByLabel('Password').fill('correct horse battery');
	await button(page, 'Create the account and accept').click();
	await page.getByRole('heading', { name: 'Live Chat' }).first().waitFor();
}

test('a new name and picture reach an open widget and a colleague’s inbox within 5 seconds', async () => {
	const visitor = await (await world.open('chromium', { context: DESK })).newPage();
	const chat = await openChat(visitor, world.website);
	await write(chat, 'Does the tent fit on the kayak');
	await askForPerson(chat);
	const agent = await (await world.open('chromium', { context: DESK })).newPage();
	await signIn(agent, world);
	const link = await invite(agent, 'cleo@example.com', 'Chat Agent');
	const colleague = await (await world.open('chromium', { context: DESK })).newPage();
	await join(colleague, link, { first: 'Cleo', last: 'Sand' });

	await agent.goto(`${world.origin}/chats`);
	await waiting(agent).last().click();
	await thread(agent).getByText('Does the tent fit').waitFor();
	await reply(agent, 'It does');
	await chat.getByRole('heading', { name: 'Ana Duarte' }).waitFor();
	await colleague
		.getByRole('link', { name: /Does the tent fit|It does/ })
		.first()
		.click();
	await thread(colleague).getByText('Ana Duarte', { exact: true }).first().waitFor();

	const profile = await agent.context().newPage();
	await profile.goto(`${world.origin}/profile`);
	await profile.getByLabel('First name').fill('Ania');
	await profile.getByLabel('Last name').fill('李');
	await button(profile, 'Save Changes').click();
	await chat.getByRole('heading', { name: 'Ania 李' }).waitFor(WITHIN_5_S);
	await thread(colleague).getByText('Ania 李', { exact: true }).first().waitFor(WITHIN_5_S);

	await profile.locator('input[type=file]').setInputFiles(await pngOf(profile, 600, 600));
	await button(profile, 'Use this picture').click();
	const picture = 'img[src*="/api/avatars/"]';
	await profile.locator(`main ${picture}`).waitFor();
	await chat.locator(`header ${picture}`).waitFor(WITHIN_5_S);
	const row = colleague.getByRole('link', { name: /Does the tent fit|It does/ }).first();
	await row.locator(picture).waitFor(WITHIN_5_S);
	expect(world.problems).toEqual([]);
});

describe.each(['phone', 'desk'] as const)('at %s size', (size) => {
	let page: Page;
	beforeAll(async () => {
		page = await (await world.open('chromium', { context: SIZES[size] })).newPage();
		await signIn(page, world);
	});

	test.each(['doctor', 'reachability', 'ladder', 'rings'])(
		'/%s shows what the server has, without a fault that axe sees',
		async (name) => {
			await page.goto(`${world.origin}/${name}`);
			await page.getByRole('heading', { level: 1 }).waitFor();
			await page.getByRole('status', { name: 'Loading' }).waitFor({ state: 'detached' });
			for (const colorScheme of ['light', 'dark'] as const) {
				await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
				expect(await faults(page)).toEqual([]);
			}
			const overflow = () => document.documentElement.scrollWidth > innerWidth;
			expect(await page.evaluate(overflow)).toBe(false);
		}
	);
});

/** A picture that the browser itself has drawn. */
async function pngOf(page: Page, width: number, height: number) {
	const base64 = await page.evaluate(
		([w, h]) => {
			const canvas = Object.assign(document.createElement('canvas'), { width: w, height: h });
			canvas.getContext('2d')?.fillRect(0, 0, w / 2, h / 2);
			return canvas.toDataURL('image/png').split(',')[1] ?? '';
		},
		[width, height] as const
	);
	return { name: 'me.png', mimeType: 'image/png', buffer: Buffer.from(base64, 'base64') };
}
