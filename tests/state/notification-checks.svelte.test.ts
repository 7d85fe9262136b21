import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { SubscriptionRequest } from '#contract/push.ts';
import { Offline } from '../../src/lib/sync/failures.ts';
import type { PageEvent } from '../../src/lib/sync/page.ts';

const MINUTE = 60_000;

/** What the page, the browser, its push service and the server are to the module. */
const around = vi.hoisted(() => ({
	visibility: 'visible',
	listeners: new Map<string, () => void>(),
	/** The endpoint that the browser holds; those that the push service has ended. */
	holds: 'https://push.example/1',
	ended: new Set<string>(),
	isCut: false,
	/** How often the server was asked how things stand. */
	asked: 0
}));
let isConnected = $state(true);
let device = $state.raw<{ deviceId: string } | null>(null);

vi.mock('../../src/lib/state/page.svelte.ts', () => ({
	thisPage: {
		get visibility() {
			return around.visibility;
		},
		on(event: PageEvent, listener: () => void) {
			around.listeners.set(event, listener);
			return () => around.listeners.delete(event);
		},
		hold: (_name: string, _how: object, work: () => Promise<void>) => work()
	}
}));
vi.mock('../../src/lib/state/connection.svelte.ts', () => ({
	connection: {
		get isConnected() {
			return isConnected;
		}
	}
}));
vi.mock('../../src/lib/state/workspace.svelte.ts', () => ({
	workspace: {
		get current() {
			return device;
		}
	}
}));
vi.mock('../../src/lib/state/session.svelte.ts', () => ({ UNSUBSCRIBING: 'unsubscribing' }));
vi.mock('../../src/lib/db/device.ts', () => ({ deviceName: () => 'Chrome on Android' }));
vi.mock('../../src/lib/sync/request.ts', async (original) => ({
	...(await original<object>()),
	async request({ path, body }: { path: string; body?: SubscriptionRequest }) {
		if (path === '/api/push/state') around.asked++;
		if (around.isCut) throw new Offline();
		if (path === '/api/push/state')
			return { devices: [{ id: 'device', isSubscribed: true }], preferences: {} };
		if (path === '/api/push/settings') return { settings: {} };
		if (path === '/api/push/key') return { publicKey: 'KEY', keyId: 'key-1' };
		return { state: around.ended.has(body?.endpoint ?? '') ? 'needs_resubscribe' : 'live' };
	}
}));
vi.mock('../../src/lib/push/browser.ts', () => {
	let n = 1;
	const held = async () => ({ endpoint: around.holds, keys: {}, serverKey: 'KEY' });
	return {
		thisBrowser: {
			...{ support: 'supported', permission: 'granted', needsPress: false, held },
			async unsubscribe() {},
			async subscribe() {
				around.holds = `https://push.example/${++n}`;
				return held();
			}
		}
	};
});

const { notifications } = await import('../../src/lib/state/notifications.svelte.ts');
const { keepChecked } = await import('../../src/lib/state/notification-checks.svelte.ts');

const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);
/** Whatever was to follow from what has just happened has followed. */
async function quiet(): Promise<void> {
	for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}
async function happens(event: PageEvent): Promise<void> {
	around.listeners.get(event)?.();
	await quiet();
}
async function hideAndShow(): Promise<void> {
	around.visibility = 'hidden';
	await happens('visibility');
	around.visibility = 'visible';
	await happens('visibility');
}

let stop = () => {};
async function open(): Promise<void> {
	stop = keepChecked();
	await quiet();
}
beforeEach(() => {
	vi.useFakeTimers({ toFake: ['Date'] });
	isConnected = true;
	device = { deviceId: 'device' };
	Object.assign(around, { isCut: false, asked: 0, visibility: 'visible' });
});
afterEach(() => {
	stop();
	vi.useRealTimers();
});

test.each([
	['a page that is hidden and shown', hideAndShow],
	['a page that was frozen', () => happens('resume')],
	[
		'a page that comes back to its connection',
		async () => {
			isConnected = false;
			await quiet();
			isConnected = true;
			await quiet();
		}
	]
])('%s renews a registration that ended while it was open', async (_, comeBack) => {
	await open();
	const { holds } = around;
	around.ended.add(holds);
	pass(MINUTE);
	await comeBack();
	expect(around.holds).not.toBe(holds);
	expect(notifications.state).toBe('on');
});

test('a page that is hidden and shown all the time asks once a minute, and one that is hidden never', async () => {
	await open();
	const { asked } = around;
	for (let seconds = 0; seconds < 59; seconds++) {
		pass(1_000);
		await hideAndShow();
	}
	expect(around.asked).toBe(asked);
	pass(1_000);
	around.visibility = 'hidden';
	await happens('resume');
	expect(around.asked).toBe(asked);
	await hideAndShow();
	expect(around.asked).toBeGreaterThan(asked);
});

test('a page that was opened without a connection asks as soon as there is one', async () => {
	Object.assign(around, { isCut: true });
	isConnected = false;
	around.ended.add(around.holds);
	await open();
	await hideAndShow();
	expect(around.asked).toBe(1);
	around.isCut = false;
	isConnected = true;
	await quiet();
	expect(notifications.state).toBe('on');
	expect(around.ended.has(around.holds)).toBe(false);
});

test('whoever joins a first team is asked for from then on', async () => {
	device = null;
	await open();
	expect(around.asked).toBe(0);
	device = { deviceId: 'device' };
	await quiet();
	expect(around.asked).toBeGreaterThan(0);
});

test('somebody else who signs in in another window is asked for at once', async () => {
	await open();
	const { asked } = around;
	device = { deviceId: 'of somebody else' };
	await quiet();
	expect(around.asked).toBeGreaterThan(asked);
});

test('a page that is closed asks no more', async () => {
	await open();
	stop();
	const { asked } = around;
	pass(MINUTE);
	await hideAndShow();
	expect(around.asked).toBe(asked);
});

test('a page that is left sends what was set on it', async () => {
	const leave = vi.spyOn(notifications, 'leave');
	await open();
	expect(leave).not.toHaveBeenCalled();
	await happens('hide');
	expect(leave).toHaveBeenCalledOnce();
});
