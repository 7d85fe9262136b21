import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signIn, waiting } from './agent.ts';
import { askForPerson, openChat, write } from './visitor.ts';
import { DESK, PHONE, startWorld, type World } from './world.ts';

const SLOW = { timeout: 90_000 };
const NEW = 'eight dry umbrellas';
const NEWER = 'nine torn umbrellas';

// Sessions end here on purpose: what a page asks under one that has ended is refused.
const REFUSED = /401 \(Unauthorized\)/;
/** A password that anybody would guess is tried on purpose. */
const GUESSABLE = /400.*\/api\/auth\/reset/;

let world: World;
beforeAll(async () => {
	world = await startWorld([REFUSED, GUESSABLE]);
});
afterAll(() => world?.close());

const open = async (context: typeof DESK) => (await world.open('chromium', { context })).newPage();
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const signInPage = (page: Page) =>
	page.getByRole('heading', { name: 'Sign in to Bellhop' }).waitFor(SLOW);

test('a forgotten password is replaced by the link in a mail, and every browser is signed out', async () => {
	const [desk, phone] = [await open(DESK), await open(PHONE)];
	await signIn(desk, world);
	await phone.goto(`${world.origin}/sign-in`);
	await phone.getByRole('link', { name: 'Forgot your password?' }).click();
	await button(phone, 'Mail me a link').waitFor(SLOW);
	await phone.getByLabel('Email').fill(world.email);
	await phone.getByLabel('Email').press('Enter');
	await phone.getByRole('heading', { name: 'Look into your mail' }).waitFor(SLOW);

	// There is no mail server, so whoever runs this one hands the link on.
	await desk.goto(`${world.origin}/mails`);
	await desk.getByText('Choose a new password').first().click(SLOW);
	const link = (await desk.locator('details[open] a').first().getAttribute('href')) ?? '';
	await phone.goto(link);
	await phone.getByLabel('New password').fill('bellhop2026');
	await button(phone, 'Change the password').click();
	await phone.getByText('among the first that anybody would guess').waitFor(SLOW);
	await phone.getByLabel('New password').fill(NEW);
	await button(phone, 'Change the password').click();
	await phone.getByRole('heading', { name: 'The password is changed' }).waitFor(SLOW);
	await signInPage(desk);
	await signIn(phone, { ...world, password: NEW });
	await phone.context().close();
	await desk.context().close();
});

test('who changes the password stays signed in and hears of what comes, all other browsers are signed out', async () => {
	const [desk, phone] = [await open(DESK), await open(PHONE)];
	for (const page of [desk, phone]) await signIn(page, { ...world, password: NEW });
	const profile = await desk.context().newPage();
	await profile.goto(`${world.origin}/profile`);
	await button(profile, 'Change the password').click();
	const dialog = profile.getByRole('dialog');
	await dialog.getByLabel('Current password').fill(NEW);
	await dialog.getByLabel('New password').fill(NEWER);
	await dialog.getByRole('button', { name: 'Change the password' }).click();
	await dialog.waitFor({ state: 'detached', ...SLOW });
	await signInPage(phone);
	await profile.getByText('this one', { exact: true }).waitFor(SLOW);
	await profile.close();

	const visitor = await open(DESK);
	const chat = await openChat(visitor, world.website);
	await write(chat, 'Anybody there after the change');
	await askForPerson(chat);
	await waiting(desk).filter({ hasText: 'Anybody there after the change' }).waitFor(SLOW);
	expect(await desk.getByRole('heading', { name: 'Sign in to Bellhop' }).count()).toBe(0);
	expect(world.problems).toEqual([]);
});
