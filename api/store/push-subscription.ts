import { LEASE_S } from '#contract/presence.ts';
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
 * Writes what a device holds. An endpoint belongs to one person: whoever has it now takes it from any other. Another
 * endpoint is another registration, of which nothing is known yet. A registration that the push service has ended stays `gone` until the device brings another endpoint. Also says
 * how many pushes it has taken without a sign that one was shown, as `noteAccepted` counts them.
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
		delete from push_subscriptions
		where (endpoint = ${endpoint} and device_id <> ${deviceId})
			or (device_id = ${deviceId} and endpoint <> ${endpoint})`);
	return q.one(sql`
		insert into push_subscriptions as s (device_id, user_id, endpoint, p256dh, auth, key_id, state,
			is_standalone, created_at, updated_at)
		values (${deviceId}, ${userId}, ${endpoint}, ${keys.p256dh}, ${keys.auth}, ${keyId}, ${state},
			${isStandalone}, ${at}, ${at})
		on conflict (device_id) do update set endpoint = excluded.endpoint, p256dh = excluded.p256dh,
			auth = excluded.auth, key_id = excluded.key_id, is_standalone = excluded.is_standalone,
			updated_at = excluded.updated_at,
			state = case when s.endpoint = excluded.endpoint and s.state <> 'live' then s.state
				else excluded.state end
		returning state, cardinality(unconfirmed) as unconfirmed`);
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

/** A push that its service took, which a device shows before `deadline` (milliseconds since 1970) or never. */
export interface AcceptedPush {
	deviceId: string;
	deadline: number;
	/** The device has reported it already. */
	isConfirmed: boolean;
}

/** Of a device's pushes without a sign the newest are kept; older ones say no more. */
const KEPT_UNCONFIRMED = 20;

/**
 * Returns how many pushes each has taken since one was last shown, by the device's id. Names each device once. Within
 * the transaction that has read, and holds, whether they are confirmed: a sign that comes after it starts from zero.
 */
export async function noteAccepted(
	q: Queries,
	pushes: readonly AcceptedPush[],
	at: number
): Promise<Map<string, number>> {
	if (pushes.length === 0) return new Map();
	const given = pushes.map(({ deviceId, deadline, isConfirmed }) => ({
		device_id: deviceId,
		until: new Date(Math.max(at, deadline)),
		is_confirmed: isConfirmed
	}));
	// Locked in order: two events may ring the same devices at once.
	const rows = await q.many<{ deviceId: string; unconfirmed: number }>(sql`
		with taken as (
			select device_id, until, is_confirmed
			from jsonb_to_recordset(${JSON.stringify(given)}::jsonb) as r (device_id uuid,
				until timestamptz, is_confirmed boolean)
			join push_subscriptions s using (device_id) order by device_id for update of s
		)
		update push_subscriptions s set last_accepted_at = ${new Date(at)},
			last_failed_at = null, last_failure = null,
			unconfirmed = case when taken.is_confirmed then s.unconfirmed
				else (array_prepend(tstzrange(${new Date(at)}, taken.until, '[]'),
					s.unconfirmed))[1:${KEPT_UNCONFIRMED}] end
		from taken where s.device_id = taken.device_id
		returning s.device_id as "deviceId", cardinality(s.unconfirmed) as unconfirmed`);
	return new Map(rows.map(({ deviceId, unconfirmed }) => [deviceId, unconfirmed]));
}

/** That a push was not taken, and why in a few words. */
export async function noteFailed(
	q: Queries,
	deviceId: string,
	{ at, reason }: { at: number; reason: string }
): Promise<void> {
	await q.run(sql`
		update push_subscriptions set last_failed_at = ${new Date(at)}, last_failure = ${reason}
		where device_id = ${deviceId}`);
}

/** How a device stood before a sign of a push. */
export interface ProofBefore {
	userId: string;
	/** When a push was last shown or opened on it. */
	provedAt: number | null;
	/** Its owner was told that it is silent. */
	isSilent: boolean;
}

/** A sign of a push that was sent to a device at `sentAt`; null: nobody noted when. Milliseconds since 1970. */
export interface Sign {
	deviceId: string;
	sentAt: number | null;
	at: number;
}

/** Undefined where the device has no registration, or has registered anew since: then it says nothing of that one. */
const noteSign = (
	q: Queries,
	{ deviceId, sentAt }: Sign,
	sign: Sql
): Promise<ProofBefore | undefined> =>
	q.maybe(sql`
		with before as (
			select device_id, user_id, greatest(last_shown_at, last_opened_at) as proved_at, silent_since
			from push_subscriptions where device_id = ${deviceId}
				and (created_at <= ${sentAt === null ? null : new Date(sentAt)}) is not false for update
		)
		update push_subscriptions s set ${sign}, unconfirmed = '{}', silent_since = null
		from before b where s.device_id = b.device_id
		returning b.user_id as "userId", b.proved_at as "provedAt",
			b.silent_since is not null as "isSilent"`);

/** `latencyMs`: from the request to the push service until the device reported it. */
export const noteShown = (
	q: Queries,
	sign: Sign & { latencyMs: number | null }
): Promise<ProofBefore | undefined> =>
	noteSign(
		q,
		sign,
		// One that was kept without a connection may come after a later one.
		sql`last_shown_at = greatest(last_shown_at, ${new Date(sign.at)}),
			last_shown_latency_ms = case when last_shown_at > ${new Date(sign.at)}
				then last_shown_latency_ms else ${sign.latencyMs} end`
	);

export const noteOpened = (q: Queries, sign: Sign): Promise<ProofBefore | undefined> =>
	noteSign(q, sign, sql`last_opened_at = greatest(last_opened_at, ${new Date(sign.at)})`);

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
	/** `stopped`: by its owner, and without a registration. */
	state: SubscriptionState | 'none' | 'stopped';
	isSignedOut: boolean;
	/** When the session that it is signed in with ends; null: it has. */
	sessionEndsAt: number | null;
	/** By an open of the app or a beat. */
	lastSeenAt: number;
	lastAcceptedAt: number | null;
	/** Of the last push, where it was not taken. */
	lastFailedAt: number | null;
	lastFailure: string | null;
	lastShownAt: number | null;
	lastShownLatencyMs: number | null;
	lastOpenedAt: number | null;
	/** When the last test was taken of which the person says that it rang; null where a later one did not. */
	lastRungAt: number | null;
	/**
	 * Of each push without a sign whose lifetime the device was seen in: when it was first seen in it. The others may
	 * have run out while the device was off.
	 */
	unconfirmedFrom: number[];
	silentSince: number | null;
}

/** A lease that has ended tells its end, not its last beat, which came at most this long before. */
const LEASE = sql`${LEASE_S.hidden.least} * interval '1 s'`;

/** When the device `d` was first seen while the push lived; null: not that we know. */
const firstSeen = (push: Sql): Sql => sql`
	(select min(greatest(seen_at, lower(${push}))) from (
		select d.last_seen_at as seen_at where ${push} @> d.last_seen_at
		union all
		select since from leases where user_id = d.user_id and device_id = d.id
			and since <= upper(${push}) and beaten_at >= lower(${push})
		union all
		select started_at from lease_spans where user_id = d.user_id and device_id = d.id
			and started_at <= upper(${push})
			and (started_at >= lower(${push}) or ended_at - ${LEASE} >= lower(${push}))
	) seen)`;

/** Devices of these people, each person's with the one seen last first. */
export function devicesOf(
	q: Queries,
	userIds: readonly string[],
	now: number
): Promise<DeviceRow[]> {
	return q.many(sql`
		select d.id, d.user_id as "userId", d.name, s.endpoint, s.key_id as "keyId",
			coalesce(s.state, case when d.is_stopped then 'stopped' else 'none' end) as state,
			not coalesce(e.expires_at > ${new Date(now)}, false) as "isSignedOut",
			case when e.expires_at > ${new Date(now)} then e.expires_at end as "sessionEndsAt",
			greatest(d.last_seen_at, (select max(l.beaten_at) from leases l
				where l.user_id = d.user_id and l.device_id = d.id)) as "lastSeenAt",
			s.last_accepted_at as "lastAcceptedAt", s.last_failed_at as "lastFailedAt",
			s.last_failure as "lastFailure", s.last_shown_at as "lastShownAt",
			s.last_shown_latency_ms as "lastShownLatencyMs", s.last_opened_at as "lastOpenedAt",
			(select case when max(sent_at) filter (where did_ring)
						> coalesce(max(sent_at) filter (where not did_ring), '-infinity')
					then max(greatest(sent_at, accepted_at)) filter (where did_ring) end
				from push_tests where device_id = d.id and sent_at >= s.created_at) as "lastRungAt",
			array(select (extract(epoch from seen_at) * 1000)::float8
				from unnest(s.unconfirmed) as push, lateral (select ${firstSeen(sql`push`)} as seen_at) f
				where seen_at is not null) as "unconfirmedFrom",
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
