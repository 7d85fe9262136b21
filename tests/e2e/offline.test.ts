import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { composer, reply, signIn, thread, waiting } from './agent.ts';
import { askForPerson, openChat, thread as visitorThread, write } from './visitor.ts';
import { DESK, PHONE, startWorld, type World } from './world.ts';

// A stopped listener is what this is about; browsers report every refused request.
const NO_LISTENER = [
	/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|NetworkError|Failed to fetch|can.t establish|503/i
];

describe.each(['chromium', 'firefox'] as const)('in %s', (name) => {
	let world: World;
	beforeAll(async () => {
		world = await startWorld(NO_LISTENER);
	});
	afterAll(() => world?.close());

	test('three replies written without a connection arrive once and in order, over a restart of the browser', async () => {
		const laptop = await world.open(name, { context: DESK });
		const site = await laptop.newPage();
		const chat = await openChat(site, world.website);
		await write(chat, 'Is the blue one in stock');
		await askForPerson(chat);

		const profile = world.profile();
		let phone = await world.open(name, { profile, context: PHONE });
		let app = await phone.newPage();
		await signIn(app, world);
		await app.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
		// Who has waited shortest is the last in the list of those who wait.
		await waiting(app).last().click();
		await thread(app).getByText('Is the blue one in stock').waitFor();
		await composer(app).waitFor();
		const conversation = app.url();

		// What is half written outlives a reload.
		await composer(app).fill('Half a sent');
		await app.reload();
		await composer(app).waitFor();
		expect(await composer(app).inputValue()).toBe('Half a sent');

		await world.stopServer();
		const replies = ['First: yes', 'Second: two of them', 'Third: shall I hold one'];
		for (const text of replies) await reply(app, text);
		for (const text of replies) await thread(app).getByText(text).waitFor();
		await phone.close();

		phone = await world.open(name, { profile, context: PHONE });
		app = await phone.newPage();
		await app.goto(conversation);
		for (const text of replies) await thread(app).getByText(text).waitFor();
		await app.getByText('Not sent yet').last().waitFor();

		await world.startServer();
		await app.getByText('Not sent yet').first().waitFor({ state: 'detached', timeout: 60_000 });
		await visitorThread(chat).getByText('Third: shall I hold one').waitFor({ timeout: 90_000 });
		expect(wordsIn(await visitorThread(chat).innerText())).toEqual(replies);
		expect(wordsIn(await thread(app).innerText())).toEqual(replies);
		expect(world.problems).toEqual([]);
	});
});

/** The replies in a thread's text, as often and in the order as it shows them. */
const wordsIn = (text: string): string[] => text.match(/(First|Second|Third): .+/g) ?? [];
