import type { Queries } from './db.ts';
import { sql } from './sql.ts';

/** `stale`: its registration has to be renewed; `unsent`: no request was made; `unanswered`: one was, perhaps taken. */
export type TestOutcome =
	| 'waiting'
	| 'sending'
	| 'accepted'
	| 'gone'
	| 'stale'
	| 'unsent'
	| 'unanswered'
	| 'failed';

/** `sentAt`: when it is to go out. */
export async function insertPushTest(
	q: Queries,
	test: { id: string; deviceId: string; ackDigest: Buffer; sentAt: number }
): Promise<void> {
	await q.run(sql`
		insert into push_tests (id, device_id, ack_digest, sent_at)
		values (${test.id}, ${test.deviceId}, ${test.ackDigest}, ${new Date(test.sentAt)})`);
}

/**
 * Takes a test for sending, once; undefined where somebody has, or its device is gone. `triedAt`: of the first try,
 * where it has been put off since.
 */
export function claimPushTest(
	q: Queries,
	id: string,
	at: number
): Promise<{ deviceId: string; triedAt: number | null } | undefined> {
	return q.maybe(sql`
		with before as (
			select id, case when reason is not null then sent_at end as tried_at from push_tests
			where id = ${id} and outcome = 'waiting' for update
		)
		update push_tests t set outcome = 'sending', sent_at = ${new Date(at)}
		from before b where t.id = b.id
		returning t.device_id as "deviceId", b.tried_at as "triedAt"`);
}

/** A test that was claimed waits once more, for a push service that wants no request yet. */
export async function putOffPushTest(
	q: Queries,
	id: string,
	{ triedAt, status, reason }: { triedAt: number; status: number | null; reason: string }
): Promise<void> {
	await q.run(sql`
		update push_tests set outcome = 'waiting', sent_at = ${new Date(triedAt)},
			status = ${status}, reason = ${reason} where id = ${id}`);
}

/** Says whether its device has reported it already. */
export async function finishPushTest(
	q: Queries,
	id: string,
	answer: Pick<PushTestRow, 'outcome' | 'status' | 'reason' | 'acceptedAt'>
): Promise<{ isConfirmed: boolean }> {
	const acceptedAt = answer.acceptedAt === null ? null : new Date(answer.acceptedAt);
	const row = await q.maybe<{ isConfirmed: boolean }>(sql`
		update push_tests set outcome = ${answer.outcome}, status = ${answer.status},
			reason = ${answer.reason}, accepted_at = ${acceptedAt} where id = ${id}
		returning coalesce(shown_at, opened_at) is not null as "isConfirmed"`);
	return row ?? { isConfirmed: false };
}

export interface PushTestRow {
	id: string;
	deviceId: string;
	ownerId: string;
	outcome: TestOutcome;
	status: number | null;
	/** Why it was not taken (yet), or is not known to have been; null where it was, or nothing came yet. */
	reason: string | null;
	/** When it goes out, or went; of one that is put off the first try. */
	sentAt: number;
	acceptedAt: number | null;
	shownAt: number | null;
	openedAt: number | null;
	didRing: boolean | null;
}

export function findPushTest(q: Queries, id: string): Promise<PushTestRow | undefined> {
	return q.maybe(sql`
		select t.id, t.device_id as "deviceId", d.user_id as "ownerId", t.outcome, t.status,
			t.reason, t.sent_at as "sentAt", t.accepted_at as "acceptedAt", t.shown_at as "shownAt",
			t.opened_at as "openedAt", t.did_ring as "didRing"
		from push_tests t join devices d on d.id = t.device_id where t.id = ${id}`);
}

/** Takes a test of the person's back before it goes out; false where it has, or is nobody's or another's. */
export async function deletePushTest(
	q: Queries,
	{ id, userId }: { id: string; userId: string }
): Promise<boolean> {
	const deleted = await q.run(sql`
		delete from push_tests t using devices d
		where t.id = ${id} and t.outcome = 'waiting' and d.id = t.device_id and d.user_id = ${userId}`);
	return deleted === 1;
}

/**
 * What the owner of the device says; false where it is nobody's test or another's. A device that has rung is not the
 * silent one any more that it was before.
 */
export async function saveDidRing(
	q: Queries,
	{ id, userId, didRing }: { id: string; userId: string; didRing: boolean }
): Promise<boolean> {
	const { written } = await q.one<{ written: number }>(sql`
		with said as (
			update push_tests t set did_ring = ${didRing} from devices d
			where t.id = ${id} and d.id = t.device_id and d.user_id = ${userId}
			returning t.device_id, t.sent_at, t.did_ring
		), heard as (
			update push_subscriptions s set silent_since = null from said
			where s.device_id = said.device_id and said.did_ring and s.silent_since <= said.sent_at
		)
		select count(*) as written from said`);
	return written === 1;
}

/** The digest of the token of a test of the person's own; undefined where it is nobody's or another's. */
export async function ackDigestOf(
	q: Queries,
	{ id, userId }: { id: string; userId: string }
): Promise<Buffer | undefined> {
	const row = await q.maybe<{ ackDigest: Buffer }>(sql`
		select t.ack_digest as "ackDigest" from push_tests t join devices d on d.id = t.device_id
		where t.id = ${id} and d.user_id = ${userId}`);
	return row?.ackDigest;
}

export interface AckedRow {
	deviceId: string;
	/** When the last attempt started; null where it was never noted. */
	sentAt: number | null;
	/** When it happened: not before that. */
	at: number;
	/** Whether this acknowledgement is the first of its state. */
	isFirst: boolean;
}

/** What is said to have become of a push, and when; of pushes since `since`. Milliseconds since 1970. */
export interface Ack {
	state: 'shown' | 'opened';
	at: number;
	since: number;
}

/** Notes that a test was shown, or opened, each once and each for itself; undefined for a token of no test since `since`. */
export function ackPushTest(
	q: Queries,
	digest: Buffer,
	{ state, at, since }: Ack
): Promise<AckedRow | undefined> {
	const then = sql`greatest(${new Date(at)}::timestamptz, t.sent_at)`;
	return q.maybe(sql`
		with before as (
			select id, shown_at, opened_at from push_tests
			where ack_digest = ${digest} and sent_at >= ${new Date(since)} for update
		)
		update push_tests t set
			shown_at = case when ${state} = 'shown' then coalesce(t.shown_at, ${then}) else t.shown_at end,
			opened_at = case when ${state} = 'opened' then coalesce(t.opened_at, ${then}) else t.opened_at end
		from before b where b.id = t.id
		returning t.device_id as "deviceId", t.sent_at as "sentAt", ${then} as at,
			(case when ${state} = 'opened' then b.opened_at else b.shown_at end) is null as "isFirst"`);
}
