import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { PRESENCE_SETTINGS, type PresenceSettings } from '../../api/presence/settings.ts';
import { openBrowser } from '../support/browsers.ts';
import { type PlainChromium, plainChromium, type Tab } from '../support/cdp.ts';
import { goOnline, presencePill, signIn } from './agent.ts';
import {
	type Agent,
	type Bellhop,
	goesOffline,
	goOnlineTab,
	header,
	PASSWORD,
	press,
	REAL_SECOND,
	ready,
	SECOND,
	says,
	signInTab,
	startBellhop,
	staysOnline,
	TIME_LIMIT,
	wait
} from './presence-world.ts';

vi.setConfig(TIME_LIMIT);

let bellhop: Bellhop;
let agent: Agent;
beforeAll(async () => {
	bellhop = await startBellhop();
});
/** A page loads no faster than ever, so around a reload a farewell leaves what it leaves in life. */
const REAL_FAREWELL = { leaveMs: PRESENCE_SETTINGS.leaveMs };

/** In a Bellhop of its own. */
async function within(given: Partial<PresenceSettings>, work: () => Promise<void>): Promise<void> {
	const outer = { bellhop, agent };
	bellhop = await startBellhop(given);
	try {
		agent = await bellhop.newAgent();
		await work();
	} finally {
		await bellhop.close();
		({ bellhop, agent } = outer);
	}
}
afterAll(() => bellhop.close());
beforeEach(async () => {
	agent = await bellhop.newAgent();
});

describe('in Chromium', () => {
	let chromium: PlainChromium;
	beforeEach(async () => {
		chromium = await plainChromium();
	});
	afterEach(() => chromium.close());

	async function online(): Promise<Tab> {
		const tab = await chromium.open(`${bellhop.origin}/sign-in`);
		await signInTab(tab, bellhop, agent);
		await goOnlineTab(tab);
		return tab;
	}
	const another = async (): Promise<Tab> => {
		const tab = await chromium.open(`${bellhop.origin}/chats`);
		await ready(tab);
		return tab;
	};
	const hide = () => chromium.open('about:blank');
	const lastBeatIs = (visibility: string) =>
		expect
			.poll(() => bellhop.beats.at(-1)?.pages.map((page) => page.visibility))
			.toEqual([visibility]);

	test('the last tab closed: offline within 15 s', async () => {
		const tab = await online();
		const from = Date.now();
		await tab.close();
		await goesOffline(bellhop, agent, { from, atMostMs: 15 * SECOND });
	});

	test('a visible tab crashed: offline within 90 s', async () => {
		const tab = await online();
		const from = Date.now();
		void tab.send('Page.crash').catch(() => undefined);
		await goesOffline(bellhop, agent, { from, atMostMs: 90 * SECOND });
	});

	test('a hidden tab stays online, and is offline within 215 s of its crash', async () => {
		const tab = await online();
		await hide();
		await tab.until(`document.visibilityState === 'hidden'`);
		await staysOnline(bellhop, agent, 250 * SECOND);
		const from = Date.now();
		void tab.send('Page.crash').catch(() => undefined);
		await goesOffline(bellhop, agent, { from, atMostMs: 215 * SECOND });
	});

	test('one of two tabs closed: nothing', async () => {
		const first = await online();
		const second = await another();
		await second.close();
		await staysOnline(bellhop, agent, 30 * SECOND);
		const third = await another();
		await first.close();
		await staysOnline(bellhop, agent, 100 * SECOND);
		await third.close();
	});

	test('a reload: no change at all', () =>
		within(REAL_FAREWELL, async () => {
			const tab = await online();
			await tab.send('Page.reload');
			await staysOnline(bellhop, agent, 30 * SECOND);
			await ready(tab);
			await staysOnline(bellhop, agent, 100 * SECOND);
		}));

	test('a frozen page: offline after its lease, not before, and the banner when it resumes', async () => {
		const tab = await online();
		await hide();
		await tab.until(`document.visibilityState === 'hidden'`);
		await lastBeatIs('hidden');
		const from = Date.now();
		await tab.send('Page.setWebLifecycleState', { state: 'frozen' });
		const atLeastMs = (200 - 60) * SECOND;
		await goesOffline(bellhop, agent, { from, atLeastMs, atMostMs: 215 * SECOND });
		await tab.send('Page.setWebLifecycleState', { state: 'active' });
		await tab.activate();
		await tab.until(says('You went offline at'));
		await tab.until(`${header} === 'You are Offline'`);
		await tab.until(press('Go online'));
		await tab.until(`${header} === 'You are Online'`);
		await tab.until(`!${says('You went offline at')}`);
	});

	test('two windows side by side send one beat an interval, which names both', async () => {
		const first = await online();
		const second = await chromium.open(`${bellhop.origin}/chats`, { isWindow: true });
		await ready(second);
		for (const tab of [first, second])
			expect(await tab.evaluate('document.visibilityState')).toBe('visible');
		await wait(30 * SECOND);
		const from = bellhop.beats.length;
		const INTERVALS = 12;
		await wait(INTERVALS * 25 * SECOND);
		const sent = bellhop.beats.slice(from);
		expect(new Set(sent.map(({ deviceId }) => deviceId)).size).toBe(1);
		for (const { pages } of sent)
			expect(pages.map(({ visibility }) => visibility)).toEqual(['visible', 'visible']);
		// Somewhat early by intention: the shortest interval is 0.8 of the longest.
		expect(sent.length).toBeLessThanOrEqual(INTERVALS / 0.8 + 1);
		expect(sent.length).toBeGreaterThanOrEqual(INTERVALS - 2);
	});

	test('two devices, one closed: nothing', async () => {
		await online();
		const phone = await chromium.open(`${bellhop.origin}/sign-in`, {
			profile: await chromium.newProfile()
		});
		await signInTab(phone, bellhop, agent);
		await phone.until(`${header} === 'You are Online'`);
		await phone.close();
		await staysOnline(bellhop, agent, 100 * SECOND);
	});

	test('a cut connection: colleagues see it within one lease, and the own header never says Online', () =>
		within({}, async () => {
			const tab = await online();
			const from = Date.now();
			await bellhop.cut();
			await tab.until(`${header} === 'You are Not connected'`, 90 * SECOND + 2 * REAL_SECOND);
			await goesOffline(bellhop, agent, { from, atMostMs: 80 * SECOND });
			expect(await tab.evaluate(header)).toBe('You are Not connected');
		}));
});

describe('in Firefox', () => {
	test('a hidden page and a closed one of two change nothing; the last closed is offline', async () => {
		const context = await openBrowser('firefox');
		try {
			const opener = await context.newPage();
			await signIn(opener, { ...bellhop, email: agent.email, password: PASSWORD });
			await opener.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
			await goOnline(opener);
			const opening = context.waitForEvent('page');
			await opener.evaluate(() => void window.open('/chats'));
			const front = await opening;
			await presencePill(front).waitFor();
			expect(await opener.evaluate(() => document.visibilityState)).toBe('hidden');
			await staysOnline(bellhop, agent, 50 * SECOND);
			await front.close();
			await staysOnline(bellhop, agent, 50 * SECOND);
			const from = Date.now();
			await opener.close();
			await goesOffline(bellhop, agent, { from, atMostMs: 15 * SECOND });
		} finally {
			await context.close();
		}
	});

	test('a page whose farewells are lost as it closes is found gone', async () => {
		const context = await openBrowser('firefox');
		try {
			await context.addInitScript(losesFarewells);
			const app = await context.newPage();
			await signIn(app, { ...bellhop, email: agent.email, password: PASSWORD });
			await app.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
			await goOnline(app);
			await app.reload();
			await staysOnline(bellhop, agent, 30 * SECOND);
			const from = Date.now();
			await app.close();
			await goesOffline(bellhop, agent, { from, atMostMs: 2 * REAL_SECOND + 15 * SECOND });
		} finally {
			await context.close();
		}
	});

	test('a reload: no change at all', () =>
		within(REAL_FAREWELL, async () => {
			const context = await openBrowser('firefox');
			try {
				const app = await context.newPage();
				await signIn(app, { ...bellhop, email: agent.email, password: PASSWORD });
				await goOnline(app);
				await app.reload();
				await staysOnline(bellhop, agent, 100 * SECOND);
			} finally {
				await context.close();
			}
		}));
});

/** In a page: neither it nor its worker gets to say that it closes, as in a browser that is too busy. */
function losesFarewells(): void {
	const send = window.fetch;
	window.fetch = (...args) =>
		String(args[0]).includes('/presence/leave') ? Promise.reject(new TypeError()) : send(...args);
	const post = ServiceWorker.prototype.postMessage;
	ServiceWorker.prototype.postMessage = function (message: { type?: string }) {
		if (message.type !== 'leave') post.call(this, message);
	};
}
