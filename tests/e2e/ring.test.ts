import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { composer, enableNotifications, goOnline, reply, signIn, thread } from './agent.ts';
import { askForPerson, openChat, thread as visitorThread, write } from './visitor.ts';
import { DESK, PHONE, startWorld, type World } from './world.ts';

describe.each(['chromium', 'firefox'] as const)('in %s', (name) => {
	let world: World;
	beforeAll(async () => {
		world = await startWorld();
	});
	afterAll(() => world?.close());

	test('a visitor asks for a person, a phone rings with the app closed, an agent answers', async () => {
		const phone = await world.open(name, { context: PHONE });
		const app = await phone.newPage();
		await signIn(app, world);
		await enableNotifications(app);
		await goOnline(app);
		await app.close();

		const laptop = await world.open(name, { context: DESK });
		const site = await laptop.newPage();
		const chat = await openChat(site, world.website);
		await write(chat, 'My boat has a dent');
		await askForPerson(chat);

		const ring = await world.desktop.waitFor(({ body }) => body.includes('dent'));
		expect(phone.pages().filter(isApp)).toEqual([]);
		const opened = phone.waitForEvent('page', { predicate: (page) => isSoonApp(page) });
		world.desktop.press(ring);
		const conversation = await opened;
		await conversation.getByText('My boat has a dent').first().waitFor();
		await composer(conversation).waitFor();
		expect(conversation.url()).toMatch(/\/chats\/[0-9a-f-]{36}/);

		await reply(conversation, 'Hello, I can send a new one tomorrow');
		await visitorThread(chat).getByText('Hello, I can send a new one tomorrow').waitFor();
		await chat.getByText('Ana Duarte').first().waitFor();
		await write(chat, 'That would save the trip');
		await thread(conversation).getByText('That would save the trip').waitFor();

		expect(phone.pages().filter(isApp)).toHaveLength(1);
		expect(world.desktop.history.filter(({ body }) => body.includes('dent'))).toHaveLength(1);
		expect(world.services.proxy.refused).toEqual([]);
		expect(world.problems).toEqual([]);
	});
});

const isApp = (page: Page) => page.url().includes('localhost');

/** A window opened by the worker starts empty, then goes where it was told. */
async function isSoonApp(page: Page): Promise<boolean> {
	await page.waitForURL(/\/chats\//);
	return true;
}
