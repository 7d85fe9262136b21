import * as z from 'zod/mini';
import { Id, Timestamp } from './ids.ts';
import { LIMITS } from './limits.ts';
import { DeviceHealth, Expiry } from './notifications.ts';

const key = z
	.string()
	.check(z.minLength(16), z.maxLength(200), z.regex(/^[A-Za-z0-9_-]+=*$/, 'must be base64url'));

export const PushKeyResponse = z.object({ publicKey: z.string(), keyId: z.string() });

/** Sent at every open: what this browser holds, so that the server's record can be mended. */
export const SubscriptionRequest = z.strictObject({
	deviceId: Id,
	deviceName: z.string().check(z.trim(), z.minLength(1), z.maxLength(LIMITS.deviceName)),
	endpoint: z.string().check(z.minLength(1), z.maxLength(LIMITS.endpoint)),
	keys: z.strictObject({ p256dh: key, auth: key }),
	keyId: z.string().check(z.maxLength(64)),
	isStandalone: z.boolean(),
	/** By the person's press on *Enable*, which alone lifts a stop. Absent: a check, which leaves it. */
	isEnabling: z.optional(z.boolean())
});
export type SubscriptionRequest = z.infer<typeof SubscriptionRequest>;

/**
 * `needs_resubscribe`: the key or the registration is stale; subscribe again, then send that. `stopped`: the person has
 * stopped this device from ringing, and nothing was kept; unsubscribe.
 */
export const SubscriptionResponse = z.object({
	state: z.enum(['live', 'needs_resubscribe', 'stopped'])
});
export type SubscriptionResponse = z.infer<typeof SubscriptionResponse>;

/** One device as the Notification page lists it; times are null where nothing was seen yet. */
export const PushDevice = z.object({
	id: Id,
	name: z.string(),
	isSubscribed: z.boolean(),
	/** `stopped`: by its owner, until notifications are enabled on it again. */
	state: z.enum(['live', 'needs_resubscribe', 'gone', 'none', 'stopped']),
	lastSeenAt: Timestamp,
	lastAcceptedAt: z.nullable(Timestamp),
	lastShownAt: z.nullable(Timestamp),
	lastShownLatencyMs: z.nullable(z.int()),
	lastOpenedAt: z.nullable(Timestamp),
	/** When the person last said that a test had rung. Absent in answers of an older server. */
	lastRungAt: z.optional(z.nullable(Timestamp)),
	/** Absent in answers of an older server, as is `expiry`; that is null while nothing is known to end soon. */
	health: z.optional(DeviceHealth),
	expiry: z.optional(z.nullable(Expiry))
});
export type PushDevice = z.infer<typeof PushDevice>;

/** The seed's two-by-two, and the second switch of "push while offline". */
export const NotificationPreferences = z.strictObject({
	pushOnline: z.boolean(),
	pushOffline: z.boolean(),
	pushOfflineByHand: z.boolean(),
	browserOnline: z.boolean(),
	browserOffline: z.boolean()
});
export type NotificationPreferences = z.infer<typeof NotificationPreferences>;

/** What holds for people who never touched the Notification page. */
export const DEFAULT_PREFERENCES: NotificationPreferences = {
	pushOnline: true,
	pushOffline: true,
	pushOfflineByHand: false,
	browserOnline: true,
	browserOffline: false
};

export const PushStateResponse = z.object({
	devices: z.array(PushDevice),
	preferences: NotificationPreferences
});

/** The person stops one of their devices from ringing, until notifications are enabled on it again. */
export const SubscriptionDelete = z.strictObject({ deviceId: Id });

/** `afterMs`: time to lock the phone. Then the answer's `outcome` is `waiting`, and the result is asked for. */
export const TestPushRequest = z.strictObject({
	deviceId: Id,
	afterMs: z.optional(z.int().check(z.minimum(0), z.maximum(60_000)))
});
/** `outcome` is what the push service said; `shown` follows from the worker's acknowledgement. */
export const TestPushResponse = z.object({
	deliveryId: Id,
	outcome: z.enum(['accepted', 'gone', 'failed', 'waiting']),
	status: z.nullable(z.int())
});
export type TestPushResponse = z.infer<typeof TestPushResponse>;

/**
 * By the token inside the encrypted payload, without cookies, so it works after the session ended. `waitedMs`: since
 * it happened, where it lay on the device without a connection.
 */
export const AckRequest = z.strictObject({
	token: z.string().check(z.minLength(20), z.maxLength(200)),
	state: z.enum(['shown', 'opened']),
	waitedMs: z.optional(z.int().check(z.nonnegative()))
});
export type AckRequest = z.infer<typeof AckRequest>;

/**
 * The plaintext of every push: declarative web push (WebKit's explainer "Declarative Web Push",
 * `web_push: 8030`), understood by Safari without a worker and by our worker everywhere else.
 * Parsed by hand in the worker, which must show something before anything else can fail.
 * `mutable`, without which Safari does not tell the worker, and `app_badge` stand twice: beside the notification, as the
 * Push API has them, and within it, where WebKit looked first (its bugs 293457 and 296770, both of 2025).
 */
export interface PushPayload {
	web_push: 8030;
	mutable: true;
	app_badge?: number;
	notification: {
		mutable: true;
		title: string;
		body: string;
		navigate: string;
		lang: string;
		dir: 'ltr' | 'rtl' | 'auto';
		tag: string;
		silent: false;
		app_badge?: string;
		data: {
			kind: 'escalation' | 'unanswered' | 'message' | 'assigned' | 'mention' | 'take_over' | 'test';
			ackToken: string;
			deliveryId: string;
			teamId: string | null;
			conversationId: string | null;
			/** Whose chat it is. */
			botId?: string;
			renotify: boolean;
			/** Number of the conversation's newest message, which a reply from the notification answers. */
			seq?: number;
			/** Its place among the chat's events, which may arrive in another order: compared from the left. */
			event?: { seq: number; at: number; id: string };
			/** Whose notification it is: what is done in it goes into this person's outbox. */
			userId?: string;
		};
	};
}
