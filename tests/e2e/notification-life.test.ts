import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sql } from '../../api/store/sql.ts';
import { plainFirefox } from '../support/bidi.ts';
import { makeProfile, removeProfile } from '../support/browsers.ts';
import { signIn } from './agent.ts';
import type { SomebodyHere } from './in-process.ts';
import { closedAfterEach, PATIENCE, type Ringing, startRinging } from './ringing.ts';
import { PHONE } from './world.ts';

/** A key that is none of the server's. */
const OTHER_KEY =
	'BEl62iUYgUivxIkv69yViEuiBIa-Ib9-SkvMeAtA3LFgDzkrxZJjSgSnfckjBJuBkr3qBUYIHBQFLXYp5Nksh8U';

// Firefox complains of what a page still fetches when it is closed.
const CLOSED_WHILE_LOADING = [/ServiceWorker intercepted|Unable to preload|dynamically imported/];

/** In either order: the device may tell before the service's answer is written down. */
const ARRIVED = Array(2).fill(
	expect.stringMatching(/^(shown N s after it was sent|the push service: accepted \(201\))\.$/)
);

describe.each(['chromium', 'firefox'] as const)('in %s', (name) => {
	let ringing: Ringing;
	beforeAll(async () => {
		ringing = await startRinging(name, { allowed: CLOSED_WHILE_LOADING, timeoutMs: 2_000 });
	});
	afterAll(() => ringing?.close());
	const profiles: string[] = [];
	const open = closedAfterEach(() => {
		for (const profile of profiles.splice(0)) removeProfile(profile);
		expect(ringing.bellhop.problems.splice(0)).toEqual([]);
	});

	const firefoxTest = test.each(name === 'firefox' ? [name] : []);

	/** An agent whose app is closed; the browser still runs. */
	async function away(profile?: string) {
		const { agent, page, browser } = await ringing.agentWith(profile ? { profile } : {});
		open.add(browser);
		await page.close();
		return { agent, browser, registration: await ringing.registrationOf(agent) };
	}
	const newProfile = () => {
		const profile = makeProfile();
		profiles.push(profile);
		return profile;
	};
	async function close(browser: BrowserContext) {
		open.delete(browser);
		await browser.close();
	}
	const shown = (text: string) =>
		ringing.desktop.waitFor(({ body }) => body.includes(text), 60_000);
	const openApp = async (browser: BrowserContext) => {
		const page = await browser.newPage();
		await page.goto(`${ringing.bellhop.origin}/chats`);
		return page;
	};
	/** The registration has been replaced by another, which the server knows. */
	const renewed = (agent: SomebodyHere, old: string | undefined) =>
		expect
			.poll(async () => {
				const now = await ringing.endpointOf(agent);
				return now !== undefined && now !== old;
			}, PATIENCE)
			.toBe(true);
	/** The device rings, and the ledger ends in that. */
	async function rings(agent: SomebodyHere, text: string) {
		await ringing.call(agent, text);
		// First the ledger: where nothing rings it says why.
		await expect
			.poll(async () => (await ringing.linesOf(agent)).at(-1), PATIENCE)
			.toMatchObject({ state: 'shown' });
		await shown(text);
	}

	test('a push to a closed browser waits, and arrives when it starts again, on the same registration', async () => {
		const profile = newProfile();
		const { agent, browser, registration } = await away(profile);
		const endpoint = await ringing.endpointOf(agent);
		await rings(agent, `While open in ${name}`);
		await close(browser);
		await ringing.call(agent, `While closed in ${name}`);
		await ringing.settled(agent, [{ state: 'shown' }, { state: 'accepted' }]);
		expect(ringing.standing(`While closed in ${name}`)).toEqual([]);
		expect(registration.queue).toHaveLength(1);
		const { say } = await ringing.call(agent, `Overtaken in ${name}`);
		await ringing.settled(agent, Array(3).fill({}));
		await say(`Newest of its chat in ${name}`);
		await ringing.settled(agent, [{}, {}, {}, { state: 'accepted' }]);
		expect(registration.queue).toHaveLength(2);
		open.add(
			await ringing.bellhop.open(name, { context: PHONE, desktop: ringing.desktop, profile })
		);
		await shown(`While closed in ${name}`);
		await shown(`Newest of its chat in ${name}`);
		await ringing.settled(agent, [
			...Array(2).fill({ state: 'shown' }),
			...[{ state: 'accepted' }, { state: 'shown' }]
		]);
		expect(ringing.desktop.mostAtOnce(`Overtaken in ${name}`)).toBe(0);
		await rings(agent, `After the restart in ${name}`);
		expect(await ringing.endpointOf(agent)).toBe(endpoint);
		expect(ringing.desktop.mostAtOnce(`While closed in ${name}`)).toBe(1);
	});

	test.each([404, 410])(
		'%i: the registration has ended; the next open renews it, and it rings again',
		async (status) => {
			const { agent, browser, registration } = await away();
			const endpoint = await ringing.endpointOf(agent);
			registration.answers.push({ status });
			const { conversationId } = await ringing.call(agent, `Gone by ${status} in ${name}`);
			await ringing.settled(agent, [{ state: 'gone', status, attempts: 1 }]);
			expect(await ringing.why(agent, conversationId)).toEqual([
				'is rung: push while offline.',
				'the push was sent.',
				`the push service: ${status}.`
			]);
			await openApp(browser);
			await renewed(agent, endpoint);
			await rings(agent, `Back after ${status} in ${name}`);
		}
	);

	test('413: it rings with the words that always fit', async () => {
		const { agent, registration } = await away();
		registration.answers.push({ status: 413 });
		await ringing.call(agent, `Too large in ${name}`);
		await ringing.desktop.waitFor('A chat is waiting', 60_000);
		await ringing.settled(agent, [{ state: 'shown', status: 201, attempts: 1 }]);
		expect(ringing.standing(`Too large in ${name}`)).toEqual([]);
		for (const id of ringing.desktop.shown.keys()) ringing.desktop.shown.delete(id);
	});

	test('a push that is damaged on its way shows nothing, is not taken for shown, and the next one rings', async () => {
		const { agent, registration } = await away();
		const { acks } = ringing.bellhop.services.mozilla;
		acks.length = 0;
		registration.answers.push('damage');
		const { conversationId } = await ringing.call(agent, `Damaged in ${name}`);
		await ringing.settled(agent, [{ state: 'accepted' }]);
		if (name === 'firefox') await expect.poll(() => acks, PATIENCE).toMatchObject([{ code: 101 }]);
		await rings(agent, `After the damage in ${name}`);
		expect(ringing.desktop.mostAtOnce(`Damaged in ${name}`)).toBe(0);
		await ringing.settled(agent, [{ state: 'accepted' }, { state: 'shown' }]);
		ringing.bellhop.app.clock.advance(60_000);
		expect(await ringing.why(agent, conversationId)).toEqual([
			'is rung: push while offline.',
			'the push was sent.',
			'the push service: accepted (201).',
			'the device has not said that it showed it.'
		]);
	});

	// Chromium comes back only after half a minute; its restart is tried above.
	firefoxTest(
		'a browser whose connection to its push service breaks rings when it is back, without an open',
		async () => {
			const { agent, registration } = await away();
			const { mozilla } = ringing.bellhop.services;
			const endpoint = await ringing.endpointOf(agent);
			mozilla.setUp(false);
			await ringing.call(agent, 'While the connection was away');
			await ringing.settled(agent, [{ state: 'accepted' }]);
			expect(registration.queue).toHaveLength(1);
			mozilla.setUp(true);
			await shown('While the connection was away');
			await rings(agent, 'Once the connection was back');
			expect(await ringing.endpointOf(agent)).toBe(endpoint);
			expect(ringing.desktop.mostAtOnce('While the connection was away')).toBe(1);
		}
	);

	test('429: it rings when the service said, not before', async () => {
		const { agent, registration } = await away();
		registration.answers.push({ status: 429, headers: { 'retry-after': '3' } });
		const calledAt = Date.now();
		const { conversationId } = await ringing.call(agent, `Too many in ${name}`);
		await shown(`Too many in ${name}`);
		expect(Date.now() - calledAt).toBeGreaterThan(3_000);
		await ringing.settled(agent, [{ state: 'shown', attempts: 2 }]);
		expect(await ringing.why(agent, conversationId)).toEqual([
			'is rung: push while offline.',
			'the push was sent.',
			'the push service: 429.',
			'the push was sent again (attempt 2).',
			...ARRIVED
		]);
	});

	test('a key that the service does not know: nothing is given up, and the ledger says why it is quiet', async () => {
		const { agent, registration } = await away();
		const endpoint = await ringing.endpointOf(agent);
		const { key } = registration;
		registration.key = OTHER_KEY;
		// The service takes no push for anybody else, or this device alone would be at fault.
		await ringing.bellhop.app.db.person.run(
			sql`delete from push_subscriptions where user_id <> ${agent.userId}`
		);
		const { conversationId } = await ringing.call(agent, `Wrong key in ${name}`);
		await ringing.settled(agent, [{ state: 'failed', status: 403, attempts: 2 }]);
		expect(await ringing.why(agent, conversationId)).toEqual([
			'is rung: push while offline.',
			'the push was sent.',
			'the push service: 403 k is not the applicationServerKey.',
			'the push was sent again (attempt 2).',
			'the push service: 403 k is not the applicationServerKey.'
		]);
		registration.key = key;
		await rings(agent, `The right key in ${name}`);
		expect(await ringing.endpointOf(agent)).toBe(endpoint);
	});

	test('a browser that holds a registration of another key makes its own anew at the next open', async () => {
		const { agent, browser } = await away();
		const endpoint = await ringing.endpointOf(agent);
		const page = await openApp(browser);
		await page.evaluate(async (applicationServerKey) => {
			const { pushManager } = await navigator.serviceWorker.ready;
			await (await pushManager.getSubscription())?.unsubscribe();
			await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
		}, OTHER_KEY);
		await page.reload();
		await renewed(agent, endpoint);
		await page.close();
		await rings(agent, `Keyed anew in ${name}`);
	});

	test('a service that forgets the browser: it registers anew as soon as it can know', async () => {
		const { agent, browser } = await away();
		const endpoint = await ringing.endpointOf(agent);
		ringing.service.forgetClients();
		// Firefox is told as it comes back; Chromium never: only the next push shows it, and the next open mends it.
		if (name === 'chromium') {
			await ringing.call(agent, `Forgotten in ${name}`);
			await ringing.settled(agent, [{ state: 'gone', status: 410 }]);
			await openApp(browser);
		}
		await renewed(agent, endpoint);
		await rings(agent, `Known again in ${name}`);
	});

	// Chromium asks nobody without a window of its own.
	firefoxTest(
		'Enable has the browser itself ask: what it is told is said, and a yes makes the device ring',
		async () => {
			const profile = newProfile();
			const { bellhop, desktop } = ringing;
			const agent = await bellhop.newAgent();
			const browser = await bellhop.open(name, { context: PHONE, desktop, profile });
			open.add(browser);
			await signIn(await browser.newPage(), agent);
			await close(browser);
			const firefox = await plainFirefox(profile, desktop.env);
			open.add(firefox);
			await firefox.asBrowser(
				`Services.prefs.setIntPref('permissions.default.desktop-notification', 0)`
			);
			const says = (text: string) => expect.poll(firefox.text, PATIENCE).toContain(text);
			const askAnew = async (isAllowed: boolean) => {
				await firefox.goto(`${bellhop.origin}/notification`);
				await says('This device does not ring');
				await firefox.press('Enable');
				await firefox.answerPrompt(isAllowed);
			};
			await askAnew(false);
			await says('This browser blocks notifications');
			expect(await ringing.endpointOf(agent)).toBeUndefined();
			await firefox.asBrowser('Services.perms.removeAll()');
			await askAnew(true);
			await says('Notifications are enabled here');
			await rings(agent, `Permitted by its person in ${name}`);
		}
	);

	test('a permission that is taken away ends the ringing; given again, it rings without an open', async () => {
		const profile = newProfile();
		const { agent, browser, registration } = await away(profile);
		const endpoint = await ringing.endpointOf(agent);
		let permit: (isAllowed: boolean) => Promise<void>;
		if (name === 'chromium') {
			// What the driver has granted would stand above the person's own settings.
			await browser.clearPermissions();
			const settings = await browser.newPage();
			await settings.goto('chrome://settings/content/notifications');
			permit = (isAllowed) =>
				settings.evaluate(
					(given) =>
						(
							globalThis as unknown as { chrome: { send(name: string, given: string[]): void } }
						).chrome.send('setOriginPermissions', given),
					[`${ringing.bellhop.origin}/`, 'notifications', isAllowed ? 'allow' : 'block']
				);
		} else {
			await close(browser);
			const firefox = await plainFirefox(profile, ringing.desktop.env);
			open.add(firefox);
			permit = (isAllowed) =>
				firefox.asBrowser(`Services.perms.addFromPrincipal(
					Services.scriptSecurityManager.createContentPrincipalFromOrigin('${ringing.bellhop.origin}'),
					'desktop-notification', Services.perms.${isAllowed ? 'ALLOW' : 'DENY'}_ACTION)`);
			await permit(true);
			await rings(agent, `Still permitted in ${name}`);
		}
		// Chromium's settings hear nothing before they have loaded.
		const isEnded = async () => {
			await permit(false);
			return registration.isDead;
		};
		await expect.poll(isEnded, { ...PATIENCE, interval: 1_000 }).toBe(true);
		await ringing.call(agent, `Not permitted in ${name}`);
		await expect
			.poll(async () => (await ringing.linesOf(agent)).at(-1)?.state, PATIENCE)
			.toBe('gone');
		await permit(true);
		await renewed(agent, endpoint);
		await rings(agent, `Permitted again in ${name}`);
		expect(ringing.standing(`Not permitted in ${name}`)).toEqual([]);
	});
});
