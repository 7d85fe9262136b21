import { afterAll, beforeAll, expect, test } from 'vitest';
import { composer, signIn, thread, waiting } from './agent.ts';
import { askForPerson, openChat, write } from './visitor.ts';
import { DESK, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
	world = await startWorld();
});
afterAll(() => world?.close());

test('the server hears, now and then, that an answer to a waiting chat is being written, and nothing of notes', async () => {
	const browser = await world.open('chromium', { context: DESK });
	const chat = await openChat(await browser.newPage(), world.website);
	await write(chat, 'My boat has a dent');
	await askForPerson(chat);
	const desk = await browser.newPage();
	const told: string[] = [];
	desk.on('request', (request) => {
		if (request.url().endsWith('/api/notifications/typing')) told.push(request.postData() ?? '');
	});
	await signIn(desk, world);
	await waiting(desk).filter({ hasText: 'dent' }).click();
	await desk.getByRole('tab', { name: 'Note' }).click();
	const note = desk.getByRole('textbox', { name: 'Note', exact: true });
	await note.waitFor();
	// What comes in meanwhile does not turn the note into an answer that the visitor would read.
	await write(chat, 'It is the blue one');
	await thread(desk).getByText('It is the blue one').waitFor();
	expect(await note.count()).toBe(1);
	await note.pressSequentially('Who knows boats');
	await desk.getByRole('tab', { name: 'Reply' }).click();
	expect(told).toEqual([]);

	const answered = desk.waitForResponse((response) =>
		response.url().endsWith('/api/notifications/typing')
	);
	await composer(desk).pressSequentially('Let me have a look');
	expect((await answered).status()).toBe(200);
	const id = /chats\/([0-9a-f-]{36})/.exec(desk.url())?.[1];
	expect(told.map((body) => JSON.parse(body).conversationId)).toEqual([id]);

	// Once somebody has it, nobody else would be rung anyway.
	await composer(desk).press('Enter');
	await desk.getByText('Let me have a look').first().waitFor();
	expect(world.problems).toEqual([]);
});
