import type { Queries } from './db.ts';
import { type Sql, sql } from './sql.ts';

export interface Subscription {
	endpoint: string;
	keys: { p256dh: string; auth: string };
}

export interface SubscriptionInput extends Subscription {
	deviceId: string;
	userId: string;
	/** Of the server key that it was made with. */
	keyId: string;
	isStandalone: boolean;
	/** Milliseconds since 1970. */
	at: number;
}

export type SubscriptionState = 'live' | 'needs_resubscribe' | 'gone';

/**
 * Writes what a device holds. An endpoint belongs to one person: whoever has it now takes it from any other.
 * A registration that the push service has ended stays `gone` until the device brings another endpoint. Also says
 * how many pushes it has taken without a sign that one was shown.
 */
export async function saveSubscription(
	q: Queries,
	input: SubscriptionInput,
	isCurrentKey: boolean
): Promise<{ state: SubscriptionState; unconfirmed: number }> {
	const { deviceId, userId, endpoint, keys, keyId, isStandalone } = input;
	const at = new Date(input.at);
	const state = isCurrentKey ? 'live' : 'needs_resubscribe';
	await q.run(sql`
		delete from push_subscriptions where endpoint = ${endpoint} and device_id <> ${deviceId}`);
	return q.one(sql`
		insert into push_subscriptions as s (device_id, user_id, endpoint, p256dh, auth, key_id, state,
			is_standalone, created_at, updated_at)
		values (${deviceId}, ${userId}, ${endpoint}, ${keys.p256dh}, ${keys.auth}, ${keyId}, ${state},
			${isStandalone}, ${at}, ${at})
		on conflict (device_id) do update set endpoint = excluded.endpoint, p256dh = excluded.p256dh,
			auth = excluded.auth, key_id = excluded.key_id, is_standalone = excluded.is_standalone,
			updated_at = excluded.updated_at,
			fail_count = case when s.endpoint = excluded.endpoint then s.fail_count else 0 end,
			unconfirmed = case when s.endpoint = excluded.endpoint then s.unconfirmed else 0 end,
			unconfirmed_since = case when s.endpoint = excluded.endpoint then s.unconfirmed_since end,
			silent_since = case when s.endpoint = excluded.endpoint then s.silent_since end,
			state = case when s.endpoint = excluded.endpoint and s.state <> 'live' then s.state
				else excluded.state end
		returning state, unconfirmed`);
}

export async function deleteSubscription(
	q: Queries,
	userId: string,
	deviceId: string
): Promise<void> {
	await q.run(sql`
		delete from push_subscriptions where user_id = ${userId} and device_id = ${deviceId}`);
}

/** Ends or flags a registration; not one that the device has replaced meanwhile. */
export async function markSubscription(
	q: Queries,
	endpoint: string,
	state: Exclude<SubscriptionState, 'live'>
): Promise<void> {
	await q.run(sql`update push_subscriptions set state = ${state} where endpoint = ${endpoint}`);
}

/** Returns how many pushes in a row each has taken without a sign that one was shown, by the device's id. */
export async function noteAccepted(
	q: Queries,
	deviceIds: readonly string[],
	at: number
): Promise<Map<string, number>> {
	if (deviceIds.length === 0) return new Map();
	// Locked in order: two events may ring the same devices at once.
	const rows = await q.many<{ deviceId: string; unconfirmed: number }>(sql`
		with taken as (
			select device_id from push_subscriptions where device_id = any(${deviceIds}::uuid[])
			order by device_id for update
		)
		update push_subscriptions s set last_accepted_at = ${new Date(at)}, fail_count = 0,
			unconfirmed = unconfirmed + 1,
			unconfirmed_since = coalesce(unconfirmed_since, ${new Date(at)})
		from taken where s.device_id = taken.device_id
		returning s.device_id as "deviceId", unconfirmed`);
	return new Map(rows.map(({ deviceId, unconfirmed }) => [deviceId, unconfirmed]));
}

export async function noteFailed(q: Queries, deviceId: string): Promise<void> {
	await q.run(sql`
		update push_subscriptions set fail_count = fail_count + 1 where device_id = ${deviceId}`);
}

/** How a device stood before a sign of a push. */
export interface ProofBefore {
	userId: string;
	/** When a push was last shown or opened on it. */
	provedAt: number | null;
	/** Its owner was told that it is silent. */
	isSilent: boolean;
}

const noteSign = (q: Queries, deviceId: string, sign: Sql): Promise<ProofBefore | undefined> =>
	q.maybe(sql`
		with before as (
			select device_id, user_id, greatest(last_shown_at, last_opened_at) as proved_at, silent_since
			from push_subscriptions where device_id = ${deviceId} for update
		)
		update push_subscriptions s set ${sign}, unconfirmed = 0, unconfirmed_since = null,
			silent_since = null
		from before b where s.device_id = b.device_id
		returning b.user_id as "userId", b.proved_at as "provedAt",
			b.silent_since is not null as "isSilent"`);

/** `latencyMs`: from the request to the push service until the device reported it. */
export const noteShown = (
	q: Queries,
	deviceId: string,
	{ at, latencyMs }: { at: number; latencyMs: number | null }
): Promise<ProofBefore | undefined> =>
	noteSign(q, deviceId, sql`last_shown_at = ${new Date(at)}, last_shown_latency_ms = ${latencyMs}`);

export const noteOpened = (
	q: Queries,
	deviceId: string,
	at: number
): Promise<ProofBefore | undefined> => noteSign(q, deviceId, sql`last_opened_at = ${new Date(at)}`);

export interface SubscriptionRow extends Subscription {
	deviceId: string;
	state: SubscriptionState;
}

/** What the person's own device holds. */
export async function findSubscription(
	q: Queries,
	userId: string,
	deviceId: string
): Promise<SubscriptionRow | undefined> {
	const [row] = await findRows(q, [deviceId], userId);
	return row;
}

export async function findSubscriptions(
	q: Queries,
	deviceIds: readonly string[]
): Promise<Map<string, SubscriptionRow>> {
	const rows = await findRows(q, deviceIds, null);
	return new Map(rows.map((row) => [row.deviceId, row]));
}

async function findRows(
	q: Queries,
	deviceIds: readonly string[],
	userId: string | null
): Promise<SubscriptionRow[]> {
	type Row = Omit<SubscriptionRow, 'keys'> & Subscription['keys'];
	const rows = await q.many<Row>(sql`
		select device_id as "deviceId", endpoint, p256dh, auth, state from push_subscriptions
		where device_id = any(${deviceIds}::uuid[])
			and (${userId}::uuid is null or user_id = ${userId}::uuid)`);
	return rows.map(({ p256dh, auth, ...row }) => ({ ...row, keys: { p256dh, auth } }));
}

/** What is known of a device, with a registration or without. Times in milliseconds since 1970. */
export interface DeviceRow {
	id: string;
	userId: string;
	name: string;
	/** Null without a registration; never for a client. */
	endpoint: string | null;
	keyId: string | null;
	state: SubscriptionState | 'none';
	isSignedOut: boolean;
	/** When the session that it is signed in with ends; null: it has. */
	sessionEndsAt: number | null;
	/** By an open of the app or a beat. */
	lastSeenAt: number;
	lastAcceptedAt: number | null;
	lastShownAt: number | null;
	lastShownLatencyMs: number | null;
	lastOpenedAt: number | null;
	/** When the person last said that a test had rung. */
	lastRungAt: number | null;
	unconfirmed: number;
	unconfirmedSince: number | null;
	silentSince: number | null;
}

/** Devices of these people, each person's with the one seen last first. */
export function devicesOf(
	q: Queries,
	userIds: readonly string[],
	now: number
): Promise<DeviceRow[]> {
	return q.many(sql`
		select d.id, d.user_id as "userId", d.name, s.endpoint, s.key_id as "keyId",
			coalesce(s.state, 'none') as state,
			not coalesce(e.expires_at > ${new Date(now)}, false) as "isSignedOut",
			case when e.expires_at > ${new Date(now)} then e.expires_at end as "sessionEndsAt",
			greatest(d.last_seen_at, (select max(l.beaten_at) from leases l
				where l.user_id = d.user_id and l.device_id = d.id)) as "lastSeenAt",
			s.last_accepted_at as "lastAcceptedAt", s.last_shown_at as "lastShownAt",
			s.last_shown_latency_ms as "lastShownLatencyMs", s.last_opened_at as "lastOpenedAt",
			(select max(t.sent_at) from push_tests t
				where t.device_id = d.id and t.did_ring and t.sent_at >= s.created_at) as "lastRungAt",
			coalesce(s.unconfirmed, 0) as unconfirmed, s.unconfirmed_since as "unconfirmedSince",
			s.silent_since as "silentSince"
		from devices d left join push_subscriptions s on s.device_id = d.id
		left join sessions e on e.id = d.session_id
		where d.user_id = any(${userIds}::uuid[]) order by d.last_seen_at desc, d.id`);
}

/** Notes that a device was told as silent; false where that was done before. */
export async function markSilent(q: Queries, deviceId: string, at: number): Promise<boolean> {
	const written = await q.run(sql`
		update push_subscriptions set silent_since = ${new Date(at)}
		where device_id = ${deviceId} and silent_since is null`);
	return written === 1;
}
