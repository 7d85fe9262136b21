/** What a browser holds once it is registered with its push service. */
export interface Held {
	endpoint: string;
	keys: { p256dh: string; auth: string };
	/** The server key that it was made with, base64url; null where the browser does not tell. */
	serverKey: string | null;
}

/** This browser's side of pushes; tests bring their own. */
export interface PushBrowser {
	readonly support: 'supported' | 'unsupported' | 'needs-install';
	readonly isStandalone: boolean;
	/** Subscribing works within a person's press alone. */
	readonly needsPress: boolean;
	readonly permission: NotificationPermission;
	/** Asks the person; call it from their press. */
	askPermission(): Promise<NotificationPermission>;
	held(): Promise<Held | null>;
	/** Registers anew; replaces what was made with another key. */
	subscribe(serverKey: string): Promise<Held>;
	unsubscribe(): Promise<void>;
}

/** Without a worker after this long there will be none: the build lacks it or storage is blocked. */
const WORKER_WAIT_MS = 30_000;

const isAppleMobile = (): boolean =>
	/iPhone|iPad|iPod/.test(navigator.userAgent) ||
	(/Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1);

const isInstalled = (): boolean =>
	matchMedia('(display-mode: standalone)').matches ||
	(navigator as { standalone?: boolean }).standalone === true;

const canPush = (): boolean =>
	'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;

async function manager(): Promise<PushManager> {
	const late = new Promise<never>((_, reject) => {
		setTimeout(() => reject(new Error('The app’s worker did not start.')), WORKER_WAIT_MS);
	});
	return (await Promise.race([navigator.serviceWorker.ready, late])).pushManager;
}

const base64url = (bytes: ArrayBuffer): string =>
	btoa(String.fromCharCode(...new Uint8Array(bytes)))
		.replaceAll('+', '-')
		.replaceAll('/', '_')
		.replaceAll('=', '');

function heldOf(subscription: PushSubscription): Held {
	const { endpoint, keys = {} } = subscription.toJSON();
	const { applicationServerKey } = subscription.options;
	return {
		endpoint: endpoint ?? '',
		keys: { p256dh: keys.p256dh ?? '', auth: keys.auth ?? '' },
		serverKey: applicationServerKey ? base64url(applicationServerKey) : null
	};
}

/** The browser that this page runs in. */
export const thisBrowser: PushBrowser = {
	get support() {
		// On an iPhone or iPad pushes exist for an app on the home screen alone.
		if (isAppleMobile() && !isInstalled()) return 'needs-install';
		return canPush() ? 'supported' : 'unsupported';
	},
	get isStandalone() {
		return isInstalled();
	},
	get needsPress() {
		return isAppleMobile();
	},
	get permission() {
		return Notification.permission;
	},
	askPermission: () => Notification.requestPermission(),
	async held() {
		// While the first worker is still being fetched there is nothing to hold, and nothing to wait for.
		const registration = await navigator.serviceWorker.getRegistration();
		const subscription = await registration?.pushManager.getSubscription();
		return subscription ? heldOf(subscription) : null;
	},
	async subscribe(serverKey) {
		const pushManager = await manager();
		const options = { userVisibleOnly: true, applicationServerKey: serverKey };
		try {
			return heldOf(await pushManager.subscribe(options));
		} catch (error) {
			if (!(error instanceof DOMException) || error.name !== 'InvalidStateError') throw error;
			await (await pushManager.getSubscription())?.unsubscribe();
			return heldOf(await pushManager.subscribe(options));
		}
	},
	async unsubscribe() {
		const registration = await navigator.serviceWorker?.getRegistration();
		await (await registration?.pushManager?.getSubscription())?.unsubscribe();
	}
};
