import type { Queries, TeamTx } from './db.ts';
import { sql } from './sql.ts';

/** What one page of a device proved last. Times are milliseconds by a server's clock. */
export interface Share {
	deviceId: string;
	pageId: string;
	/** 0: nothing but the farewell is known. */
	beatenAt: number;
	expiresAt: number;
	/** The page has gone: its share ends then, whatever arrives later. */
	leavesAt: number | null;
	visibility: 'visible' | 'hidden';
	isFocused: boolean;
}

export type OwnedShare = Share & { userId: string };

const COLUMNS = sql`
	l.user_id as "userId", l.device_id as "deviceId", l.page_id as "pageId", l.beaten_at as "beatenAt",
	l.expires_at as "expiresAt", l.leaves_at as "leavesAt", l.visibility, l.is_focused as "isFocused"`;

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** By key, so that two processes that write the same rows wait for each other instead of deadlocking. */
const byKey = (a: OwnedShare, b: OwnedShare) =>
	compare(a.userId, b.userId) || compare(a.deviceId, b.deviceId) || compare(a.pageId, b.pageId);

/**
 * Writes shares in one statement. A row keeps the later beat and the earlier farewell, so processes
 * may write in any order, and twice. `shares` names each page once.
 */
export async function saveShares(q: Queries, shares: OwnedShare[]): Promise<void> {
	const rows = JSON.stringify(shares.toSorted(byKey));
	await q.run(sql`
		with r as (
			select "userId" as user_id, "deviceId" as device_id, "pageId" as page_id,
				to_timestamp("beatenAt" / 1000.0) as beaten_at,
				to_timestamp("expiresAt" / 1000.0) as expires_at,
				to_timestamp("leavesAt" / 1000.0) as leaves_at, visibility, "isFocused" as is_focused
			from jsonb_to_recordset(${rows}::jsonb) as t (
				"userId" uuid, "deviceId" uuid, "pageId" uuid, "beatenAt" float8, "expiresAt" float8,
				"leavesAt" float8, visibility text, "isFocused" boolean)
		), lapsed as (
			insert into lease_spans (user_id, device_id, page_id, started_at, ended_at)
			select l.user_id, l.device_id, l.page_id, l.since, least(l.expires_at, l.leaves_at)
			from r join leases l using (user_id, device_id, page_id)
			where least(l.expires_at, l.leaves_at) < r.beaten_at and l.since < l.expires_at
			on conflict do nothing
		)
		insert into leases as l (user_id, device_id, page_id, beaten_at, expires_at, leaves_at,
			visibility, is_focused, since)
		select r.*, r.beaten_at from r
		on conflict (user_id, device_id, page_id) do update set
			since = case when least(l.expires_at, l.leaves_at) < excluded.beaten_at
				then excluded.beaten_at else l.since end,
			leaves_at = least(l.leaves_at, excluded.leaves_at),
			(beaten_at, expires_at, visibility, is_focused) = (
				select n.beaten_at, n.expires_at, n.visibility, n.is_focused
				from (values
					(l.beaten_at, l.expires_at, l.visibility, l.is_focused),
					(excluded.beaten_at, excluded.expires_at, excluded.visibility, excluded.is_focused)
				) as n (beaten_at, expires_at, visibility, is_focused)
				order by n.beaten_at desc, n.expires_at desc limit 1)`);
}

/** All that is written of these people's devices, ended shares included. */
export const sharesOf = (q: Queries, userIds: string[]): Promise<OwnedShare[]> =>
	q.many(sql`select ${COLUMNS} from leases l where l.user_id = any (${userIds}::uuid[])`);

/** The same of everybody in the transaction's team. */
export const sharesOfTeam = (tx: TeamTx): Promise<OwnedShare[]> =>
	tx.many(sql`
		select ${COLUMNS} from leases l join members m on m.user_id = l.user_id
		where m.team_id = ${tx.teamId}`);

/** Ends every share of a device at `at`. */
export async function endDevice(
	q: Queries,
	input: { userId: string; deviceId: string; at: number }
): Promise<void> {
	await q.run(sql`
		update leases set leaves_at = least(leaves_at, to_timestamp(${input.at}::float8 / 1000.0))
		where user_id = ${input.userId} and device_id = ${input.deviceId}`);
}

/** Of a person who is gone: what was proved, and when. */
export async function deleteLeases(q: Queries, userId: string): Promise<void> {
	await q.run(sql`
		with spans as (delete from lease_spans where user_id = ${userId})
		delete from leases where user_id = ${userId}`);
}

/**
 * Deletes shares that expired before `before`, and keeps when they were until `forgetBefore`. A farewell whose beat
 * another process has yet to write stays as long: without it that beat would count.
 */
export async function pruneShares(
	q: Queries,
	{ before, forgetBefore }: { before: number; forgetBefore: number }
): Promise<void> {
	await q.run(sql`
		with gone as (
			delete from leases where expires_at < to_timestamp(${before}::float8 / 1000.0)
				and coalesce(leaves_at < to_timestamp(${before}::float8 / 1000.0), true)
			returning *
		), forgotten as (
			delete from lease_spans where ended_at < to_timestamp(${forgetBefore}::float8 / 1000.0)
		)
		insert into lease_spans (user_id, device_id, page_id, started_at, ended_at)
		select user_id, device_id, page_id, since, least(expires_at, leaves_at) from gone
		where since < expires_at
		on conflict do nothing`);
}

/** When a device has reported: one of its pages, without a gap. */
export interface LeaseSpan {
	deviceId: string;
	/** Null where the device has been forgotten. */
	deviceName: string | null;
	from: number;
	to: number;
}

/** A person's spans that reach into a time, the earliest first. `to` may lie ahead: a lease that still holds. */
export const leaseSpansOf = (
	q: Queries,
	{ userId, from, to }: { userId: string; from: number; to: number }
): Promise<LeaseSpan[]> =>
	q.many(sql`
		select s.device_id as "deviceId", d.name as "deviceName", s.started_at as "from", s.ended_at as "to"
		from (
			select user_id, device_id, started_at, ended_at from lease_spans where user_id = ${userId}
			union all
			select user_id, device_id, since, least(expires_at, leaves_at) from leases
			where user_id = ${userId} and since < expires_at
		) s left join devices d on d.id = s.device_id and d.user_id = s.user_id
		where s.ended_at > ${new Date(from)} and s.started_at < ${new Date(to)}
			and s.started_at < s.ended_at
		order by s.started_at, s.device_id`);
