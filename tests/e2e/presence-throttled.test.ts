import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { PRESENCE_SETTINGS } from '../../api/presence/settings.ts';
import { type PlainChromium, plainChromium } from '../support/cdp.ts';
import {
	type Bellhop,
	goesOffline,
	goOnlineTab,
	REAL_SECOND,
	signInTab,
	startBellhop,
	staysOnline,
	TIME_LIMIT
} from './presence-world.ts';

vi.setConfig(TIME_LIMIT);

// Chromium wakes a hidden page's timers once a minute, at any speed of ours. By day a lease is shorter than two
// of its minutes, so that only a beat in each of them keeps it; by night the numbers are those of life.
const MINUTE = 60 * REAL_SECOND;
const BY_DAY = {
	everyMs: { visible: 5 * REAL_SECOND, hidden: 20 * REAL_SECOND },
	visibleLeaseMs: 20 * REAL_SECOND,
	hiddenLeaseMs: 70 * REAL_SECOND
};
const { everyMs, visibleLeaseMs, hiddenLeaseMs } = PRESENCE_SETTINGS;
const AT_NIGHT = { everyMs, visibleLeaseMs, hiddenLeaseMs };
const [numbers, hiddenForMs] = process.env.NIGHTLY
	? [AT_NIGHT, 15 * MINUTE]
	: [BY_DAY, 2.3 * MINUTE];

let bellhop: Bellhop;
let chromium: PlainChromium;
beforeAll(async () => {
	bellhop = await startBellhop(numbers);
	// In life it begins after five minutes.
	chromium = await plainChromium([
		'--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/1'
	]);
});
afterAll(async () => {
	await chromium.close();
	await bellhop.close();
});

test('a hidden tab whose timers wake once a minute stays online for as long as it is there', async () => {
	const agent = await bellhop.newAgent();
	const tab = await chromium.open(`${bellhop.origin}/sign-in`);
	await signInTab(tab, bellhop, agent);
	await goOnlineTab(tab);
	await chromium.open('about:blank');
	await tab.until(`document.visibilityState === 'hidden'`);
	await tab.evaluate('globalThis.wakes = 0; void setInterval(() => globalThis.wakes++, 1_000)');
	const wakesWithin = async (ms: number) => {
		const before = await tab.evaluate<number>('globalThis.wakes');
		await staysOnline(bellhop, agent, ms);
		return (await tab.evaluate<number>('globalThis.wakes')) - before;
	};
	// A page that has just loaded is spared for a while.
	await expect
		.poll(() => wakesWithin(10 * REAL_SECOND), { timeout: 2 * MINUTE, interval: 0 })
		.toBeLessThanOrEqual(1);
	const wakes = await wakesWithin(hiddenForMs);
	expect(wakes).toBeLessThanOrEqual(hiddenForMs / MINUTE + 2);
	const from = Date.now();
	await tab.close();
	await goesOffline(bellhop, agent, { from, atMostMs: 15 * REAL_SECOND });
});
