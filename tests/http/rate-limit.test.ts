import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestApp, testApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
	app = await testApp({ config: { trustedProxies: ['10.0.0.0/8', '::1'] } });
});
afterAll(() => app.close());

const MINUTE = 60_000;
let people = 0;
const newEmail = () => `guessed${people++}@example.com`;

/** One sign-in attempt over a proxy that tells who asked. */
const attempt = (email: string, address: string) =>
	app.stranger().request('/api/auth/sign-in', {
		method: 'POST',
		headers: { 'Content-Type': 'application/json', 'X-Forwarded-For': address },
		body: JSON.stringify({ email, password: 'not the password' })
	});

const statuses = async (n: number, send: (i: number) => Promise<Response>) => {
	const seen: number[] = [];
	for (let i = 0; i < n; i++) seen.push((await send(i)).status);
	return seen;
};

describe('sign-in', () => {
	test('takes five guesses at an account from one address, then one a minute', async () => {
		const email = newEmail();
		expect(await statuses(5, () => attempt(email, '192.0.2.1'))).toEqual(Array(5).fill(401));
		const refused = await attempt(email, '192.0.2.1');
		expect(refused.status).toBe(429);
		const seconds = Number(refused.headers.get('Retry-After'));
		expect(seconds).toBeGreaterThan(50);
		expect(seconds).toBeLessThanOrEqual(60);
		expect(await refused.json()).toMatchObject({
			error: { code: 'rate_limited', retryAfterMs: expect.any(Number), remedy: /^Wait \d+ s/ }
		});
		app.clock.advance(seconds * 1000);
		expect(await statuses(2, () => attempt(email, '192.0.2.1'))).toEqual([401, 429]);
	});

	test('lets a stranger’s guesses lock nobody out elsewhere', async () => {
		const email = newEmail();
		await statuses(6, () => attempt(email, '192.0.2.2'));
		expect((await attempt(email, '192.0.2.3')).status).toBe(401);
	});

	test('limits what one address tries over many accounts', async () => {
		const seen = await statuses(21, () => attempt(newEmail(), '192.0.2.4'));
		expect(seen.filter((status) => status === 401)).toHaveLength(20);
		expect(seen.at(-1)).toBe(429);
	});

	test('limits what many addresses try on one account', async () => {
		const email = newEmail();
		const seen = await statuses(51, (i) => attempt(email, `198.51.100.${i}`));
		expect(seen.at(-2)).toBe(401);
		expect(seen.at(-1)).toBe(429);
	});

	test('counts a whole /64 of IPv6 as one address', async () => {
		const seen = await statuses(21, (i) => attempt(newEmail(), `2001:db8:1:2::${i}`));
		expect(seen.at(-1)).toBe(429);
		expect((await attempt(newEmail(), '2001:db8:1:3::1')).status).toBe(401);
	});

	test('limits an address before it reads the body', async () => {
		await statuses(20, () => attempt(newEmail(), '192.0.2.5'));
		const response = await app.stranger().request('/api/auth/sign-in', {
			method: 'POST',
			headers: { 'X-Forwarded-For': '192.0.2.5' },
			body: 'not even JSON'
		});
		expect(response.status).toBe(429);
	});
});

describe('sign-up', () => {
	test('is limited per address', async () => {
		const { post } = app.stranger();
		const seen = await statuses(11, () => post('/api/auth/sign-up', {}));
		expect(seen).toEqual([...Array(10).fill(400), 429]);
		app.clock.advance(6 * MINUTE);
		expect((await post('/api/auth/sign-up', {})).status).toBe(400);
	});
});
