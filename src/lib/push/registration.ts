import type { SubscriptionRequest, SubscriptionResponse } from '#contract/push.ts';
import type { Held, PushBrowser } from './browser.ts';

/** How this browser stands. `expired`: registered once, and only the person's press brings it back. */
export type Standing = 'unsupported' | 'needs-install' | 'off' | 'denied' | 'expired' | 'on';

/** The server's side. Both throw ApiFailure or Offline. */
export interface PushServer {
	key(): Promise<{ publicKey: string; keyId: string }>;
	save(request: SubscriptionRequest): Promise<SubscriptionResponse['state']>;
}

export interface Registration {
	browser: PushBrowser;
	server: PushServer;
	device: { id: string; name: string };
	/** The person has pressed *Enable*, which lifts a stop. */
	isEnabling?: boolean;
}

/**
 * Compares what the browser holds with what the server has, at every open, and mends it where the platform allows.
 * `wasOn`: the server has a registration of this device. `isStopped`: the person has stopped it from ringing.
 */
export async function check(
	given: Registration & { wasOn: boolean; isStopped: boolean }
): Promise<Standing> {
	const { browser, server, wasOn, isStopped } = given;
	if (browser.support !== 'supported') return browser.support;
	if (browser.permission === 'denied') return 'denied';
	if (browser.permission === 'default') return wasOn ? 'expired' : 'off';
	if (isStopped) return end(browser);
	const held = await browser.held();
	if (!held && !wasOn) return 'off';
	const key = await server.key();
	const isOfKey = held && (held.serverKey === null || held.serverKey === key.publicKey);
	const standing = isOfKey ? await save(given, held, key.keyId) : 'expired';
	if (standing !== 'expired' || browser.needsPress) return standing;
	return renew(given, key);
}

/**
 * Turns pushes on, from the person's press: asks for the permission once, registers, tells the server. `isExpired`: what
 * the browser may still hold has ended. `key`: fetched ahead, since asking the server may use the press up.
 */
export async function enable(
	given: Registration & {
		isExpired?: boolean;
		key?: { publicKey: string; keyId: string } | undefined;
	}
): Promise<Standing> {
	const { browser, server, isExpired } = given;
	if (browser.support !== 'supported') return browser.support;
	// First of all, while the press still counts.
	const permission = await browser.askPermission();
	if (permission === 'denied') return 'denied';
	if (permission === 'default') return 'off';
	const pressed = { ...given, isEnabling: true };
	const key = given.key ?? (await server.key());
	// Now, since a browser hands out again what it holds, and there may be no second try within this press.
	if (isExpired) await browser.unsubscribe();
	const held = await browser.subscribe(key.publicKey);
	const standing = await save(pressed, held, key.keyId);
	return standing === 'expired' ? renew(pressed, await server.key()) : standing;
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
		return await save(given, held, key.keyId);
	} catch (error) {
		// The browser wants a press, or has blocked pushes meanwhile.
		if (error instanceof DOMException)
			return browser.permission === 'denied' ? 'denied' : 'expired';
		throw error;
	}
}

async function end(browser: PushBrowser): Promise<Standing> {
	await browser.unsubscribe();
	return 'off';
}

/** Tells the server what the browser holds. What was stopped from another device meanwhile is given back. */
async function save(
	{ browser, server, device, isEnabling }: Registration,
	{ endpoint, keys }: Held,
	keyId: string
): Promise<Standing> {
	const state = await server.save({
		deviceId: device.id,
		deviceName: device.name,
		endpoint,
		keys,
		keyId,
		isStandalone: browser.isStandalone,
		...(isEnabling && { isEnabling })
	});
	if (state === 'stopped') return end(browser);
	return state === 'live' ? 'on' : 'expired';
}
