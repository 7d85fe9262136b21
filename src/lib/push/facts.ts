import type { Held } from './browser.ts';
import { thisBrowser } from './browser.ts';

/** What a browser can tell about its own half of the way that a ring takes. */
export interface BrowserFacts {
	isSecure: boolean;
	support: 'supported' | 'unsupported' | 'needs-install';
	isInstalled: boolean;
	/** Null where the browser knows no notifications. */
	permission: NotificationPermission | null;
	worker: 'active' | 'starting' | 'none';
	/** Milliseconds until the worker was found. */
	workerMs: number;
	held: Held | null;
}

/** Asks the browser that this page runs in. Never throws: what it refuses to tell is not there. */
export async function browserFacts(): Promise<BrowserFacts> {
	const startedAt = performance.now();
	const registration = await navigator.serviceWorker?.getRegistration().catch(() => undefined);
	const worker = registration?.active ? 'active' : registration ? 'starting' : 'none';
	const workerMs = Math.round(performance.now() - startedAt);
	const { support, isStandalone } = thisBrowser;
	const canHold = support === 'supported' && worker === 'active';
	return {
		isSecure: isSecureContext,
		support,
		isInstalled: isStandalone,
		permission: 'Notification' in window ? thisBrowser.permission : null,
		worker,
		workerMs,
		held: canHold ? await thisBrowser.held().catch(() => null) : null
	};
}
