import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ORIGIN, type TestApp, testApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
	app = await testApp();
});
afterAll(() => app.close());

const FROM_ELSEWHERE = 'https://evil.example';

/** A sign-out, as a browser sends it for some page. */
const signOut = (headers: Record<string, string>) =>
	app.app.request('/api/auth/sign-out', {
		method: 'POST',
		headers: { 'Content-Type': 'application/json', ...headers },
		body: JSON.stringify({ deviceId: null })
	});

describe('an unsafe request that carries the session cookie', () => {
	test.each<[string, Record<string, string>, number]>([
		['our own page', { 'Sec-Fetch-Site': 'same-origin' }, 200],
		['the person themselves', { 'Sec-Fetch-Site': 'none' }, 200],
		['our own page on plain http', { Origin: ORIGIN }, 200],
		['another site', { 'Sec-Fetch-Site': 'cross-site', Origin: FROM_ELSEWHERE }, 403],
		['another host of our domain', { 'Sec-Fetch-Site': 'same-site' }, 403],
		[
			'another site that forges our Origin',
			{ 'Sec-Fetch-Site': 'cross-site', Origin: ORIGIN },
			403
		],
		['another site on plain http', { Origin: FROM_ELSEWHERE }, 403],
		['another port of our host', { Origin: 'http://localhost:3001' }, 403],
		['a sandboxed frame', { Origin: 'null' }, 403],
		['nobody knows where', {}, 403]
	])('from %s', async (_, headers, status) => {
		const { cookie, get } = await app.signedInAgent();
		const response = await signOut({ Cookie: cookie, ...headers });
		expect(response.status).toBe(status);
		if (status === 403)
			expect(await response.json()).toMatchObject({
				error: { code: 'forbidden', remedy: expect.stringContaining(ORIGIN) }
			});
		expect((await get('/api/me')).status).toBe(status === 403 ? 200 : 401);
	});

	test('is refused before anybody looks at the route', async () => {
		const response = await app.app.request('/nowhere', {
			method: 'DELETE',
			headers: { Cookie: '__Host-session=x' }
		});
		expect(response.status).toBe(403);
	});
});

test('a request without the cookie needs no origin: it acts for nobody', async () => {
	expect((await signOut({})).status).toBe(401);
});

test('a safe request needs no origin', async () => {
	const { cookie } = await app.signedInAgent();
	const response = await app.app.request('/api/me', {
		headers: { Cookie: cookie, 'Sec-Fetch-Site': 'cross-site' }
	});
	expect(response.status).toBe(200);
});
