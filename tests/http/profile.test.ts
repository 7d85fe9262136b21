import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '#contract/ids.ts';
import { insertMember } from '../../api/store/member.ts';
import { sql } from '../../api/store/sql.ts';
import { type TestAgent, type TestApp, testApp } from '../support/app.ts';
import { act, callPerson, eventsOf, pull, reply, say, seen } from '../support/chat.ts';
import { mailedKey, mailsTo } from '../support/mails.ts';
import { ringable } from '../support/reach.ts';

const PASSWORD = 'seven wet umbrellas';
const DAY_MS = 86_400_000;

let app: TestApp;
beforeAll(async () => {
	app = await testApp();
});
afterAll(() => app.close());

const ann = (given: Parameters<TestApp['signedInAgent']>[0] = {}) =>
	app.signedInAgent({ password: PASSWORD, ...given });
const profileOf = async (agent: TestAgent) => (await agent.get('/api/profile')).json();
const fails = async (response: Response, status: number, about: Record<string, unknown> = {}) =>
	expect([response.status, await response.json()]).toEqual([
		status,
		{ error: expect.objectContaining({ remedy: expect.stringMatching(/\.$/), ...about }) }
	]);
const signIn = (email: string, password: string) =>
	app.stranger().post('/api/auth/sign-in', { email, password });
/** The same person in one more browser. */
async function elsewhere(agent: TestAgent) {
	const response = await signIn(agent.email, PASSWORD);
	const Cookie = response.headers.get('Set-Cookie')?.split(';')[0] ?? '';
	const browser = app.stranger();
	return { get: (path: string) => browser.request(path, { headers: { Cookie } }) };
}

describe('a name', () => {
	test.each([
		['Zoë', 'van der Berg'],
		['علي', 'الحسيني'],
		['👩‍🚀', 'صفاء Ω'],
		['x'.repeat(255), 'y'.repeat(255)],
		['Ann', '']
	])('%s %s is what colleagues and visitors read', async (firstName, lastName) => {
		const agent = await ann();
		const visitor = await app.newVisitor({ team: agent.team });
		const chat = newId();
		await say(visitor, chat, 'Hello');
		await callPerson(visitor, chat);
		await act(agent, reply(chat, 'Hi'));
		const { cursor } = await pull(agent);
		const response = await agent.put('/api/profile', { firstName, lastName });
		expect(await response.json()).toMatchObject({ firstName, lastName, email: agent.email });
		const name = `${firstName} ${lastName}`.trim();
		expect((await pull(agent, cursor)).members).toMatchObject([{ userId: agent.userId, name }]);
		expect((await seen(visitor)).conversation?.agent?.name).toBe(name);
	});

	test('that is empty shows colleagues the address, and visitors never', async () => {
		const agent = await ann();
		const visitor = await app.newVisitor({ team: agent.team });
		const chat = newId();
		await say(visitor, chat, 'Hello');
		await act(agent, reply(chat, 'Hi'));
		await agent.put('/api/profile', { firstName: ' ', lastName: '' });
		expect((await pull(agent)).members).toContainEqual(
			expect.objectContaining({ userId: agent.userId, name: agent.email })
		);
		const shown = JSON.stringify(await seen(visitor));
		expect(shown).toContain('"Support"');
		expect(shown).not.toContain(agent.email);
	});

	test('is told in every team of the person, and nothing is told where nothing changed', async () => {
		const agent = await ann();
		const other = await app.newTeam();
		await app.db.team(other.id, (tx) => insertMember(tx, agent.userId, 'viewer'));
		const there = { ...agent, team: other };
		const [here, far] = [(await pull(agent)).cursor, (await pull(there)).cursor];
		await agent.put('/api/profile', { firstName: 'Zoe', lastName: 'Lee' });
		expect((await pull(agent, here)).members).toHaveLength(1);
		const page = await pull(there, far);
		expect(page.members).toMatchObject([{ name: 'Zoe Lee' }]);
		await agent.put('/api/profile', { firstName: 'Zoe', lastName: 'Lee' });
		expect((await pull(there, page.cursor)).members).toEqual([]);
	});

	test('of more than 255 characters is refused', async () => {
		const response = await (await ann()).put('/api/profile', {
			firstName: 'x'.repeat(256),
			lastName: ''
		});
		await fails(response, 400, { field: 'firstName' });
	});
});

describe('a password', () => {
	test('is changed with the current one, and every other session ends', async () => {
		const agent = await ann();
		const phone = await elsewhere(agent);
		expect((await phone.get('/api/me')).status).toBe(200);
		const response = await agent.put('/api/profile/password', {
			current: PASSWORD,
			password: 'eight dry umbrellas'
		});
		expect(response.status).toBe(200);
		expect((await phone.get('/api/me')).status).toBe(401);
		expect((await agent.get('/api/me')).status).toBe(200);
		expect((await signIn(agent.email, PASSWORD)).status).toBe(401);
		expect((await signIn(agent.email, 'eight dry umbrellas')).status).toBe(200);
		expect(await mailsTo(app, agent.userId, agent.email)).toMatchObject([
			{ subject: 'Your password was changed' }
		]);
	});

	test('gives the browser that changed it a new session, which keeps its device and its pushes', async () => {
		const agent = await ann();
		const deviceId = await ringable(app, agent);
		const before = agent.cookie;
		const change = { current: PASSWORD, password: 'eight dry umbrellas' };
		const response = await agent.put('/api/profile/password', change);
		expect(response.headers.get('Set-Cookie')).toMatch(/^__Host-session=[a-z2-7]{40}; HttpOnly/);
		const copied = app.stranger();
		expect((await copied.request('/api/me', { headers: { Cookie: before } })).status).toBe(401);
		expect((await agent.get('/api/me')).status).toBe(200);
		const { sessions } = await (await agent.get('/api/profile/sessions')).json();
		expect(sessions).toMatchObject([{ isCurrent: true, deviceName: 'Phone', push: 'live' }]);
		expect(await (await agent.get('/api/push/state')).json()).toMatchObject({
			devices: [{ id: deviceId }]
		});
	});

	test('is not changed without it, nor for one that anybody would guess', async () => {
		const agent = await ann();
		const change = (current: string, password: string) =>
			agent.put('/api/profile/password', { current, password });
		await fails(await change('wrong', 'eight dry umbrellas'), 403, { field: 'current' });
		await fails(await change(PASSWORD, 'too short'), 400, { field: 'password' });
		await fails(await change(PASSWORD, 'password1234'), 400, { field: 'password' });
		for (const guess of [agent.email, 'Acme-2026-2026'])
			await fails(await change(PASSWORD, guess), 400, { field: 'password' });
		expect((await signIn(agent.email, PASSWORD)).status).toBe(200);
	});

	test('cannot be guessed in a borrowed session', async () => {
		const agent = await ann();
		const statuses = [];
		for (let i = 0; i < 12; i++)
			statuses.push(
				(
					await agent.put('/api/profile/password', {
						current: `no ${i}`,
						password: 'eight dry umbrellas'
					})
				).status
			);
		expect(statuses.slice(0, 2)).toEqual([403, 403]);
		expect(statuses.at(-1)).toBe(429);
	});
});

describe('an email address', () => {
	const change = (agent: TestAgent, email: string, password = PASSWORD) =>
		agent.put('/api/profile/email', { email, password });
	const confirm = (token: string) => app.stranger().post('/api/profile/email/confirm', { token });
	const newAddress = () => `new-${newId()}@example.com`;

	test('changes by the link in the mail to the new one, and the old one is told', async () => {
		const agent = await ann();
		const email = newAddress();
		const answer = await (await change(agent, email)).json();
		expect(answer).toMatchObject({ email: agent.email, pendingEmail: { email } });
		expect((await signIn(email, PASSWORD)).status).toBe(401);
		const key = await mailedKey(app, agent.userId, email);
		const { cursor } = await pull(agent);
		expect(await (await confirm(key)).json()).toEqual({ email });
		expect(await profileOf(agent)).toMatchObject({ email, pendingEmail: null });
		expect((await signIn(email, PASSWORD)).status).toBe(200);
		expect(await mailsTo(app, agent.userId, agent.email)).toMatchObject([
			{ subject: 'Your email address was changed', text: expect.stringContaining(email) }
		]);
		expect((await pull(agent, cursor)).members).toMatchObject([{ email }]);
		await fails(await confirm(key), 404);
	});

	test('stays after a cancel, after a day, and where a newer link was sent', async () => {
		const agent = await ann();
		const email = newAddress();
		await change(agent, email);
		const cancelled = await mailedKey(app, agent.userId, email);
		expect(await (await agent.delete('/api/profile/email')).json()).toMatchObject({
			pendingEmail: null
		});
		await fails(await confirm(cancelled), 404);
		await change(agent, email);
		const older = await mailedKey(app, agent.userId, email);
		await change(agent, email);
		await fails(await confirm(older), 404);
		app.clock.advance(DAY_MS);
		expect(await profileOf(agent)).toMatchObject({ email: agent.email, pendingEmail: null });
		await fails(await confirm(await mailedKey(app, agent.userId, email)), 410);
		expect(await profileOf(agent)).toMatchObject({ email: agent.email });
	});

	test('is not changed without the password, nor to one that is taken, even meanwhile', async () => {
		const [agent, other] = [await ann(), await ann()];
		await fails(await change(agent, newAddress(), 'wrong'), 403, { field: 'password' });
		await fails(await change(agent, other.email), 409, { field: 'email' });
		await fails(await change(agent, agent.email), 409, { field: 'email' });
		const email = newAddress();
		await change(agent, email);
		await change(other, email);
		expect((await confirm(await mailedKey(app, other.userId, email))).status).toBe(200);
		await fails(await confirm(await mailedKey(app, agent.userId, email)), 409, { field: 'email' });
		expect(await profileOf(agent)).toMatchObject({ email: agent.email });
	});
});

describe('sessions', () => {
	const listed = async (agent: TestAgent) =>
		(await (await agent.get('/api/profile/sessions')).json()).sessions;

	test('are listed with this one marked, and nobody else’s', async () => {
		const agent = await ann();
		await elsewhere(agent);
		await ann({ team: agent.team });
		const sessions = await listed(agent);
		expect(sessions).toHaveLength(2);
		expect(sessions.filter((session: { isCurrent: boolean }) => session.isCurrent)).toHaveLength(1);
		expect(sessions[0]).toMatchObject({
			deviceName: null,
			push: null,
			lastSeenAt: expect.any(Number)
		});
		expect(sessions.map((session: { address: string }) => session.address).join()).toMatch(
			/10\.\d+\.\d+\.\d+/
		);
	});

	test('end one by one, with the pushes to their device', async () => {
		const agent = await ann();
		const phone = await elsewhere(agent);
		const { id } = (await listed(agent)).find(
			(session: { isCurrent: boolean }) => !session.isCurrent
		);
		expect((await agent.delete('/api/profile/sessions', { id })).status).toBe(200);
		expect((await phone.get('/api/me')).status).toBe(401);
		expect(await listed(agent)).toHaveLength(1);
		await fails(await agent.delete('/api/profile/sessions', { id }), 404);
	});

	test('that end close their stream and stop the pushes to their device at once', async () => {
		const phone = await ann();
		const deviceId = await ringable(app, phone);
		const { cursor } = await pull(phone);
		const query = new URLSearchParams({ team: phone.team.id, cursor, device: deviceId });
		const stream = eventsOf(await phone.get(`/api/stream?${query}`));
		const Cookie = (await signIn(phone.email, PASSWORD)).headers.get('Set-Cookie')?.split(';')[0];
		const response = await app.stranger().request('/api/profile/sessions', {
			method: 'DELETE',
			headers: { Cookie: Cookie ?? '', 'Content-Type': 'application/json' },
			body: JSON.stringify({ id: null })
		});
		expect(response.status).toBe(200);
		expect(await stream.next()).toBeUndefined();
		const left = await app.db.person.many(sql`
			select id from devices where id = ${deviceId}
			union all select device_id from push_subscriptions where device_id = ${deviceId}`);
		expect(left).toEqual([]);
	});

	test('all but this one end at once', async () => {
		const agent = await ann();
		const others = [await elsewhere(agent), await elsewhere(agent)];
		await agent.delete('/api/profile/sessions', { id: null });
		for (const other of others) expect((await other.get('/api/me')).status).toBe(401);
		expect((await agent.get('/api/me')).status).toBe(200);
	});

	test('of somebody else cannot be ended', async () => {
		const [agent, other] = [await ann(), await ann()];
		const [{ id }] = await listed(other);
		await fails(await agent.delete('/api/profile/sessions', { id }), 404);
		expect((await other.get('/api/me')).status).toBe(200);
	});
});

describe('an account', () => {
	const remove = (agent: TestAgent, password = PASSWORD) =>
		agent.delete('/api/profile', { password, reason: 'Moved on' });

	test('is deleted with the password; what was written stays without a name', async () => {
		const agent = await ann();
		const colleague = await app.signedInAgent({ team: agent.team });
		const visitor = await app.newVisitor({ team: agent.team });
		const chat = newId();
		await say(visitor, chat, 'Hello');
		await callPerson(visitor, chat);
		await act(agent, reply(chat, 'My answer'));
		const { cursor } = await pull(colleague);
		await fails(await remove(agent, 'wrong'), 403, { field: 'password' });
		expect((await remove(agent)).status).toBe(200);
		expect((await agent.get('/api/me')).status).toBe(401);
		expect((await signIn(agent.email, PASSWORD)).status).toBe(401);
		const page = await pull(colleague, cursor);
		expect(page.deletes).toContainEqual({ entity: 'member', id: agent.userId });
		expect(page.conversations).toMatchObject([{ id: chat, assigneeId: null }]);
		const state = await seen(visitor);
		expect(state.messages.map(({ body }) => body)).toContain('My answer');
		expect(JSON.stringify(state)).not.toContain('Ann Lee');
	});

	test('of a team’s last owner stays, and nothing of it is touched', async () => {
		const owner = await ann({ role: 'owner' });
		const elsewhereToo = await app.newTeam();
		await app.db.team(elsewhereToo.id, (tx) => insertMember(tx, owner.userId, 'agent'));
		// The team's maker is an owner too: with them gone there is one.
		await app.db.team(owner.team.id, (tx) =>
			tx.executeSql(`delete from members where user_id = '${owner.team.ownerId}'`)
		);
		await fails(await remove(owner), 409);
		expect((await (await owner.get('/api/me')).json()).teams).toHaveLength(2);
	});
});

test('the default team is one of the person’s own', async () => {
	const agent = await ann();
	const stranger = await app.newTeam();
	await fails(await agent.put('/api/profile/default-team', { teamId: stranger.id }), 404);
	const answer = await agent.put('/api/profile/default-team', { teamId: agent.team.id });
	expect(await answer.json()).toMatchObject({ defaultTeamId: agent.team.id });
	expect((await (await agent.get('/api/me')).json()).user).toMatchObject({
		defaultTeamId: agent.team.id
	});
});
