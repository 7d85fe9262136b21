import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { BrowserName, BrowserOptions } from '../support/browsers.ts';
import { type Desktop, startDesktop } from '../support/desktop.ts';
import { enableNotifications, goOnline, presencePill, signIn } from './agent.ts';
import { faults } from './axe.ts';
import { sideways } from './fit.ts';
import { type Bellhop, type SomebodyHere, startBellhop } from './in-process.ts';
import { DESK, PHONE } from './world.ts';

const IPHONE =
	'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1';
const SIZES = [
	{ size: 'a phone', context: PHONE },
	{ size: 'a desk', context: DESK }
];

let bellhop: Bellhop;
let desktop: Desktop;
let browser: BrowserContext;
beforeAll(async () => {
	[bellhop, desktop] = [await startBellhop(), await startDesktop()];
});
afterEach(async () => {
	await browser.close();
	expect(bellhop.problems.splice(0)).toEqual([]);
});
afterAll(async () => {
	await bellhop?.close();
	await desktop?.close();
});

/** Somebody signed in on a browser of their own, at the chats. */
async function openFor(
	agent: SomebodyHere,
	given: BrowserOptions = {},
	name: BrowserName = 'chromium'
): Promise<Page> {
	browser = await bellhop.open(name, { desktop, ...given });
	const page = await browser.newPage();
	await signIn(page, agent);
	await page
		.getByText(/^This (device does not ring|browser blocks notifications)/)
		.first()
		.waitFor();
	return page;
}

const soon = <T>(ask: () => Promise<T>) => expect.poll(ask, { timeout: 60_000, interval: 250 });
const heading = (page: Page, name: string | RegExp) =>
	page.getByRole('heading', { name, exact: typeof name === 'string' }).first();
const toggle = (page: Page, name: string) => page.getByRole('switch', { name });
const isOn = (page: Page, name: string) => toggle(page, name).getAttribute('aria-checked');
/**
 * In place of a loudspeaker, which test machines lack: silent until something on the page was pressed, as browsers
 * are, and then keeps the lowest tone of each strike in `window.tones`.
 */
const SPEAKER = () => {
	const tones: number[] = [];
	let isPressed = false;
	for (const press of ['pointerdown', 'keydown'])
		window.addEventListener(press, () => (isPressed = true), { capture: true });
	const node = () => ({ connect: (next: unknown) => next, start() {}, stop() {} });
	class Speaker {
		state = 'suspended';
		currentTime = 0;
		destination = {};
		async resume() {
			if (isPressed) this.state = 'running';
		}
		createGain() {
			return { ...node(), gain: { setValueAtTime() {}, exponentialRampToValueAtTime() {} } };
		}
		createOscillator() {
			const frequency = { value: 0 };
			return { ...node(), frequency, start: () => tones.push(Math.round(frequency.value)) };
		}
	}
	Object.assign(window, { AudioContext: Speaker, tones });
};
const tonesOf = (page: Page) =>
	page.evaluate(() => (window as unknown as { tones: number[] }).tones);

/** Opens a page of the app anew: nothing on it has been pressed yet. */
const visit = (page: Page, path: string) => page.goto(bellhop.origin + path);

test.each(['chromium', 'firefox'] as const)(
	'what comes while the app is in sight is told with the way to it, and a %s that keeps silent says so',
	async (name) => {
		const agent = await bellhop.newAgent();
		const page = await openFor(agent, { context: DESK }, name);
		await browser.addInitScript(SPEAKER);
		await visit(page, '/why');
		await page.getByText('The inbox keeps working').waitFor();
		await bellhop.newCaller(agent.team, { name: 'Lena', text: 'Is it in stock' });
		await page.getByText('Lena waits for a person').waitFor();
		const hint = page.getByRole('button', { name: 'Sound is blocked until you click here' });
		await hint.waitFor();
		expect(await faults(page)).toEqual([]);
		expect(await tonesOf(page)).toEqual([]);
		await hint.click();
		await hint.waitFor({ state: 'detached' });
		await soon(async () => (await tonesOf(page)).length).toBeGreaterThan(0);
		const knock = await tonesOf(page);

		const dario = await bellhop.newCaller(agent.team, { name: 'Dario', text: 'Me too' });
		const open = page.getByRole('link', { name: 'Open the chat: Dario waits for a person' });
		await open.focus();
		const hasBell = async () => (await tonesOf(page)).some((tone) => !knock.includes(tone));
		await soon(hasBell).toBe(true);
		await page.keyboard.press('Enter');
		await page.getByRole('log').getByText('Me too').waitFor();
		expect(page.url()).toContain(dario.conversationId);
		await open.waitFor({ state: 'detached' });

		await dario.say('Still there?');
		await page.getByRole('log').getByText('Still there?').waitFor();
		expect(await page.getByRole('link', { name: /^Open the chat/ }).count()).toBe(0);
		expect(await hint.count()).toBe(0);
	}
);

describe.each(SIZES)('on $size', ({ context }) => {
	test('what is set by the keyboard stands after a reload', async () => {
		const page = await openFor(await bellhop.newAgent(), { context });
		await visit(page, '/notification');
		await heading(page, 'Quiet hours').waitFor();
		const browserOffline = 'Browser while offline';
		for (const name of [browserOffline, 'Repeat until somebody has claimed it', 'Quiet hours']) {
			expect(await isOn(page, name)).toBe('false');
			await toggle(page, name).focus();
			await page.keyboard.press('Space');
			await soon(() => isOn(page, name)).toBe('true');
		}
		const mention = page.getByRole('checkbox', { name: 'Mention in a note: Sound' });
		await mention.focus();
		await page.keyboard.press('Space');
		await page.getByRole('radio', { name: 'The whole message' }).focus();
		await page.keyboard.press('ArrowDown');
		await page.getByLabel('From').fill('21:30');
		const zone = page.getByLabel('In the time of');
		await Promise.all([
			page.waitForResponse(
				(answer) => answer.request().postData()?.includes('Europe/Lisbon') ?? false
			),
			zone.selectOption('Europe/Lisbon')
		]);
		expect(await faults(page)).toEqual([]);

		await page.reload();
		await heading(page, 'Quiet hours').waitFor();
		expect({
			browser: await isOn(page, browserOffline),
			sound: await mention.isChecked(),
			privacy: await page.getByRole('radio', { name: 'Only who' }).isChecked(),
			from: await page.getByLabel('From').inputValue(),
			zone: await zone.inputValue()
		}).toEqual({
			...{ browser: 'true', sound: false, privacy: true },
			...{ from: '21:30', zone: 'Europe/Lisbon' }
		});
	});

	test('whoever first goes offline by hand is offered to be rung all the same, once', async () => {
		const agent = await bellhop.newAgent();
		const page = await openFor(agent, { context: { ...context, reducedMotion: 'reduce' } });
		const offer = page.getByRole('dialog', { name: 'Ring while you are offline?' });
		const goOffline = async () => {
			await presencePill(page).press('Enter');
			await page.getByRole('menuitemradio', { name: /^Offline/ }).press('Enter');
			await page.getByRole('button', { name: 'You are Offline' }).first().waitFor();
		};
		await enableNotifications(page);
		await goOnline(page);
		await goOffline();
		await offer.waitFor();
		expect([await faults(page), await sideways(page)]).toEqual([[], []]);
		await offer.getByRole('button', { name: 'Ring me while I am offline' }).press('Enter');
		await offer.waitFor({ state: 'detached' });
		await presencePill(page).press('Enter');
		const ring = page.getByRole('menuitemcheckbox', { name: /^Ring me while I am offline/ });
		expect(await ring.getAttribute('aria-checked')).toBe('true');
		await ring.press('Enter');
		await soon(() => ring.getAttribute('aria-checked')).toBe('false');
		await page.keyboard.press('Escape');
		await visit(page, '/chats');
		await goOnline(page);
		await goOffline();
		await presencePill(page).press('Enter');
		await ring.waitFor();
		expect(await offer.count()).toBe(0);
	});

	test('a test is shown, and the device is proved by it', async () => {
		const page = await openFor(await bellhop.newAgent(), { context });
		await enableNotifications(page);
		await visit(page, '/notification');
		await page.getByText('Notifications are enabled here').waitFor();
		await page.getByText('Unproved').waitFor();
		await page.getByRole('button', { name: 'Send a test notification' }).click();
		await page.getByText(/Shown in \d+\.\d s\. This device said so itself\./).waitFor();
		await page.getByText('This device rings', { exact: true }).waitFor();
		await page.getByText(/Shown just now, in \d+\.\d s · seen just now/).waitFor();
		expect(await faults(page)).toEqual([]);
	});

	test('a test that the device does not answer is answered by its person', async () => {
		const page = await openFor(await bellhop.newAgent(), { context });
		await enableNotifications(page);
		await visit(page, '/notification');
		for (const registration of bellhop.services.google.registrations.values())
			registration.answerTo = () => 'lose';
		await page.getByRole('button', { name: 'Send a test notification' }).click();
		await page.getByText('Waiting for this device to say that it showed it.').waitFor();
		bellhop.app.clock.advance(21_000);
		await page.getByText('Did it ring?').waitFor();
		expect(await faults(page)).toEqual([]);
		expect(await sideways(page)).toEqual([]);
		await page.getByRole('button', { name: 'It rang' }).click();
		await page.getByText('This device rings', { exact: true }).waitFor();
		await page.getByText('Heard ringing', { exact: false }).first().waitFor();
		expect(await page.getByRole('button', { name: 'It did not' }).count()).toBe(0);
	});

	test('a ring test is stopped before it rings, and started anew', async () => {
		const page = await openFor(await bellhop.newAgent(), { context });
		await enableNotifications(page);
		await visit(page, '/doctor');
		await heading(page, 'Not proved yet').waitFor();
		if (context === DESK)
			expect(
				await page.getByRole('link', { name: 'Notification' }).first().getAttribute('aria-current')
			).toBe('page');
		const card = page.getByRole('region', { name: 'Ring test' });
		await card.getByRole('button', { name: 'Start' }).click();
		await card.getByText('Lock your phone now').waitFor();
		expect(await faults(page)).toEqual([]);
		const before = desktop.history.length;
		await card.getByRole('button', { name: 'Stop' }).click();
		await card.getByRole('button', { name: 'Start' }).click();
		await heading(page, /^Delivered in \d+\.\d s$/).waitFor({ timeout: 60_000 });
		expect(desktop.history.slice(before).map(({ summary }) => summary)).toEqual(['Bellhop test']);
	});

	test('an owner sets who rings when, sees who would, and tests everybody', async () => {
		const owner = await bellhop.newAgent({ role: 'owner' });
		const page = await openFor(owner, { context });
		await enableNotifications(page);
		await goOnline(page);
		await visit(page, '/ladder');
		const picture = page.getByRole('list', { name: 'Who rings when' });
		await picture.getByText('After 30 s').waitFor();
		await page.getByLabel('Ring everyone after').selectOption({ label: '45 s' });
		await picture.getByText('After 45 s').waitFor();
		await page.getByRole('radio', { name: 'Only who' }).check();
		await page.getByRole('button', { name: 'Show who rings' }).click();
		await page.getByText(/One person would be rung/).waitFor();
		await page
			.getByRole('cell', { name: / on Linux$/ })
			.first()
			.waitFor();
		expect(await faults(page)).toEqual([]);

		await visit(page, '/notification');
		await page.getByText('lets a lock screen show no more than who waits').waitFor();
		expect(await page.getByRole('radio', { name: 'The whole message' }).isDisabled()).toBe(true);

		await visit(page, '/reachability');
		await page.getByText('1 of 2 can be rung now.').waitFor();
		await page.getByRole('button', { name: 'Test all' }).click();
		await page.getByText('Rang 1 device, and every one has shown it.').waitFor();
		expect(await faults(page)).toEqual([]);
	});

	test('from the log one comes to the rings, and from a ring or its chat to every reason', async () => {
		const owner = await bellhop.newAgent({ role: 'owner' });
		const page = await openFor(owner, { context });
		const { conversationId } = await bellhop.newCaller(owner.team, {
			name: 'Lena',
			text: 'Is it in stock'
		});
		await visit(page, '/log');
		await page.getByRole('link', { name: 'Rings', exact: true }).click();
		await heading(page, 'Rings').waitFor();
		await page.getByRole('link', { name: /Lena asked for a person/ }).click();
		await heading(page, 'Why did my phone ring, or not?').waitFor();
		await page.getByRole('listitem').filter({ hasText: 'Lena' }).first().waitFor();
		expect(await faults(page)).toEqual([]);
		await page.goBack();
		await page.getByRole('link', { name: 'log', exact: true }).click();
		await heading(page, 'Log').waitFor();

		await visit(page, `/chats/${conversationId}`);
		await page.getByRole('button', { name: 'More actions' }).press('Enter');
		await page.getByRole('menuitem', { name: 'Why did my phone ring, or not?' }).press('Enter');
		await heading(page, 'Why did my phone ring, or not?').waitFor();
		await page.getByText('Lena asked for a person').first().waitFor();
		await page
			.getByText(/is not rung: no device/)
			.first()
			.waitFor();
	});
});

test('a browser that blocks notifications says how to undo it here, and tries again', async () => {
	const page = await openFor(await bellhop.newAgent(), { context: PHONE, isBlocked: true });
	await visit(page, '/notification');
	await page.getByText('This browser blocks notifications').waitFor();
	await heading(page, 'In Chrome').waitFor();
	expect(
		await page
			.getByRole('listitem')
			.filter({ hasText: /address|Switch|Come back/ })
			.count()
	).toBe(3);
	await page.getByRole('button', { name: 'I have allowed them' }).click();
	await page.locator('button[aria-busy="true"]').waitFor({ state: 'detached' });
	await page.getByText('This browser blocks notifications').waitFor();
	await (await browser.newCDPSession(page)).send('Browser.setPermission', {
		permission: { name: 'notifications' },
		setting: 'granted',
		origin: bellhop.origin
	});
	await page.getByRole('button', { name: 'I have allowed them' }).click();
	await page.getByText('This device does not ring').waitFor();
	await page.getByRole('button', { name: 'Enable', exact: true }).click();
	await page.getByText('Notifications are enabled here').waitFor();
});

describe('on an iPhone', () => {
	test('only the installed app rings, and three taps install it', async () => {
		const context = { ...PHONE, userAgent: IPHONE };
		const page = await openFor(await bellhop.newAgent(), { context });
		await page.getByRole('link', { name: 'Show me how' }).click();
		await page.getByText('Only the installed app can ring on this phone').waitFor();
		await page.getByText('Tap Add to Home Screen, then Add').waitFor();
		expect(await faults(page)).toEqual([]);
	});

	test('a registration that the phone dropped comes back by one tap', async () => {
		browser = await bellhop.open('chromium', { desktop, context: { ...PHONE, userAgent: IPHONE } });
		await browser.addInitScript(() => Object.assign(navigator, { standalone: true }));
		const page = await browser.newPage();
		await signIn(page, await bellhop.newAgent());
		await enableNotifications(page);
		await page.evaluate(async () => {
			const { pushManager } = await navigator.serviceWorker.ready;
			await (await pushManager.getSubscription())?.unsubscribe();
		});
		await visit(page, '/notification');
		await page.getByText('This device does not ring any more').waitFor();
		expect(await faults(page)).toEqual([]);
		await page.getByRole('button', { name: 'Re-enable notifications' }).click();
		await page.getByText('Notifications are enabled here').waitFor();
	});
});
