import type { PushDevice } from '#contract/push.ts';
import type { Queries } from './db.ts';
import { sql } from './sql.ts';

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
 * A registration that the push service has ended stays `gone` until the device brings another endpoint.
 */
export async function saveSubscription(
	q: Queries,
	input: SubscriptionInput,
	isCurrentKey: boolean
): Promise<SubscriptionState> {
	const { deviceId, userId, endpoint, keys, keyId, isStandalone } = input;
	const at = new Date(input.at);
	const state = isCurrentKey ? 'live' : 'needs_resubscribe';
	await q.run(sql`
		delete from push_subscriptions where endpoint = ${endpoint} and device_id <> ${deviceId}`);
	const row = await q.one<{ state: SubscriptionState }>(sql`
		insert into push_subscriptions as s (device_id, user_id, endpoint, p256dh, auth, key_id, state,
			is_standalone, created_at, updated_at)
		values (${deviceId}, ${userId}, ${endpoint}, ${keys.p256dh}, ${keys.auth}, ${keyId}, ${state},
			${isStandalone}, ${at}, ${at})
		on conflict (device_id) do update set endpoint = excluded.endpoint, p256dh = excluded.p256dh,
			auth = excluded.auth, key_id = excluded.key_id, is_standalone = excluded.is_standalone,
			updated_at = excluded.updated_at,
			fail_count = case when s.endpoint = excluded.endpoint then s.fail_count else 0 end,
			state = case when s.endpoint = excluded.endpoint and s.state <> 'live' then s.state
				else excluded.state end
		returning state`);
	return row.state;
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

export async function noteAccepted(q: Queries, deviceId: string, at: number): Promise<void> {
	await q.run(sql`
		update push_subscriptions set last_accepted_at = ${new Date(at)}, fail_count = 0
		where device_id = ${deviceId}`);
}

export async function noteFailed(q: Queries, deviceId: string): Promise<void> {
	await q.run(sql`
		update push_subscriptions set fail_count = fail_count + 1 where device_id = ${deviceId}`);
}

/** `latencyMs`: from the request to the push service until the device reported it. */
export async function noteShown(
	q: Queries,
	deviceId: string,
	{ at, latencyMs }: { at: number; latencyMs: number | null }
): Promise<void> {
	await q.run(sql`
		update push_subscriptions set last_shown_at = ${new Date(at)}, last_shown_latency_ms = ${latencyMs}
		where device_id = ${deviceId}`);
}

export async function noteOpened(q: Queries, deviceId: string, at: number): Promise<void> {
	await q.run(sql`
		update push_subscriptions set last_opened_at = ${new Date(at)} where device_id = ${deviceId}`);
}

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

/** The person's devices, those with a registration or without, the one seen last first. */
export function listPushDevices(q: Queries, userId: string): Promise<PushDevice[]> {
	return q.many(sql`
		select d.id, d.name, s.device_id is not null as "isSubscribed",
			coalesce(s.state, 'none') as state, d.last_seen_at as "lastSeenAt",
			s.last_accepted_at as "lastAcceptedAt", s.last_shown_at as "lastShownAt",
			s.last_shown_latency_ms as "lastShownLatencyMs", s.last_opened_at as "lastOpenedAt"
		from devices d left join push_subscriptions s on s.device_id = d.id
		where d.user_id = ${userId} order by d.last_seen_at desc, d.id`);
}
