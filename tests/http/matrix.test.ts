import { afterAll, describe, expect, test } from 'vitest';
import { type TestApp, testApp } from '../support/app.ts';
import { CALLERS, letterOf, worldOf } from '../support/matrix.ts';
import { MATRIX } from '../support/matrix-routes.ts';

const app: TestApp = await testApp();
afterAll(() => app.close());

describe('every route answers each caller as it is written down', () => {
	test.each(MATRIX)('%s %s', async (_, answers, send) => {
		const letters = [];
		for (const caller of CALLERS)
			letters.push(await letterOf(await send(await worldOf(app, caller))));
		expect(letters.join('')).toBe(answers.replaceAll(' ', ''));
	});
});

test('no route is missing', () => {
	const mounted = app.app.routes
		.filter(({ method, path }) => method !== 'ALL' && path.startsWith('/api/'))
		.map(({ method, path }) => `${method} ${path.replace(/\/$/, '')}`);
	const written = new Set(MATRIX.map(([route]) => route.split(' ').slice(0, 2).join(' ')));
	expect([...new Set(mounted)].filter((route) => !written.has(route))).toEqual([]);
});
