import type { SubscriptionResponse } from '#contract/push.ts';
import { deviceName } from '../db/device.ts';
import { getIdentity, setIdentity } from '../db/worker.ts';

/** The part of the event that is used; `newSubscription` where the browser has already renewed it. */
export interface SubscriptionChange {
	waitUntil(work: Promise<unknown>): void;
	readonly newSubscription?: PushSubscription | null;
}

export interface ChangeScope {
	registration: { pushManager: Pick<PushManager, 'subscribe'> };
}

export interface ChangeDeps {
	fetch(path: string, init?: RequestInit): Promise<Response>;
	/** The person's record of this browser; null while nobody has signed in. */
	deviceId(): Promise<string | null>;
	deviceName(): string;
}

const changeDeps: ChangeDeps = {
	fetch: (path, init) => fetch(path, init),
	deviceId: async () => (await getIdentity())?.deviceId ?? null,
	deviceName
};

/**
 * The browser dropped its registration: subscribe again and tell the server. Where this fails, or the event never
 * comes as on iOS, the next open of the app notices.
 */
export function onSubscriptionChange(
	event: SubscriptionChange,
	scope: ChangeScope,
	deps: ChangeDeps = changeDeps
): void {
	event.waitUntil(renew(event, scope, deps));
}

async function renew(
	event: SubscriptionChange,
	{ registration }: ChangeScope,
	deps: ChangeDeps
): Promise<void> {
	const deviceId = await deps.deviceId();
	if (!deviceId) return;
	const answer = await deps.fetch('/api/push/key');
	if (!answer.ok) return;
	const { publicKey, keyId } = (await answer.json()) as { publicKey: string; keyId: string };
	const subscription =
		event.newSubscription ??
		(await registration.pushManager.subscribe({
			userVisibleOnly: true,
			applicationServerKey: publicKey
		}));
	const { endpoint, keys } = subscription.toJSON();
	const saved = await deps.fetch('/api/push/subscription', {
		method: 'PUT',
		headers: { 'Content-Type': 'application/json' },
		body: JSON.stringify({
			deviceId,
			deviceName: deps.deviceName(),
			endpoint,
			keys: { p256dh: keys?.p256dh, auth: keys?.auth },
			keyId,
			isStandalone: false
		})
	});
	if (!saved.ok) return;
	// The person has stopped this device: nothing is sent to it, so it need not hold anything either.
	const { state } = (await saved.json()) as SubscriptionResponse;
	if (state === 'stopped') await subscription.unsubscribe();
}

/** A page told who has come or left, which a worker woken alone could not know. */
export function onIdentity(
	event: { readonly data: unknown; waitUntil(work: Promise<unknown>): void },
	set: typeof setIdentity = setIdentity
): void {
	const { type, deviceId, userId } = (event.data ?? {}) as Record<string, unknown>;
	if (type === 'signed-out') event.waitUntil(set(null));
	else if (type === 'identity' && typeof deviceId === 'string')
		event.waitUntil(set({ deviceId, ...(typeof userId === 'string' && { userId }) }));
}
