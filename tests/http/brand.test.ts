import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { avatarPath } from '#contract/avatar.ts';
import { newId } from '#contract/ids.ts';
import { ORIGIN, type TestAgent, type TestApp, testApp } from '../support/app.ts';
import { act, callPerson, eventsOf, pull, reply, say, seen } from '../support/chat.ts';
import { drawing } from '../support/pictures.ts';

let app: TestApp;
beforeAll(async () => {
	app = await testApp();
	// Past the first moments, in which the server cannot vouch for anybody.
	app.clock.advance(300_000);
});
afterAll(() => app.close());

const settings = (admin: TestAgent, more: object = {}) =>
	admin.put('/api/teams/settings', {
		teamId: admin.team.id,
		name: 'Tideline Kayaks',
		brandName: 'Tideline',
		brandColor: '#1d4ed8',
		showAgentsAs: 'agents',
		...more
	});
const upload = async (client: TestAgent, path: string) => {
	const file = await drawing(400, 400).png().toBuffer();
	const headers = { 'Content-Type': 'image/png' };
	const response = await client.request(path, {
		method: 'PUT',
		body: new Uint8Array(file),
		headers
	});
	return (await response.json()).avatar as string;
};
const goOnline = (agent: TestAgent) =>
	agent.put('/api/presence/intent', {
		teamId: agent.team.id,
		status: 'online',
		deviceId: newId(),
		page: { id: newId(), visibility: 'visible', isFocused: true, idleMs: 0 }
	});

test('a brand is seen by colleagues and in widgets', async () => {
	const admin = await app.signedInAgent({ role: 'admin' });
	const { cursor } = await pull(admin);
	const response = await settings(admin);
	expect(await response.json()).toMatchObject({ brandName: 'Tideline', brandColor: '#1d4ed8' });
	const avatar = await upload(admin, `/api/teams/avatar?team=${admin.team.id}`);
	expect((await pull(admin, cursor)).team).toMatchObject({
		name: 'Tideline Kayaks',
		brandAvatar: avatar
	});
	const session = await app
		.stranger()
		.post('/api/widget/session', { botId: admin.team.botId, hostOrigin: ORIGIN });
	expect((await session.json()).brand).toEqual({ name: 'Tideline', color: '#1d4ed8', avatar });
	expect((await app.stranger().get(avatarPath(avatar, 128))).status).toBe(200);
	await admin.delete('/api/teams/avatar', { teamId: admin.team.id });
	expect((await app.stranger().get(avatarPath(avatar, 128))).status).toBe(404);
});

test('a colour that is none, and a picture that is none, change nothing', async () => {
	const admin = await app.signedInAgent({ role: 'admin' });
	await settings(admin);
	const bad = await settings(admin, { brandColor: 'red;}body{' });
	expect([bad.status, (await bad.json()).error.field]).toEqual([400, 'brandColor']);
	const avatar = await upload(admin, `/api/teams/avatar?team=${admin.team.id}`);
	const file = await admin.request(`/api/teams/avatar?team=${admin.team.id}`, {
		method: 'PUT',
		body: '<svg/>',
		headers: { 'Content-Type': 'image/svg+xml' }
	});
	expect(file.status).toBe(400);
	expect((await pull(admin)).team).toMatchObject({ brandColor: '#1d4ed8', brandAvatar: avatar });
});

describe('while the team shows itself instead of its agents', () => {
	test('no byte that a widget receives tells who any of them is', async () => {
		const admin = await app.signedInAgent({ role: 'admin' });
		const { team } = admin;
		const agents = [await app.signedInAgent({ team }), await app.signedInAgent({ team })] as const;
		const secrets: string[] = [];
		for (const [n, agent] of [...agents, admin].entries()) {
			const names = { firstName: `Firstname${n}`, lastName: `Lastname${n}` };
			await agent.put('/api/profile', names);
			const avatar = await upload(agent, '/api/profile/avatar');
			secrets.push(agent.userId, agent.email, avatar, ...Object.values(names));
			await goOnline(agent);
		}
		await settings(admin, { showAgentsAs: 'team' });
		const brandAvatar = await upload(admin, `/api/teams/avatar?team=${team.id}`);
		const ofBot = `/api/bots/avatar?team=${team.id}&bot=${team.botId}`;
		const botAvatar = await upload(admin, ofBot);
		const visitor = await app.newVisitor({ team });
		const received: string[] = [];
		const stream = await visitor.get('/api/widget/stream?after=0');
		const events = eventsOf(stream);
		const keep = async (response: Response) => {
			received.push(JSON.stringify([...response.headers]), await response.text());
			return response;
		};
		const [chat, note] = [newId(), newId()];
		await say(visitor, chat, 'Hello');
		await callPerson(visitor, chat);
		const [ann, ben] = agents;
		await act(ann, reply(chat, 'Hi'));
		await act(ann, {
			name: 'note',
			args: { conversationId: chat, messageId: note, body: 'Secretly' }
		});
		await act(ann, {
			name: 'assign',
			args: { conversationId: chat, agentId: ben.userId, expectedId: ann.userId }
		});
		await act(ben, reply(chat, 'I am here'));
		for (const name of ['resolve', 'reopen', 'hand_back'] as const)
			await act(ben, { name, args: { conversationId: chat } });
		await callPerson(visitor, chat);
		await act(admin, { name: 'claim', args: { conversationId: chat } });
		await say(visitor, chat, 'The end');
		for (let event = await events.next(); event; event = await events.next()) {
			received.push(JSON.stringify(event));
			if (event.data.includes('The end')) break;
		}
		await events.end();
		const body = { botId: team.botId, hostOrigin: ORIGIN, token: visitor.token };
		await keep(await app.stranger().post('/api/widget/session', body));
		await keep(await visitor.get('/api/widget/state?after=0'));
		await keep(await app.stranger().get(`/api/widget/availability?bot=${team.botId}`));
		await keep(await visitor.post('/api/widget/email', { email: 'vera@example.com' }));
		await keep(await visitor.post('/api/widget/read', { conversationId: chat, seq: 2 }));
		await keep(await visitor.post('/api/widget/escalate', { conversationId: chat, id: newId() }));
		await keep(
			await visitor.post('/api/widget/messages', { conversationId: newId(), id: 'x', body: '' })
		);
		await keep(
			await visitor.post('/api/widget/messages', {
				...{ conversationId: chat, id: newId(), body: 'One more thing' }
			})
		);
		const everything = received.join('\n');
		for (const secret of [...secrets, 'Secretly', note]) expect(everything).not.toContain(secret);
		// Not because there was nothing: the chat went on, under the brand's name and picture.
		const state = await seen(visitor);
		expect(state.messages.map(({ body }) => body)).toEqual(
			expect.arrayContaining(['Hi', 'I am here'])
		);
		expect(state.conversation?.agent).toEqual({ id: null, name: 'Tideline', avatar: brandAvatar });
		expect(state.availability).toMatchObject({
			status: 'online',
			agents: [{ id: null, name: 'Tideline' }]
		});
		const pictures = [...everything.matchAll(/"avatar\\*":\\*"([0-9a-f]{32})/g)];
		expect(new Set(pictures.map(([, hash]) => hash))).toEqual(new Set([brandAvatar, botAvatar]));
	});

	test('what an open widget had been told is told anew', async () => {
		const admin = await app.signedInAgent({ role: 'admin' });
		const visitor = await app.newVisitor({ team: admin.team });
		const chat = newId();
		await say(visitor, chat, 'Hello');
		await callPerson(visitor, chat);
		await act(admin, reply(chat, 'Hi'));
		const events = eventsOf(await visitor.get('/api/widget/stream?after=0'));
		expect((await events.next())?.data).toContain(admin.userId);
		await settings(admin, { showAgentsAs: 'team' });
		const again = await events.next();
		expect(again?.data).toContain('"Hi"');
		expect(again?.data).not.toContain(admin.userId);
		await events.end();
	});
});
