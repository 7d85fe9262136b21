import type { Queries } from './db.ts';
import { sql } from './sql.ts';

export interface SessionRow {
	userId: string;
	/** Milliseconds since 1970. */
	expiresAt: number;
}

export async function insertSession(
	q: Queries,
	session: { digest: Buffer; userId: string; userAgent: string; expiresAt: number }
): Promise<void> {
	await q.run(sql`
		insert into sessions (id, user_id, user_agent, expires_at) values
			(${session.digest}, ${session.userId}, ${session.userAgent}, ${new Date(session.expiresAt)})`);
}

export function findSession(q: Queries, digest: Buffer): Promise<SessionRow | undefined> {
	return q.maybe(sql`
		select user_id as "userId", expires_at as "expiresAt" from sessions where id = ${digest}`);
}

export async function extendSession(q: Queries, digest: Buffer, expiresAt: number): Promise<void> {
	await q.run(sql`update sessions set expires_at = ${new Date(expiresAt)} where id = ${digest}`);
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
