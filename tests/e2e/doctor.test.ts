import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { enableNotifications, signIn } from './agent.ts';
import { DESK, startWorld, type World } from './world.ts';

const link = (page: Page, name: string) =>
	page.getByRole('listitem').filter({ has: page.getByText(name, { exact: true }) });
const ringTest = (page: Page) => page.getByRole('region', { name: 'Ring test' });

/** A test that the push service takes and never delivers; its id. */
async function sendLost(app: Page, name: 'chromium' | 'firefox'): Promise<string> {
	const endpoint = await app.evaluate(async () => {
		const { pushManager } = await navigator.serviceWorker.ready;
		return (await pushManager.getSubscription())?.endpoint ?? '';
	});
	const service = name === 'chromium' ? world.services.google : world.services.mozilla;
	service.find(endpoint)?.answers.push({ status: 201 });
	return app.evaluate(async () => {
		const { devices } = await (await fetch('/api/push/state')).json();
		const body = JSON.stringify({ deviceId: devices[0].id });
		const headers = { 'Content-Type': 'application/json' };
		const answer = await fetch('/api/push/test', { method: 'POST', headers, body });
		return (await answer.json()).deliveryId;
	});
}

/** What lies on the clipboard, as a person finds it out. */
async function pasted(app: Page): Promise<string> {
	await app.evaluate(() => {
		const field = document.createElement('textarea');
		document.body.append(field);
		field.focus();
	});
	await app.keyboard.press('ControlOrMeta+v');
	return app.evaluate(() => {
		const field = document.querySelector('body > textarea') as HTMLTextAreaElement;
		const { value } = field;
		field.remove();
		return value;
	});
}

let world: World;
beforeEach(async () => {
	world = await startWorld();
});
afterEach(() => world?.close());

describe.each(['chromium', 'firefox'] as const)('in %s', (name) => {
	test('a healthy device rings after ten seconds, says so, and can be asked about and repaired', async () => {
		const browser = await world.open(name, { context: DESK });
		const app = await browser.newPage();
		await signIn(app, world);
		await enableNotifications(app);
		await app.goto(`${world.origin}/doctor`);
		await app.getByRole('heading', { name: 'Not proved yet' }).waitFor();
		expect(world.desktop.history).toEqual([]);
		const lost = await sendLost(app, name);

		const startedAt = Date.now();
		await ringTest(app).getByRole('button', { name: 'Start' }).click();
		await ringTest(app).getByText('Lock your phone now').waitFor();
		await world.desktop.waitFor('Bellhop test', 60_000);
		expect(Date.now() - startedAt).toBeGreaterThan(9_000);
		const verdict = app.getByRole('heading', { name: /^Delivered in \d+\.\d s$/ });
		await verdict.waitFor();
		await link(app, 'Shown on this device')
			.getByText(/^\d+\.\d s$/)
			.waitFor();
		expect(world.desktop.history.map(({ summary }) => summary)).toEqual(['Bellhop test']);

		await app.getByRole('button', { name: 'Copy report' }).click();
		if (name === 'firefox') {
			await app.getByText('The report is copied.').waitFor();
			expect(await pasted(app)).toMatch(
				/^Bellhop doctor, .+\nDelivered in \d+\.\d s\. [\s\S]+\n9\. Shown on this device: ok\. /
			);
		}
		// A clipboard of Playwright's is there or not: either is said.
		else
			await app
				.getByText(/^(The report is copied|This browser lets nothing be copied)\./)
				.waitFor();

		// Nobody pressed it: only the person knows whether it rang.
		await app.route('**/api/push/opened', (route) => route.fulfill({ json: {} }));
		await app.goto(`${world.origin}/doctor?test=${lost}`);
		await ringTest(app).getByText('Did it ring?').waitFor();
		if (name === 'chromium') {
			await ringTest(app).getByRole('button', { name: 'It rang' }).click();
			await ringTest(app).getByText('You say that it rang.').waitFor();
		} else {
			await ringTest(app).getByRole('button', { name: 'It did not' }).click();
			await ringTest(app).getByText('It did not ring').waitFor();
			await link(app, 'Shown on this device').getByText('You say that it did not ring').waitFor();
		}

		await app.evaluate(async () => {
			const { pushManager } = await navigator.serviceWorker.ready;
			await (await pushManager.getSubscription())?.unsubscribe();
		});
		await app.getByRole('button', { name: 'Check again' }).click();
		const dropped = link(app, 'Subscription');
		await dropped.getByText('The browser dropped it.', { exact: false }).waitFor();
		await dropped.getByRole('button', { name: 'Repair' }).click();
		await dropped.getByText('Registered with', { exact: false }).waitFor();
		await app.getByRole('button', { name: 'Repair' }).waitFor({ state: 'detached' });
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
