import { beforeEach, expect, test, vi } from 'vitest';
import type { NotificationPreferences } from '#contract/push.ts';
import type { Standing } from '../../src/lib/push/registration.ts';
import { Offline } from '../../src/lib/sync/failures.ts';

const OFF: NotificationPreferences = {
	pushOnline: true,
	pushOffline: true,
	pushOfflineByHand: false,
	browserOnline: true,
	browserOffline: false
};

const NIGHT = { isSoundRepeated: false, privacy: 'full' } as const;

/** The server's side: what it keeps, what it was sent, and what its next answer waits for. */
const server = vi.hoisted(() => ({
	preferences: {} as Record<string, boolean>,
	settings: {} as Record<string, unknown>,
	settingsSent: [] as object[],
	/** What its word on settings waits for. */
	answers: null as Promise<void> | null,
	sent: [] as Record<string, boolean>[],
	held: null as Promise<void> | null,
	isGone: false
}));

/** What is asked of the browser. */
const asked = vi.hoisted((): string[] => []);
/** How the browser stands. */
const browser = vi.hoisted(() => ({ standing: 'off' as Standing }));

vi.mock('../../src/lib/sync/request.ts', async (original) => ({
	...(await original<object>()),
	async request({ method, path, body }: { method: string; path: string; body?: object }) {
		if (path === '/api/push/settings') {
			const settings = { ...server.settings };
			if (method === 'GET') await server.held;
			else if (server.isGone) throw new Offline();
			else {
				server.settings = { ...body };
				server.settingsSent.push(server.settings);
				await server.answers;
			}
			return { settings: method === 'GET' ? settings : server.settings };
		}
		if (path === '/api/push/key') return { keyId: 'key-1' };
		const answer = { ...server.preferences };
		if (method === 'GET') {
			await server.held;
			return { devices: [], preferences: answer };
		}
		if (server.isGone) throw new Offline();
		server.sent.push(body as Record<string, boolean>);
		server.preferences = { ...(body as Record<string, boolean>) };
		return server.preferences;
	}
}));
vi.mock('../../src/lib/push/browser.ts', () => ({
	thisBrowser: { support: 'supported', permission: 'default' }
}));
vi.mock('../../src/lib/push/registration.ts', () => ({
	check: async () => {
		asked.push('registration');
		return browser.standing;
	},
	async enable({ key, isExpired }: { key?: { keyId: string }; isExpired: boolean }) {
		asked.push(`${isExpired ? 'another' : 'a'} registration with ${key?.keyId}`);
		return 'on';
	}
}));
vi.mock('../../src/lib/db/device.ts', () => ({ deviceName: () => 'Firefox on Linux' }));
vi.mock('../../src/lib/state/session.svelte.ts', () => ({ UNSUBSCRIBING: 'unsubscribing' }));
vi.mock('../../src/lib/state/workspace.svelte.ts', () => ({
	workspace: { current: { deviceId: 'device' } }
}));

const { notifications } = await import('../../src/lib/state/notifications.svelte.ts');
/** As a page that is just loaded has it. */
const freshly = () => {
	vi.resetModules();
	return import('../../src/lib/state/notifications.svelte.ts');
};

beforeEach(async () => {
	browser.standing = 'off';
	Object.assign(server, {
		preferences: { ...OFF },
		settings: { ...NIGHT },
		settingsSent: [],
		answers: null,
		sent: [],
		held: null,
		isGone: false
	});
	await notifications.check();
});

test('what the person before is still giving back is not taken for a registration', async () => {
	const held = Promise.withResolvers<void>();
	const unsubscribed = navigator.locks.request('unsubscribing', () => held.promise);
	asked.length = 0;
	const checked = notifications.check();
	await new Promise((resolve) => setImmediate(resolve));
	expect(asked).toEqual([]);
	held.resolve();
	await Promise.all([unsubscribed, checked]);
	expect(asked).toEqual(['registration']);
});

test('a press finds the key there, and says whether what is held has ended', async () => {
	const { notifications: opened } = await freshly();
	browser.standing = 'expired';
	await opened.check();
	asked.length = 0;
	await opened.enable();
	browser.standing = 'off';
	await opened.check();
	await opened.enable();
	expect(asked).toEqual([
		'another registration with key-1',
		'registration',
		'a registration with key-1'
	]);
});

test('a switch that is pressed while the server is asked stands, whatever it answers', async () => {
	const { promise, resolve } = Promise.withResolvers<void>();
	server.held = promise;
	const asked = notifications.check();
	const pressed = notifications.setPreference('browserOffline', true);
	expect(notifications.preferences?.browserOffline).toBe(true);
	resolve();
	await Promise.all([asked, pressed]);
	expect(server.sent).toEqual([{ ...OFF, browserOffline: true }]);
	expect(notifications.preferences).toEqual({ ...OFF, browserOffline: true });
});

test('two switches pressed in quick succession are both kept', async () => {
	const first = notifications.setPreference('browserOffline', true);
	await Promise.all([first, notifications.setPreference('browserOnline', false)]);
	expect(server.preferences).toEqual({ ...OFF, browserOffline: true, browserOnline: false });
});

test('a switch stands while the server answers the one before it', async () => {
	const pressed = [
		notifications.setPreference('browserOffline', true),
		notifications.setPreference('browserOnline', false),
		notifications.setSettings(() => ({ privacy: 'name' })),
		notifications.setSettings(() => ({ isSoundRepeated: true }))
	];
	for (const answered of pressed) {
		await answered;
		const { preferences, settings } = notifications;
		expect([preferences?.browserOnline, settings?.isSoundRepeated]).toEqual([false, true]);
	}
});

test('what the server does not take goes back, and what it took stays', async () => {
	await notifications.setPreference('browserOffline', true);
	server.isGone = true;
	await notifications.setPreference('pushOnline', false);
	expect(notifications.preferences).toEqual({ ...OFF, browserOffline: true });
	expect(notifications.error).toMatch(/Not connected/);
});

test('settings that are changed while the server is asked, and while it answers, are all kept', async () => {
	const { promise, resolve } = Promise.withResolvers<void>();
	server.held = promise;
	const asked = notifications.check();
	const first = notifications.setSettings(() => ({ privacy: 'name' }));
	const second = notifications.setSettings(() => ({ isSoundRepeated: true }));
	expect(notifications.settings).toEqual({ privacy: 'name', isSoundRepeated: true });
	resolve();
	await Promise.all([asked, first, second]);
	expect(server.settings).toEqual({ privacy: 'name', isSoundRepeated: true });
	expect(notifications.settings).toEqual(server.settings);
});

test('a setting that the server does not take goes back, beside one that it took', async () => {
	await notifications.setSettings(() => ({ privacy: 'name' }));
	server.isGone = true;
	await notifications.setSettings(() => ({ isSoundRepeated: true }));
	expect(notifications.settings).toEqual({ privacy: 'name', isSoundRepeated: false });
});

test('what is set while the server answers goes together, and at once when the page is left', async () => {
	const { promise, resolve } = Promise.withResolvers<void>();
	server.answers = promise;
	const set = [notifications.setSettings(() => ({ privacy: 'name' }))];
	await new Promise((resolve) => setImmediate(resolve));
	set.push(
		notifications.setSettings(() => ({ privacy: 'nothing' })),
		notifications.setSettings(() => ({ isSoundRepeated: true }))
	);
	const [first, all] = [
		{ privacy: 'name', isSoundRepeated: false },
		{ privacy: 'nothing', isSoundRepeated: true }
	];
	expect(server.settingsSent).toEqual([first]);
	notifications.leave();
	expect(server.settingsSent).toEqual([first, all]);
	resolve();
	await Promise.all(set);
	expect(server.settingsSent).toEqual([first, all, all]);
	expect(notifications.settings).toEqual(all);
	notifications.leave();
	expect(server.settingsSent).toHaveLength(3);
});
