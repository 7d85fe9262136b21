import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestAgent, type TestApp, testApp } from '../support/app.ts';
import { authenticator } from '../support/authenticator.ts';
import { eventsOf, pull } from '../support/chat.ts';
import { mailedKey, mailsTo } from '../support/mails.ts';
import { ringable } from '../support/reach.ts';

const PASSWORD = 'seven wet umbrellas';
const NEW = 'eight dry umbrellas';
const MINUTE_MS = 60_000;

let app: TestApp;
beforeAll(async () => {
	app = await testApp();
});
afterAll(() => app.close());

const ask = (email: string) => app.stranger().post('/api/auth/forgot', { email });
const reset = (token: string, password = NEW) =>
	app.stranger().post('/api/auth/reset', { token, password });
const signIn = async (email: string, password: string) =>
	(await app.stranger().post('/api/auth/sign-in', { email, password })).status;
const keyOf = async ({ email, userId }: TestAgent) => {
	expect((await ask(email)).status).toBe(200);
	return mailedKey(app, userId, email);
};

describe('a forgotten password', () => {
	test('is replaced by the link in a mail, and every session ends with its stream and pushes', async () => {
		const agent = await app.signedInAgent({ password: PASSWORD });
		const deviceId = await ringable(app, agent);
		const { cursor } = await pull(agent);
		const query = new URLSearchParams({ team: agent.team.id, cursor, device: deviceId });
		const stream = eventsOf(await agent.get(`/api/stream?${query}`));
		expect((await reset(await keyOf(agent))).status).toBe(200);
		expect(await stream.next()).toBeUndefined();
		expect((await agent.get('/api/me')).status).toBe(401);
		expect(await signIn(agent.email, PASSWORD)).toBe(401);
		expect(await signIn(agent.email, NEW)).toBe(200);
		expect(await mailsTo(app, agent.userId, agent.email)).toMatchObject([
			{ subject: 'Your password was changed' },
			{ subject: 'Choose a new password' }
		]);
	});

	test('of nobody is answered as anybody’s, and nothing is mailed', async () => {
		const agent = await app.signedInAgent({ password: PASSWORD });
		const before = app.jobs.length;
		const unknown = await ask(`nobody-${agent.userId}@example.com`);
		expect(app.jobs).toHaveLength(before);
		const known = await ask(agent.email);
		expect([unknown.status, await unknown.text()]).toEqual([known.status, await known.text()]);
		expect(app.jobs).toHaveLength(before + 1);
	});

	test('cannot be asked for again and again to fill a mailbox', async () => {
		const agent = await app.signedInAgent();
		const statuses = [];
		for (let n = 0; n < 4; n++) statuses.push((await ask(agent.email)).status);
		expect(statuses).toEqual([200, 200, 200, 429]);
	});

	test('is not replaced by one that anybody would guess, and the link stays good', async () => {
		const agent = await app.signedInAgent({ password: PASSWORD });
		const key = await keyOf(agent);
		for (const guess of ['password1234', agent.email, 'Acme-2026-2026', 'too short'])
			expect((await reset(key, guess)).status).toBe(400);
		expect((await reset(key)).status).toBe(200);
	});

	test('leaves passkeys and a stranger’s account alone', async () => {
		const [agent, stranger] = [
			await app.signedInAgent({ password: PASSWORD }),
			await app.signedInAgent({ password: PASSWORD })
		];
		const { challenge } = await (
			await agent.post('/api/passkeys/options', { password: PASSWORD })
		).json();
		const key = authenticator();
		await agent.post('/api/passkeys', { name: 'Phone', ...key.create({ challenge }) });
		await reset(await keyOf(agent));
		const question = await (
			await app.stranger().request('/api/passkeys/sign-in/options', { method: 'POST' })
		).json();
		const answer = key.get(question);
		expect((await app.stranger().post('/api/passkeys/sign-in', answer)).status).toBe(200);
		expect((await stranger.get('/api/me')).status).toBe(200);
		expect(await signIn(stranger.email, PASSWORD)).toBe(200);
	});
});

describe('a link for a new password opens nothing', () => {
	const refused = async (token: string) => {
		const response = await reset(token);
		expect([response.status, await response.json()]).toMatchObject([
			410,
			{ error: { code: 'gone', remedy: 'Ask for another one.' } }
		]);
	};

	test('after its use, after half an hour, or once there is a newer one', async () => {
		const agent = await app.signedInAgent({ password: PASSWORD });
		const older = await keyOf(agent);
		const newer = await keyOf(agent);
		await refused(older);
		expect((await reset(newer)).status).toBe(200);
		await refused(newer);
		app.clock.advance(10 * MINUTE_MS);
		const late = await keyOf(agent);
		app.clock.advance(30 * MINUTE_MS);
		await refused(late);
		await refused('t'.repeat(43));
	});

	test('once the password or the address was changed otherwise', async () => {
		const agent = await app.signedInAgent({ password: PASSWORD });
		const beforeChange = await keyOf(agent);
		await agent.put('/api/profile/password', { current: PASSWORD, password: NEW });
		await refused(beforeChange);
		const toOldAddress = await keyOf(agent);
		const email = `new-${agent.userId}@example.com`;
		await agent.put('/api/profile/email', { email, password: NEW });
		const token = await mailedKey(app, agent.userId, email);
		await app.stranger().post('/api/profile/email/confirm', { token });
		await refused(toOldAddress);
	});

	test('twice, when two use it at the same moment', async () => {
		const agent = await app.signedInAgent({ password: PASSWORD });
		const key = await keyOf(agent);
		const answers = await Promise.all([reset(key), reset(key)]);
		expect(answers.map(({ status }) => status).sort()).toEqual([200, 410]);
	});
});
