import type { Page } from 'playwright-core';

/** What an agent does with the app, by what can be read on the screen. */
export async function signIn(
	page: Page,
	who: { origin: string; email: string; password: string }
): Promise<void> {
	await page.goto(`${who.origin}/sign-in`);
	await page.getByLabel('Email').fill(who.email);
	await page.getByLabel('Password').fill(who.password);
	await page.getByRole('button', { name: 'Sign in', exact: true }).click();
	await page.getByRole('heading', { name: 'Live Chat' }).first().waitFor();
}

export const presencePill = (page: Page) => page.getByRole('button', { name: /^You are/ }).first();

/** Opens the presence menu and chooses *Online*; done when the server has confirmed it. */
export async function goOnline(page: Page): Promise<void> {
	await presencePill(page).click();
	await page.getByRole('menuitemradio', { name: /^Online/ }).click();
	await page.getByRole('button', { name: 'You are Online' }).first().waitFor();
}

const enable = (page: Page) => page.getByRole('button', { name: 'Enable', exact: true });

/** Presses *Enable* in Live Chat; done when the server holds the registration. */
export async function enableNotifications(page: Page): Promise<void> {
	await enable(page).click();
	await enable(page).waitFor({ state: 'detached' });
}

export const composer = (page: Page) => page.getByRole('textbox', { name: 'Reply', exact: true });
export const thread = (page: Page) => page.getByRole('log');

export async function reply(page: Page, text: string): Promise<void> {
	await composer(page).fill(text);
	await composer(page).press('Enter');
}

/** The rows of who waits for a person, the longest wait first. */
export const waiting = (page: Page) => page.getByRole('link', { name: /Waiting for/ });
