import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestAgent, type TestApp, testApp } from '../support/app.ts';
import { authenticator } from '../support/authenticator.ts';
import { mailsTo } from '../support/mails.ts';

const PASSWORD = 'seven wet umbrellas';
const MINUTE_MS = 60_000;

let app: TestApp;
beforeAll(async () => {
	app = await testApp();
});
afterAll(() => app.close());

type Key = ReturnType<typeof authenticator>;
type Answering = Parameters<Key['get']>[0];

const options = async (agent: TestAgent) =>
	(await agent.post('/api/passkeys/options', { password: PASSWORD })).json();
const add = async (agent: TestAgent, key: Key, more: Partial<Answering> = {}) => {
	const { challenge } = await options(agent);
	return agent.post('/api/passkeys', { name: 'My phone', ...key.create({ challenge, ...more }) });
};
const question = async (): Promise<{ challenge: string }> =>
	(await app.stranger().request('/api/passkeys/sign-in/options', { method: 'POST' })).json();
const signIn = async (key: Key, more: Partial<Answering> = {}) => {
	const { challenge } = await question();
	return app.stranger().post('/api/passkeys/sign-in', key.get({ challenge, ...more }));
};
const listed = async (agent: TestAgent) =>
	(await (await agent.get('/api/passkeys')).json()).passkeys;
async function withKey() {
	const agent = await app.signedInAgent({ password: PASSWORD });
	const key = authenticator();
	const response = await add(agent, key);
	expect(response.status, await response.clone().text()).toBe(200);
	return { agent, key };
}

describe('a passkey', () => {
	test('is added after the password, and the person is told by mail', async () => {
		const { agent, key } = await withKey();
		expect(await listed(agent)).toEqual([
			{ id: key.id, name: 'My phone', createdAt: expect.any(Number), lastUsedAt: null }
		]);
		expect(await mailsTo(app, agent.userId, agent.email)).toMatchObject([
			{ subject: 'A passkey was added to your account', text: expect.stringContaining('My phone') }
		]);
		expect(await options(agent)).toMatchObject({
			rp: { id: 'localhost', name: 'Bellhop' },
			user: { name: agent.email },
			excludeCredentials: [{ id: key.id }],
			authenticatorSelection: { residentKey: 'required', userVerification: 'required' }
		});
	});

	test('signs its person in without a password, and is seen to have been used', async () => {
		const { agent, key } = await withKey();
		const response = await signIn(key);
		expect(response.headers.get('Set-Cookie')).toMatch(/^__Host-session=/);
		expect(await response.json()).toMatchObject({ user: { id: agent.userId } });
		expect((await listed(agent))[0].lastUsedAt).toEqual(expect.any(Number));
	});

	test('is named and removed by its person alone, and then opens nothing', async () => {
		const { agent, key } = await withKey();
		const other = await app.signedInAgent({ password: PASSWORD });
		const { id } = key;
		expect((await other.put('/api/passkeys', { id, name: 'Mine' })).status).toBe(404);
		expect((await other.delete('/api/passkeys', { id, password: PASSWORD })).status).toBe(404);
		expect((await agent.put('/api/passkeys', { id, name: 'Key ring' })).status).toBe(200);
		expect(await listed(agent)).toMatchObject([{ name: 'Key ring' }]);
		expect((await agent.delete('/api/passkeys', { id, password: 'wrong' })).status).toBe(403);
		expect((await agent.delete('/api/passkeys', { id, password: PASSWORD })).status).toBe(200);
		expect(await listed(agent)).toEqual([]);
		expect((await signIn(key)).status).toBe(401);
	});

	test('is not added without the password, nor by another person’s question, nor twice', async () => {
		const { agent, key } = await withKey();
		const wrong = await agent.post('/api/passkeys/options', { password: 'wrong' });
		expect([wrong.status, (await wrong.json()).error.field]).toEqual([403, 'password']);
		const other = await app.signedInAgent({ password: PASSWORD });
		const { challenge } = await options(other);
		const fresh = authenticator();
		const body = { name: 'Theirs', ...fresh.create({ challenge }) };
		expect((await agent.post('/api/passkeys', body)).status).toBe(403);
		expect((await add(other, key)).status).toBe(409);
		expect(await listed(other)).toEqual([]);
	});
});

describe('an answer is refused', () => {
	const wrongs: [string, Partial<Answering>][] = [
		['made for another website', { origin: 'https://evil.example' }],
		['of a key for another host', { host: 'evil.example' }],
		['where nobody was asked who is there', { isVerified: false }],
		['to a question that we never asked', { challenge: Buffer.alloc(32, 7).toString('base64url') }]
	];
	test.each(wrongs)('%s, at adding and at signing in', async (_, wrong) => {
		const { agent, key } = await withKey();
		expect((await add(agent, authenticator(), wrong)).status).toBe(403);
		expect((await signIn(key, wrong)).status).toBe(401);
		expect(await listed(agent)).toHaveLength(1);
	});

	test('that was given before, or comes too late', async () => {
		const { key } = await withKey();
		const { challenge } = await question();
		const body = key.get({ challenge });
		expect((await app.stranger().post('/api/passkeys/sign-in', body)).status).toBe(200);
		expect((await app.stranger().post('/api/passkeys/sign-in', body)).status).toBe(401);
		const late = await question();
		app.clock.advance(5 * MINUTE_MS);
		const answer = key.get(late);
		expect((await app.stranger().post('/api/passkeys/sign-in', answer)).status).toBe(401);
	});

	test('signed by another key, or by a copy whose counter lags behind', async () => {
		const { key } = await withKey();
		const { challenge } = await question();
		const forged = { ...authenticator().get({ challenge }), id: key.id };
		expect((await app.stranger().post('/api/passkeys/sign-in', forged)).status).toBe(401);
		expect((await signIn(key, { counter: 5 })).status).toBe(200);
		expect((await signIn(key, { counter: 4 })).status).toBe(401);
		expect((await signIn(key, { counter: 6 })).status).toBe(200);
	});
});
