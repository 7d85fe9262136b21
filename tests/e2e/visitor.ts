import type { FrameLocator, Page } from 'playwright-core';

/** What a visitor does on a website that has the widget. */
export async function openChat(page: Page, website: string): Promise<FrameLocator> {
	await page.goto(website);
	await page.getByRole('button', { name: /^Open chat/ }).click();
	const frame = page.frameLocator('iframe[title=Chat]');
	await field(frame).waitFor();
	return frame;
}

export const field = (frame: FrameLocator) => frame.getByRole('textbox', { name: /^(Write|Add)/ });

export async function askForPerson(frame: FrameLocator): Promise<void> {
	const button = frame.getByRole('button', { name: /^Talk to a person/ });
	await button.click();
	await button.waitFor({ state: 'detached' });
}

export async function write(frame: FrameLocator, text: string): Promise<void> {
	await field(frame).fill(text);
	await field(frame).press('Enter');
}

export const thread = (frame: FrameLocator) => frame.getByRole('log');
