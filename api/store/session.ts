import type { Queries } from './db.ts';
import { sql } from './sql.ts';

export interface SessionRow {
	userId: string;
	/** Milliseconds since 1970. */
	expiresAt: number;
	lastSeenAt: number;
}

export async function insertSession(
	q: Queries,
	session: {
		digest: Buffer;
		userId: string;
		userAgent: string;
		expiresAt: number;
		address?: string;
		/** When it began, if not now by the database's clock. */
		at?: number;
	}
): Promise<void> {
	const at = session.at === undefined ? null : new Date(session.at);
	await q.run(sql`
		insert into sessions (id, user_id, user_agent, expires_at, address, created_at) values
			(${session.digest}, ${session.userId}, ${session.userAgent}, ${new Date(session.expiresAt)},
				${session.address ?? ''}, coalesce(${at}::timestamptz, now()))`);
}

export function findSession(q: Queries, digest: Buffer): Promise<SessionRow | undefined> {
	return q.maybe(sql`
		select user_id as "userId", expires_at as "expiresAt", last_seen_at as "lastSeenAt"
		from sessions where id = ${digest}`);
}

/** Never past `maxLifeMs` since the person signed in. */
export async function extendSession(
	q: Queries,
	digest: Buffer,
	{ expiresAt, maxLifeMs }: { expiresAt: number; maxLifeMs: number }
): Promise<void> {
	await q.run(sql`
		update sessions set expires_at =
			least(${new Date(expiresAt)}, created_at + make_interval(secs => ${maxLifeMs / 1000}))
		where id = ${digest}`);
}

/** Puts a session in the place of another, with the devices that were bound to it and their pushes. */
export async function replaceSession(
	tx: Queries,
	{ from, to }: { from: Buffer; to: Buffer }
): Promise<void> {
	await tx.run(sql`update devices set session_id = ${to} where session_id = ${from}`);
	await tx.run(sql`delete from sessions where id = ${from}`);
}

export async function touchSession(q: Queries, digest: Buffer, at: number): Promise<void> {
	await q.run(sql`update sessions set last_seen_at = ${new Date(at)} where id = ${digest}`);
}

/**
 * Which of these open something at `now`, as hex. Notes the use of those that were last seen before `seenBefore`;
 * what another process is noting is left to it.
 */
export async function validSessions(
	q: Queries,
	{ digests, now, seenBefore }: { digests: Buffer[]; now: number; seenBefore: number }
): Promise<Set<string>> {
	const rows = await q.many<{ digest: string }>(sql`
		with stale as (
			select id from sessions
			where id = any (${digests}::bytea[]) and last_seen_at < ${new Date(seenBefore)}
			for update skip locked
		), seen as (
			update sessions s set last_seen_at = ${new Date(now)} from stale where s.id = stale.id
		)
		select encode(id, 'hex') as digest from sessions
		where id = any (${digests}::bytea[]) and expires_at > ${new Date(now)}`);
	return new Set(rows.map(({ digest }) => digest));
}

export interface ListedSession {
	digest: Buffer;
	userAgent: string;
	address: string;
	/** Milliseconds since 1970. */
	createdAt: number;
	lastSeenAt: number;
	expiresAt: number;
	/** Of the device in it that was seen last. */
	deviceName: string | null;
	push: 'live' | 'needs_resubscribe' | 'gone' | 'none' | null;
}

/** The person's sessions that still open something, the one seen last first. */
export function sessionsOf(q: Queries, userId: string, now: number): Promise<ListedSession[]> {
	return q.many(sql`
		select s.id as digest, s.user_agent as "userAgent", s.address, s.created_at as "createdAt",
			s.expires_at as "expiresAt", greatest(s.last_seen_at, d.last_seen_at) as "lastSeenAt",
			d.name as "deviceName", d.push
		from sessions s left join lateral (
			select d.name, d.last_seen_at, coalesce(p.state, 'none') as push
			from devices d left join push_subscriptions p on p.device_id = d.id
			where d.session_id = s.id order by d.last_seen_at desc limit 1) d on true
		where s.user_id = ${userId} and s.expires_at > ${new Date(now)}
		order by "lastSeenAt" desc, s.created_at desc`);
}

/** The digests of the person's sessions. */
export async function sessionDigestsOf(q: Queries, userId: string): Promise<Buffer[]> {
	const rows = await q.many<{ id: Buffer }>(sql`
		select id from sessions where user_id = ${userId}`);
	return rows.map((row) => row.id);
}

/** Ends a session and, in the same statement, the pushes to its device. */
export async function deleteSession(q: Queries, digest: Buffer): Promise<void> {
	await q.run(sql`
		with ended as (delete from sessions where id = ${digest})
		delete from push_subscriptions s using devices d
		where d.id = s.device_id and d.session_id = ${digest}`);
}

/** The same for every session that has run out by `now`, in milliseconds since 1970. */
export async function deleteExpiredSessions(q: Queries, now: number): Promise<void> {
	await q.run(sql`
		with ended as (delete from sessions where expires_at <= ${new Date(now)} returning id)
		delete from push_subscriptions s using devices d, ended e
		where d.id = s.device_id and d.session_id = e.id`);
}
