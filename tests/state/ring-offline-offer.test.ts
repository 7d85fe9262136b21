import { beforeEach, expect, test, vi } from 'vitest';

/** The person, as the server has them, and how the next requests end. */
const around = vi.hoisted(() => ({
	userId: 'ana',
	status: 'online',
	preferences: { pushOffline: true, pushOfflineByHand: false } as Record<string, boolean>,
	settings: {} as Record<string, boolean>,
	devices: [] as { state: string }[],
	isLast: false,
	isCut: false,
	error: null as string | null
}));

vi.mock('../../src/lib/state/session.svelte.ts', () => ({
	session: {
		get me() {
			return { user: { id: around.userId } };
		}
	}
}));
vi.mock('../../src/lib/state/presence.svelte.ts', () => ({
	presence: {
		get status() {
			return around.status;
		},
		async goOffline({ unlessLast }: { unlessLast: boolean }) {
			if (around.isLast && unlessLast) {
				const { ApiFailure } = await import('../../src/lib/sync/failures.ts');
				throw new ApiFailure({ code: 'conflict', message: 'No.', details: { isLast: true } });
			}
			// Without a connection it is kept for later.
			around.status = around.isCut ? 'not connected' : 'offline';
		}
	}
}));
vi.mock('../../src/lib/state/notifications.svelte.ts', () => ({
	notifications: {
		get preferences() {
			return around.preferences;
		},
		get settings() {
			return around.settings;
		},
		get devices() {
			return around.devices;
		},
		get error() {
			return around.error;
		},
		async setPreference(name: string, value: boolean) {
			around.error = around.isCut ? 'Not connected.' : null;
			if (!around.isCut) around.preferences[name] = value;
		},
		async setSettings(change: () => object) {
			if (!around.isCut) Object.assign(around.settings, change());
		}
	}
}));

let ringOfflineOffer: typeof import('../../src/lib/components/ring-offline-offer.svelte.ts')['ringOfflineOffer'];
let goingOffline: typeof import('../../src/lib/components/going-offline.svelte.ts')['goingOffline'];
/** A page that is just loaded. */
async function load(): Promise<void> {
	vi.resetModules();
	({ ringOfflineOffer } = await import('../../src/lib/components/ring-offline-offer.svelte.ts'));
	({ goingOffline } = await import('../../src/lib/components/going-offline.svelte.ts'));
}
async function goOffline(): Promise<void> {
	around.status = 'online';
	await goingOffline.ask();
}

beforeEach(async () => {
	Object.assign(around, {
		...{ userId: 'ana', status: 'online', isLast: false, isCut: false, error: null },
		preferences: { pushOffline: true, pushOfflineByHand: false },
		settings: {},
		devices: [{ state: 'gone' }, { state: 'live' }]
	});
	await load();
});

test('the first time somebody goes offline by hand it is offered, and taken with one press', async () => {
	expect(ringOfflineOffer.isOpen).toBe(false);
	await goOffline();
	expect(ringOfflineOffer.isOpen).toBe(true);
	expect(await ringOfflineOffer.accept()).toBeNull();
	expect(ringOfflineOffer.isOpen).toBe(false);
	expect(around.preferences.pushOfflineByHand).toBe(true);
	around.preferences.pushOfflineByHand = false;
	await load();
	await goOffline();
	expect(ringOfflineOffer.isOpen).toBe(false);
});

test('whoever says not now is not asked again, on no device', async () => {
	await goOffline();
	expect(ringOfflineOffer.isOpen).toBe(true);
	await ringOfflineOffer.decline();
	expect(around.preferences.pushOfflineByHand).toBe(false);
	await goOffline();
	expect(ringOfflineOffer.isOpen).toBe(false);
	await load();
	await goOffline();
	expect(ringOfflineOffer.isOpen).toBe(false);
});

test('what cannot be saved is said, and the offer stands', async () => {
	await goOffline();
	around.isCut = true;
	expect(await ringOfflineOffer.accept()).toBe('Not connected.');
	expect(ringOfflineOffer.isOpen).toBe(true);
	await ringOfflineOffer.decline();
	around.isCut = false;
	await goOffline();
	expect(ringOfflineOffer.isOpen).toBe(false);
});

test.each<[string, () => void]>([
	['has no device that rings', () => (around.devices = [{ state: 'stopped' }])],
	['has it on already', () => (around.preferences.pushOfflineByHand = true)],
	['lets nothing ring while offline', () => (around.preferences.pushOffline = false)],
	['is not offline before the connection is back', () => (around.isCut = true)]
])('nothing is offered to somebody who %s', async (_, given) => {
	given();
	await goOffline();
	expect(ringOfflineOffer.isOpen).toBe(false);
});

test('the last one online is offered it after the question, and nobody who signs out', async () => {
	around.isLast = true;
	await goOffline();
	expect(ringOfflineOffer.isOpen).toBe(false);
	await goingOffline.confirm();
	expect(ringOfflineOffer.isOpen).toBe(true);
	await load();
	await goingOffline.signOut(async () => {
		around.status = 'offline';
	});
	expect(ringOfflineOffer.isOpen).toBe(false);
});

test('somebody else who signs in meanwhile does not find it', async () => {
	await goOffline();
	expect(ringOfflineOffer.isOpen).toBe(true);
	around.userId = 'ben';
	expect(ringOfflineOffer.isOpen).toBe(false);
});
