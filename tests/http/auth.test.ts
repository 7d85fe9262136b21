import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Me } from '#contract/auth.ts';
import { createOwnerToken } from '../../api/domain/account/owner-link.ts';
import { cookieRule } from '../../api/http/session.ts';
import { upsertDevice } from '../../api/store/device.ts';
import { sql } from '../../api/store/sql.ts';
import { type TestAgent, type TestApp, testApp } from '../support/app.ts';

const argon2 = vi.hoisted(() => ({ runs: 0 }));
vi.mock('node:crypto', async (original) => {
	const crypto = await original<typeof import('node:crypto')>();
	const counted = (...args: Parameters<typeof crypto.argon2>) => {
		argon2.runs++;
		crypto.argon2(...args);
	};
	return { ...crypto, argon2: counted };
});

const DAY = 86_400_000;
const PASSWORD = 'seven wet umbrellas';

let app: TestApp;
let closedApp: TestApp;
beforeAll(async () => {
	[app, closedApp] = await Promise.all([testApp(), testApp({ config: { isSignUpOpen: false } })]);
});
afterAll(() => Promise.all([app.close(), closedApp.close()]));

let people = 0;
const newEmail = () => `person${people++}@example.com`;
const signUpBody = (more: Record<string, unknown> = {}) => ({
	email: newEmail(),
	password: PASSWORD,
	firstName: 'Ann',
	lastName: 'Lee',
	teamName: 'Acme',
	...more
});

/** The cookie as the browser would send it back. */
const cookieOf = (response: Response) =>
	response.headers.get('Set-Cookie')?.split(';')[0] ?? 'no cookie';

const meWith = (cookie: string) =>
	app.stranger().request('/api/me', { headers: { Cookie: cookie } });

const sessionOf = ({ sessionDigest }: TestAgent) =>
	app.db.person.maybe<{ expiresAt: number }>(
		sql`select expires_at as "expiresAt" from sessions where id = ${sessionDigest}`
	);

async function counts(of: TestApp) {
	return of.db.person.one<{ users: number; sessions: number }>(
		sql`select (select count(*) from users) as users, (select count(*) from sessions) as sessions`
	);
}

/** A device with a push subscription, as the Notification page leaves it. */
async function newDevice(agent: TestAgent) {
	const id = app.deps.newId();
	const { userId, sessionDigest } = agent;
	const seenAt = app.clock.now();
	await upsertDevice(app.db.person, { id, userId, sessionDigest, name: 'Phone', seenAt });
	await app.db.person.run(sql`
		insert into push_subscriptions (device_id, user_id, endpoint, p256dh, auth, key_id)
		values (${id}, ${userId}, ${`https://push.example/${id}`}, 'p', 'a', 'k')`);
	return id;
}

const isSubscribed = async (deviceId: string) =>
	(await app.db.person.maybe(
		sql`select 1 from push_subscriptions where device_id = ${deviceId}`
	)) !== undefined;

const isKnown = async (deviceId: string) =>
	(await app.db.person.maybe(sql`select 1 from devices where id = ${deviceId}`)) !== undefined;

describe('sign-up', () => {
	test('makes a person, a team that is theirs and a first bot, and signs them in', async () => {
		const body = signUpBody({ email: ` ${newEmail().toUpperCase()} ` });
		const response = await app.stranger().post('/api/auth/sign-up', body);
		expect(response.status).toBe(200);
		const me = Me.parse(await response.json());
		expect(me.user).toMatchObject({ email: body.email.trim().toLowerCase(), firstName: 'Ann' });
		expect(me.teams).toMatchObject([{ team: { name: 'Acme' }, role: 'owner' }]);
		const teamId = me.teams[0]?.team.id ?? '';
		const bots = await app.db.team(teamId, (tx) => tx.many(sql`select name from bots`));
		expect(bots).toEqual([{ name: 'Acme' }]);
		const again = await meWith(cookieOf(response));
		expect(await again.json()).toEqual(me);
	});

	test('keeps the password only as argon2id with the advised cost', async () => {
		const body = signUpBody();
		await app.stranger().post('/api/auth/sign-up', body);
		const { hash } = await app.db.person.one<{ hash: string }>(
			sql`select password_hash as hash from users where email = ${body.email}`
		);
		expect(hash).toMatch(
			/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/
		);
	});

	test('refuses a taken address and leaves nothing of the second team', async () => {
		const body = signUpBody();
		await app.stranger().post('/api/auth/sign-up', body);
		const before = await counts(app);
		const response = await app.stranger().post('/api/auth/sign-up', body);
		expect(response.status).toBe(409);
		expect(await response.json()).toMatchObject({ error: { code: 'conflict', field: 'email' } });
		expect(await counts(app)).toEqual(before);
	});

	test.each(['password123', 'QWERTYUIOP', 'aaaaaaaaaaaa'])(
		'refuses the common password %s',
		async (password) => {
			const response = await app.stranger().post('/api/auth/sign-up', signUpBody({ password }));
			expect(response.status).toBe(400);
			expect(await response.json()).toMatchObject({
				error: { field: 'password', remedy: expect.stringContaining('Choose another') }
			});
		}
	);

	test('is closed without the owner link', async () => {
		const without = await closedApp.stranger().post('/api/auth/sign-up', signUpBody());
		expect(without.status).toBe(403);
		const made = signUpBody({ ownerToken: 'made-up' });
		expect((await closedApp.stranger().post('/api/auth/sign-up', made)).status).toBe(403);
		expect(await counts(closedApp)).toEqual({ users: 0, sessions: 0 });
	});

	test('opens once with the owner link, and not after a day', async () => {
		const ownerToken = await createOwnerToken(closedApp.deps);
		const first = signUpBody({ ownerToken });
		expect((await closedApp.stranger().post('/api/auth/sign-up', first)).status).toBe(200);
		const second = signUpBody({ ownerToken });
		expect((await closedApp.stranger().post('/api/auth/sign-up', second)).status).toBe(403);
		const late = signUpBody({ ownerToken: await createOwnerToken(closedApp.deps) });
		closedApp.clock.advance(DAY + 1);
		expect((await closedApp.stranger().post('/api/auth/sign-up', late)).status).toBe(403);
	});

	test('tells the sign-in page whether it is open', async () => {
		const options = await closedApp.stranger().get('/api/auth/options');
		expect(await options.json()).toEqual({ isSignUpOpen: false, isDemo: false });
	});
});

describe('sign-in', () => {
	test('takes the password of sign-up, in any spelling of the address', async () => {
		const body = signUpBody();
		await app.stranger().post('/api/auth/sign-up', body);
		const response = await app
			.stranger()
			.post('/api/auth/sign-in', { email: body.email.toUpperCase(), password: PASSWORD });
		expect(response.status).toBe(200);
		expect((await meWith(cookieOf(response))).status).toBe(200);
	});

	test('takes a password of 1,024 characters, and needs every one of them', async () => {
		const password = 'wet umbrella '.repeat(79).slice(0, 1024);
		const body = signUpBody({ password });
		expect((await app.stranger().post('/api/auth/sign-up', body)).status).toBe(200);
		const signIn = (given: string) =>
			app.stranger().post('/api/auth/sign-in', { email: body.email, password: given });
		expect((await signIn(password.slice(0, -1))).status).toBe(401);
		expect((await signIn(password.toUpperCase())).status).toBe(401);
		expect((await signIn(password)).status).toBe(200);
		expect((await signIn(`${password}x`)).status).toBe(400);
	});

	test('answers an unknown address as it answers a wrong password, after the same work', async () => {
		const { email } = signUpBody();
		await app.stranger().post('/api/auth/sign-up', signUpBody({ email }));
		const attempt = async (input: { email: string; password: string }) => {
			const before = argon2.runs;
			const response = await app.stranger().post('/api/auth/sign-in', input);
			const { status } = response;
			return { status, body: await response.json(), runs: argon2.runs - before };
		};
		const wrong = await attempt({ email, password: 'not the password' });
		const unknown = await attempt({ email: newEmail(), password: 'not the password' });
		expect(unknown).toEqual(wrong);
		expect(wrong).toMatchObject({ status: 401, runs: 1 });
	});

	test('ends the session that the browser had before', async () => {
		const earlier = await app.signedInAgent();
		const body = signUpBody();
		await earlier.post('/api/auth/sign-up', body);
		expect(await sessionOf(earlier)).toBeUndefined();
		expect((await earlier.get('/api/me')).status).toBe(401);
	});
});

describe('the session', () => {
	test.each([
		['https://chat.example.com', '__Host-session', true],
		['http://localhost:3000', '__Host-session', true],
		['http://192.168.1.7:3000', 'session', false],
		['http://127.0.0.1:3000', 'session', false],
		['http://localhost.example.com', 'session', false]
	])('of %s lives in the cookie %s', (origin, name, secure) => {
		expect(cookieRule(origin)).toEqual({ name, secure });
	});

	test('cookie is HttpOnly, Lax, for the whole host, for 30 days', async () => {
		const response = await app.stranger().post('/api/auth/sign-up', signUpBody());
		expect(response.headers.get('Set-Cookie')).toMatch(
			/^__Host-session=[a-z2-7]{40}; HttpOnly; Max-Age=2592000; Path=\/; SameSite=Lax; Secure$/
		);
	});

	test('is stored as a digest only', async () => {
		const response = await app.stranger().post('/api/auth/sign-up', signUpBody());
		const id = cookieOf(response).slice('__Host-session='.length);
		const digest = createHash('sha256').update(id).digest();
		const rows = await app.db.person.many<{ row: string }>(
			sql`select row_to_json(s)::text as row from sessions s where id = ${digest}`
		);
		expect(rows).toHaveLength(1);
		expect(rows[0]?.row).not.toContain(id);
	});

	test('is renewed past half of its life, not before, and ends unused', async () => {
		const agent = await app.signedInAgent();
		const start = (await sessionOf(agent))?.expiresAt ?? 0;
		app.clock.advance(14 * DAY);
		expect((await agent.get('/api/me')).headers.get('Set-Cookie')).toBeNull();
		expect((await sessionOf(agent))?.expiresAt).toBe(start);
		app.clock.advance(2 * DAY);
		expect(cookieOf(await agent.get('/api/me'))).toBe(agent.cookie);
		const renewed = (await sessionOf(agent))?.expiresAt ?? 0;
		expect(Math.abs(renewed - start - 16 * DAY)).toBeLessThan(60_000);
		const deviceId = await newDevice(agent);
		app.clock.advance(30 * DAY);
		expect((await agent.get('/api/me')).status).toBe(401);
		expect(await sessionOf(agent)).toBeUndefined();
		expect(await isSubscribed(deviceId)).toBe(false);
	});

	test('ends half a year after the sign-in, however often it is used', async () => {
		const agent = await app.signedInAgent();
		for (let days = 0; days < 170; days += 10) {
			app.clock.advance(10 * DAY);
			expect((await agent.get('/api/me')).status).toBe(200);
		}
		app.clock.advance(9 * DAY);
		expect((await agent.get('/api/me')).status).toBe(200);
		app.clock.advance(DAY);
		expect((await agent.get('/api/me')).status).toBe(401);
	});

	test('that nobody uses any more is cleared away by somebody’s sign-in', async () => {
		const [gone, alive] = [await app.signedInAgent(), await app.signedInAgent()];
		const [ofGone, ofAlive] = [await newDevice(gone), await newDevice(alive)];
		const longAgo = new Date(app.clock.now() - 1);
		await app.db.person.run(
			sql`update sessions set expires_at = ${longAgo} where id = ${gone.sessionDigest}`
		);
		await app.stranger().post('/api/auth/sign-up', signUpBody());
		expect(await sessionOf(gone)).toBeUndefined();
		expect(await isSubscribed(ofGone)).toBe(false);
		expect(await sessionOf(alive)).toBeDefined();
		expect(await isSubscribed(ofAlive)).toBe(true);
	});

	test('is asked of the database once a minute, and dropped at once when another process ends it', async () => {
		const agent = await app.signedInAgent();
		expect((await agent.get('/api/me')).status).toBe(200);
		await app.db.person.run(sql`delete from sessions where id = ${agent.sessionDigest}`);
		expect((await agent.get('/api/me')).status).toBe(200);
		app.deps.realtime.publish('revoked', agent.sessionDigest.toString('hex'));
		expect((await agent.get('/api/me')).status).toBe(401);
	});

	test.each([
		'no cookie',
		'__Host-session=',
		'__Host-session=%E0%A4%A',
		`__Host-session=${'a'.repeat(40)}`
	])('is not opened by "%s"', async (cookie) => {
		const response = await meWith(cookie);
		expect(response.status).toBe(401);
		expect(await response.json()).toMatchObject({
			error: { code: 'unauthenticated', remedy: 'Sign in.' }
		});
	});
});

describe('sign-out', () => {
	test('ends the session, the device and its pushes, and nobody else’s', async () => {
		const forgotten: string[] = [];
		app.deps.presence.forgetDevice = async (_, id) => void forgotten.push(id);
		const team = await app.newTeam();
		const [ann, bob] = [await app.signedInAgent({ team }), await app.signedInAgent({ team })];
		const [ofAnn, ofBob] = [await newDevice(ann), await newDevice(bob)];
		const response = await ann.post('/api/auth/sign-out', { deviceId: ofAnn });
		expect(response.status).toBe(200);
		expect(response.headers.get('Set-Cookie')).toContain('__Host-session=; HttpOnly; Max-Age=0');
		expect(await sessionOf(ann)).toBeUndefined();
		expect([await isKnown(ofAnn), await isSubscribed(ofAnn)]).toEqual([false, false]);
		expect(forgotten).toEqual([ofAnn]);
		expect((await ann.get('/api/me')).status).toBe(401);
		expect((await bob.get('/api/me')).status).toBe(200);
		expect(await isSubscribed(ofBob)).toBe(true);
	});

	test('does not touch a stranger’s device, whatever id is sent', async () => {
		const [ann, stranger] = [await app.signedInAgent(), await app.signedInAgent()];
		const deviceId = await newDevice(stranger);
		expect((await ann.post('/api/auth/sign-out', { deviceId })).status).toBe(200);
		expect(await isSubscribed(deviceId)).toBe(true);
	});
});
