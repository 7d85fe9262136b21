import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { avatarPath } from '#contract/avatar.ts';
import { newId } from '#contract/ids.ts';
import { ORIGIN, type TestAgent, type TestApp, testApp } from '../support/app.ts';
import { callPerson, pull, pullAll, say } from '../support/chat.ts';
import { drawing } from '../support/pictures.ts';

let app: TestApp;
beforeAll(async () => {
	app = await testApp();
});
afterAll(() => app.close());

const SHOP = 'https://shop.example';
const settings = {
	name: 'Shop helper',
	color: '#1d4ed8',
	greeting: 'Ask me',
	quickQuestions: [{ question: 'Where is my order?', answer: 'On its way.' }],
	humanEscalation: false,
	humanOnly: false,
	showAvailability: false,
	allowedOrigins: [SHOP]
};
const editor = () => app.signedInAgent({ role: 'editor' });
const create = (by: TestAgent, id = newId()) =>
	by.post('/api/bots', { teamId: by.team.id, id, name: 'Second' });
const save = (by: TestAgent, id: string, more: object = {}) =>
	by.put('/api/bots', { teamId: by.team.id, id, ...settings, ...more });
const listed = async (by: TestAgent): Promise<{ id: string }[]> =>
	(await (await by.get(`/api/bots?team=${by.team.id}`)).json()).bots;
const session = (botId: string, hostOrigin: string) =>
	app.stranger().request('/api/widget/session', {
		method: 'POST',
		headers: { 'Content-Type': 'application/json', Origin: ORIGIN },
		body: JSON.stringify({ botId, hostOrigin })
	});

test('a new bot is in everybody’s inbox and works at once', async () => {
	const by = await editor();
	const colleague = await app.signedInAgent({ team: by.team });
	const { cursor } = await pull(colleague);
	const id = newId();
	expect(await (await create(by, id)).json()).toMatchObject({
		id,
		name: 'Second',
		allowedOrigins: []
	});
	expect((await pull(colleague, cursor)).bots).toMatchObject([{ id, name: 'Second' }]);
	expect((await session(id, ORIGIN)).status).toBe(200);
	expect((await create(by, id)).status).toBe(409);
	expect((await create(await editor(), id)).status).toBe(409);
});

test('its settings are what visitors get and colleagues see, its answers only visitors', async () => {
	const by = await editor();
	const { botId } = by.team;
	expect((await session(botId, SHOP)).status).toBe(403);
	const { cursor } = await pull(by);
	expect(await (await save(by, botId)).json()).toEqual({
		id: botId,
		avatar: null,
		...settings
	});
	expect(await listed(by)).toEqual([{ id: botId, avatar: null, ...settings }]);
	const opened = await (await session(botId, SHOP)).json();
	expect(opened.bot).toMatchObject({
		name: 'Shop helper',
		quickQuestions: ['Where is my order?'],
		humanEscalation: false
	});
	expect(opened.state.availability.status).toBe('none');
	const [bot] = (await pull(by, cursor)).bots;
	expect(bot).toMatchObject({
		name: 'Shop helper',
		color: '#1d4ed8',
		quickQuestions: ['Where is my order?']
	});
});

test.each([
	'shop.example',
	'https://shop.example/',
	'https://shop.example/path',
	'https://*.example',
	'javascript:alert(1)',
	'https://user@shop.example',
	"https://shop.example; script-src 'unsafe-inline'",
	'HTTPS://SHOP.EXAMPLE'
])('%s is no website that could be allowed', async (origin) => {
	const by = await editor();
	const response = await save(by, by.team.botId, { allowedOrigins: [origin] });
	expect([response.status, (await response.json()).error.field]).toEqual([400, 'allowedOrigins.0']);
});

describe('a bot’s picture', () => {
	const upload = (by: TestAgent, file: Buffer | string, botId = by.team.botId) =>
		by.request(`/api/bots/avatar?team=${by.team.id}&bot=${botId}`, {
			method: 'PUT',
			body: typeof file === 'string' ? file : new Uint8Array(file)
		});
	const uploaded = async (by: TestAgent, side = 400): Promise<string> =>
		(await (await upload(by, await drawing(side, side).png().toBuffer())).json()).avatar;
	const shown = async (by: TestAgent): Promise<string | null> =>
		(await (await session(by.team.botId, ORIGIN)).json()).bot.avatar;
	const statusOf = async (hash: string) => (await app.stranger().get(avatarPath(hash, 128))).status;

	test('is what visitors get and colleagues see, and its settings leave it alone', async () => {
		const by = await editor();
		const { id: teamId, botId } = by.team;
		const { cursor } = await pull(by);
		expect(await shown(by)).toBeNull();
		const hash = await uploaded(by);
		expect(await shown(by)).toBe(hash);
		expect((await pull(by, cursor)).bots).toMatchObject([{ id: botId, avatar: hash }]);
		expect(await (await save(by, botId)).json()).toMatchObject({ avatar: hash });
		expect(await statusOf(hash)).toBe(200);
		const next = await uploaded(by, 500);
		expect([await shown(by), await statusOf(hash)]).toEqual([next, 404]);
		await by.delete('/api/bots/avatar', { teamId, id: botId });
		expect([await shown(by), await statusOf(next)]).toEqual([null, 404]);
	});

	test('goes with the bot', async () => {
		const admin = await app.signedInAgent({ role: 'admin' });
		const hash = await uploaded(admin);
		await admin.delete('/api/bots', { teamId: admin.team.id, id: admin.team.botId });
		expect(await statusOf(hash)).toBe(404);
	});

	test.each([
		['a drawing with script in it', '<svg xmlns="http://www.w3.org/2000/svg"/>', 400],
		['a small one', drawing(399, 399), 400],
		['one of more than 2 MB', Buffer.alloc(2 * 1024 * 1024 + 1), 413]
	])('stays where the next is refused: %s', async (_, file, status) => {
		const by = await editor();
		const hash = await uploaded(by);
		const bytes =
			typeof file === 'string' || Buffer.isBuffer(file) ? file : await file.png().toBuffer();
		const response = await upload(by, bytes);
		expect([response.status, (await response.json()).error.field]).toEqual([status, 'picture']);
		expect(await shown(by)).toBe(hash);
	});

	test('is no matter of strangers, nor of those without access to the bot', async () => {
		const by = await editor();
		const hash = await uploaded(by);
		const stranger = await editor();
		const unlisted = await app.signedInAgent({ team: by.team, role: 'editor' });
		const owner = await app.signedInAgent({ team: by.team, role: 'owner' });
		const grant = { role: 'editor', roleId: null, botIds: [] };
		await owner.put('/api/members', { teamId: by.team.id, userId: unlisted.userId, ...grant });
		const file = await drawing(400, 400).png().toBuffer();
		for (const other of [{ ...stranger, team: by.team }, unlisted])
			expect((await upload(other, file)).status).toBe(404);
		// Nor by the name of a team of one's own.
		expect((await upload(stranger, file, by.team.botId)).status).toBe(404);
		expect(await shown(by)).toBe(hash);
	});
});

describe('a deleted bot', () => {
	test('takes its visitors and chats along, says how many, and none stays on a device', async () => {
		const admin = await app.signedInAgent({ role: 'admin' });
		const colleague = await app.signedInAgent({ team: admin.team });
		const visitor = await app.newVisitor({ team: admin.team });
		const kept = await app.newBot(admin.team);
		const chat = newId();
		await say(visitor, chat, 'Hello');
		await callPerson(visitor, chat);
		const before = await pullAll(colleague);
		const messages = before.messages.size;
		const { id: teamId, botId } = admin.team;
		const response = await admin.delete('/api/bots', { teamId, id: botId });
		expect(await response.json()).toEqual({ visitors: 1, conversations: 1, messages });
		const page = await pull(colleague, before.cursor);
		expect(page.deletes).toEqual([{ entity: 'bot', id: botId }]);
		expect(page.scope.botIds).toEqual([kept.id]);
		expect((await pullAll(colleague)).conversations.size).toBe(0);
		expect((await visitor.get('/api/widget/state')).status).toBe(401);
		expect((await session(botId, ORIGIN)).status).toBe(404);
		expect((await admin.delete('/api/bots', { teamId, id: botId })).status).toBe(404);
	});

	test('is a matter for those who may delete chats', async () => {
		const by = await editor();
		const response = await by.delete('/api/bots', { teamId: by.team.id, id: by.team.botId });
		expect([response.status, (await response.json()).error.message]).toEqual([
			403,
			expect.stringContaining('chat.delete')
		]);
		expect(await listed(by)).toHaveLength(1);
	});
});

test('a list of bots is all that its member sees and changes, and what they make is on it', async () => {
	const owner = await app.signedInAgent({ role: 'owner' });
	const by = await app.signedInAgent({ team: owner.team, role: 'editor' });
	const other = await app.newBot(owner.team);
	const grant = { role: 'editor', roleId: null, botIds: [other.id] };
	await owner.put('/api/members', { teamId: owner.team.id, userId: by.userId, ...grant });
	expect((await listed(by)).map(({ id }) => id)).toEqual([other.id]);
	expect((await save(by, owner.team.botId)).status).toBe(404);
	const id = newId();
	await create(by, id);
	expect((await listed(by)).map(({ id }) => id)).toEqual([other.id, id]);
	expect((await save(by, id)).status).toBe(200);
});
