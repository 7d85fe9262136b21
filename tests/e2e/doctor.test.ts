import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { enableNotifications, signIn } from './agent.ts';
import { DESK, startWorld, type World } from './world.ts';

const link = (page: Page, name: string) =>
	page.getByRole('listitem').filter({ has: page.getByText(name, { exact: true }) });
const ringTest = (page: Page) => page.getByRole('region', { name: 'Ring test' });

let world: World;
beforeEach(async () => {
	world = await startWorld();
});
afterEach(() => world.close());

describe.each(['chromium', 'firefox'] as const)('in %s', (name) => {
	test('a healthy device rings after ten seconds, and says how long it took', async () => {
		const browser = await world.open(name, { context: DESK });
		const app = await browser.newPage();
		await signIn(app, world);
		await enableNotifications(app);
		await app.goto(`${world.origin}/doctor`);
		await app.getByRole('heading', { name: 'Not proved yet' }).waitFor();
		expect(world.desktop.history).toEqual([]);

		const startedAt = Date.now();
		await ringTest(app).getByRole('button', { name: 'Start' }).click();
		await ringTest(app).getByText('Lock your phone now').waitFor();
		await world.desktop.waitFor('Bellhop test', 30_000);
		expect(Date.now() - startedAt).toBeGreaterThan(9_000);
		const verdict = app.getByRole('heading', { name: /^Delivered in \d+\.\d s$/ });
		await verdict.waitFor({ timeout: 30_000 });
		await link(app, 'Shown on this device')
			.getByText(/^\d+\.\d s$/)
			.waitFor();
		expect(world.desktop.history.map(({ summary }) => summary)).toEqual(['Bellhop test']);
		expect(world.problems).toEqual([]);
	});

	test('a browser that blocks notifications is told which link that is, and what undoes it', async () => {
		const browser = await world.open(name, { context: DESK, isBlocked: true });
		const app = await browser.newPage();
		await signIn(app, world);
		await app.getByRole('link', { name: 'Show me how to allow them' }).waitFor();
		await app.goto(`${world.origin}/doctor`);
		await app.getByRole('heading', { name: 'This device cannot be rung' }).waitFor();

		const broken = link(app, 'Permission');
		await broken.getByText('This browser blocks notifications', { exact: false }).waitFor();
		await broken.getByRole('button', { name: 'I have allowed them' }).waitFor();
		expect(await broken.getByRole('listitem').count()).toBe(3);
		await link(app, 'Subscription').getByText('Checked after the repair').waitFor();
		expect(await ringTest(app).getByRole('button', { name: 'Start' }).isDisabled()).toBe(true);
		expect(world.desktop.history).toEqual([]);
		expect(world.problems).toEqual([]);
	});
});
