import { afterAll, beforeAll, expect, test } from 'vitest';
import { PRESENCE_SETTINGS } from '../../api/presence/settings.ts';
import { type TestApp, testApp } from '../support/app.ts';
import { transitionsToWidget } from '../support/transition.ts';

let app: TestApp;
beforeAll(async () => {
	app = await testApp();
	app.clock.advance(PRESENCE_SETTINGS.quietMs + 1_000);
});
afterAll(() => app.close());

test('an open widget shows every transition within a second', async () => {
	const times = await transitionsToWidget(app, 40);
	expect(times).toHaveLength(40);
	expect(Math.max(...times)).toBeLessThan(1_000);
});
