import type { SubscriptionRequest } from '#contract/push.ts';
import type { Held, PushBrowser } from './browser.ts';

/** How this browser stands. `expired`: registered once, and only the person's press brings it back. */
export type Standing = 'unsupported' | 'needs-install' | 'off' | 'denied' | 'expired' | 'on';

/** The server's side. Both throw ApiFailure or Offline. */
export interface PushServer {
	key(): Promise<{ publicKey: string; keyId: string }>;
	save(request: SubscriptionRequest): Promise<'live' | 'needs_resubscribe'>;
}

export interface Registration {
	browser: PushBrowser;
	server: PushServer;
	device: { id: string; name: string };
}

/**
 * Compares what the browser holds with what the server has, at every open, and mends it where the platform allows.
 * `wasOn`: the server has a record of this device.
 */
export async function check(given: Registration & { wasOn: boolean }): Promise<Standing> {
	const { browser, server, wasOn } = given;
	if (browser.support !== 'supported') return browser.support;
	if (browser.permission === 'denied') return 'denied';
	if (browser.permission === 'default') return wasOn ? 'expired' : 'off';
	const held = await browser.held();
	if (!held && !wasOn) return 'off';
	const key = await server.key();
	const isOfKey = held && (held.serverKey === null || held.serverKey === key.publicKey);
	if (isOfKey && (await save(given, held, key.keyId)) === 'live') return 'on';
	return browser.needsPress ? 'expired' : renew(given, key);
}

/** Turns pushes on, from the person's press: asks for the permission once, registers, tells the server. */
export async function enable(
	given: Registration & { key?: { publicKey: string; keyId: string } | undefined }
): Promise<Standing> {
	const { browser, server } = given;
	if (browser.support !== 'supported') return browser.support;
	// First of all, while the press still counts.
	const permission = await browser.askPermission();
	if (permission === 'denied') return 'denied';
	if (permission === 'default') return 'off';
	const key = given.key ?? (await server.key());
	const held = await browser.subscribe(key.publicKey);
	if ((await save(given, held, key.keyId)) === 'live') return 'on';
	return renew(given, await server.key());
}

/** Drops a registration that has ended and makes another. */
async function renew(
	given: Registration,
	key: { publicKey: string; keyId: string }
): Promise<Standing> {
	const { browser } = given;
	try {
		await browser.unsubscribe();
		const held = await browser.subscribe(key.publicKey);
		return (await save(given, held, key.keyId)) === 'live' ? 'on' : 'expired';
	} catch (error) {
		// The browser wants a press, or has blocked pushes meanwhile.
		if (error instanceof DOMException)
			return browser.permission === 'denied' ? 'denied' : 'expired';
		throw error;
	}
}

const save = (
	{ browser, server, device }: Registration,
	{ endpoint, keys }: Held,
	keyId: string
): Promise<'live' | 'needs_resubscribe'> =>
	server.save({
		deviceId: device.id,
		deviceName: device.name,
		endpoint,
		keys,
		keyId,
		isStandalone: browser.isStandalone
	});
