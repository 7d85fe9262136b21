import { describe, expect, it } from 'vitest';
import type { SubscriptionRequest, SubscriptionResponse } from '#contract/push.ts';
import type { Held, PushBrowser } from '../../src/lib/push/browser.ts';
import { check, enable } from '../../src/lib/push/registration.ts';

const KEY = { publicKey: 'SERVER-KEY', keyId: 'key-1' };
const made = (n: number, serverKey = KEY.publicKey): Held => ({
	endpoint: `https://push.example/${n}`,
	keys: { p256dh: 'p', auth: 'a' },
	serverKey
});

/**
 * A browser and a server; `log` is what was done to them. A press lasts until the server is asked, and what is held
 * is held on to, as in browsers.
 */
function world(
	given: Partial<PushBrowser> & {
		holds?: Held | null;
		asked?: NotificationPermission;
		answers?: SubscriptionResponse['state'][];
		isStopped?: boolean;
		/** Its push service has ended what is held at first. */
		isEnded?: boolean;
		subscribeFails?: Error;
	} = {}
) {
	const log: string[] = [];
	const saved: SubscriptionRequest[] = [];
	let holds = given.holds ?? null;
	const ended = given.isEnded ? holds?.endpoint : null;
	let n = 1;
	let isPressed = true;
	const browser: PushBrowser = {
		support: 'supported',
		isStandalone: false,
		needsPress: false,
		permission: 'granted',
		async askPermission() {
			log.push('ask');
			return given.asked ?? 'granted';
		},
		held: async () => holds,
		async subscribe(serverKey) {
			log.push('subscribe');
			if (given.subscribeFails) throw given.subscribeFails;
			if (browser.needsPress && !isPressed) throw new DOMException('no press', 'NotAllowedError');
			if (holds?.serverKey !== serverKey) holds = made(++n, serverKey);
			return holds;
		},
		async unsubscribe() {
			log.push('unsubscribe');
			holds = null;
		},
		...given
	};
	const server = {
		async key() {
			isPressed = false;
			return KEY;
		},
		async save(request: SubscriptionRequest) {
			isPressed = false;
			log.push('save');
			saved.push(request);
			if (request.endpoint === ended) return 'needs_resubscribe' as const;
			return given.answers?.shift() ?? ('live' as const);
		}
	};
	const device = { id: 'd', name: 'Chrome on Linux' };
	return { log, saved, browser, server, device, isStopped: given.isStopped ?? false };
}

describe('opening the app', () => {
	it('tells the server what the browser holds, every time', async () => {
		const w = world({ holds: made(1) });
		expect(await check({ ...w, wasOn: true })).toBe('on');
		expect(w.log).toEqual(['save']);
		expect(w.saved[0]).toEqual({
			deviceId: 'd',
			deviceName: 'Chrome on Linux',
			endpoint: 'https://push.example/1',
			keys: { p256dh: 'p', auth: 'a' },
			keyId: 'key-1',
			isStandalone: false
		});
	});

	it('asks nobody for anything where pushes were never turned on', async () => {
		for (const permission of ['default', 'granted'] as const) {
			const w = world({ permission });
			expect(await check({ ...w, wasOn: false })).toBe('off');
			expect(w.log).toEqual([]);
		}
	});

	it('renews a registration that the browser has lost', async () => {
		const w = world();
		expect(await check({ ...w, wasOn: true })).toBe('on');
		expect(w.log).toEqual(['unsubscribe', 'subscribe', 'save']);
	});

	it('renews one made with another key, without showing it to the server', async () => {
		const w = world({ holds: made(1, 'OLD-KEY') });
		expect(await check({ ...w, wasOn: true })).toBe('on');
		expect(w.log).toEqual(['unsubscribe', 'subscribe', 'save']);
	});

	it('renews one that the push service has ended', async () => {
		const w = world({ holds: made(1), isEnded: true });
		expect(await check({ ...w, wasOn: true })).toBe('on');
		expect(w.log).toEqual(['save', 'unsubscribe', 'subscribe', 'save']);
		expect(w.saved.map(({ endpoint }) => endpoint)).toEqual([
			'https://push.example/1',
			'https://push.example/2'
		]);
	});

	it('gives back what is held on a device that the person has stopped, and leaves it off', async () => {
		for (const needsPress of [false, true]) {
			const w = world({ holds: made(1), isStopped: true, needsPress });
			expect(await check({ ...w, wasOn: false })).toBe('off');
			expect(w.log).toEqual(['unsubscribe']);
		}
	});

	it('gives it back as well where it was stopped at this very moment', async () => {
		const held = world({ holds: made(1), answers: ['stopped'] });
		expect(await check({ ...held, wasOn: true })).toBe('off');
		expect(held.log).toEqual(['save', 'unsubscribe']);
		const renewed = world({ answers: ['stopped'] });
		expect(await check({ ...renewed, wasOn: true })).toBe('off');
		expect(renewed.log).toEqual(['unsubscribe', 'subscribe', 'save', 'unsubscribe']);
	});

	it('leaves that to the person where only a press may subscribe, as on iOS', async () => {
		for (const holds of [null, made(1, 'OLD-KEY')]) {
			const w = world({ holds, needsPress: true });
			expect(await check({ ...w, wasOn: true })).toBe('expired');
			expect(w.log).toEqual([]);
		}
	});

	it('says so where the browser refuses to renew, or the permission has gone', async () => {
		const refused = world({ subscribeFails: new DOMException('no', 'NotAllowedError') });
		expect(await check({ ...refused, wasOn: true })).toBe('expired');
		expect(await check({ ...world({ permission: 'default' }), wasOn: true })).toBe('expired');
		expect(await check({ ...world({ permission: 'denied' }), wasOn: true })).toBe('denied');
	});

	it('touches nothing where there is no push at all', async () => {
		for (const support of ['unsupported', 'needs-install'] as const) {
			const w = world({ support });
			expect(await check({ ...w, wasOn: true })).toBe(support);
			expect(w.log).toEqual([]);
		}
	});
});

describe('pressing Enable', () => {
	it('asks first, while the press counts, then registers', async () => {
		const w = world({ permission: 'default' });
		expect(await enable(w)).toBe('on');
		expect(w.log).toEqual(['ask', 'subscribe', 'save']);
		expect(w.saved).toMatchObject([{ isEnabling: true }]);
	});

	it('asks once, and registers nothing without the permission', async () => {
		for (const [asked, standing] of [
			['denied', 'denied'],
			['default', 'off']
		] as const) {
			const w = world({ permission: 'default', asked });
			expect(await enable(w)).toBe(standing);
			expect(w.log).toEqual(['ask']);
		}
	});

	it('brings back a registration that had ended, with one press where only a press may', async () => {
		const w = world({ holds: made(1), isEnded: true, needsPress: true });
		expect(await enable({ ...w, key: KEY, isExpired: true })).toBe('on');
		expect(w.log).toEqual(['ask', 'unsubscribe', 'subscribe', 'save']);
		expect(w.saved.map(({ endpoint }) => endpoint)).toEqual(['https://push.example/2']);
	});

	it('brings back one of which nobody knew that it had ended', async () => {
		const w = world({ holds: made(1), isEnded: true });
		expect(await enable({ ...w, key: KEY })).toBe('on');
		expect(w.log).toEqual(['ask', 'subscribe', 'save', 'unsubscribe', 'subscribe', 'save']);
		const pressed = world({ holds: made(1), isEnded: true, needsPress: true });
		expect(await enable({ ...pressed, key: KEY })).toBe('expired');
	});

	it('lets the reason through where the browser cannot register', async () => {
		const w = world({ subscribeFails: new DOMException('no push service', 'AbortError') });
		await expect(enable(w)).rejects.toThrow('no push service');
	});
});
