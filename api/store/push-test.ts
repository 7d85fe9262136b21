import type { Queries } from './db.ts';
import { sql } from './sql.ts';

export type TestOutcome = 'waiting' | 'sending' | 'accepted' | 'gone' | 'failed';

/** `sentAt`: when it is to go out. */
export async function insertPushTest(
	q: Queries,
	test: { id: string; deviceId: string; ackDigest: Buffer; sentAt: number }
): Promise<void> {
	await q.run(sql`
		insert into push_tests (id, device_id, ack_digest, sent_at)
		values (${test.id}, ${test.deviceId}, ${test.ackDigest}, ${new Date(test.sentAt)})`);
}

/** Takes a test for sending, once; undefined where somebody has, or its device is gone. */
export async function claimPushTest(
	q: Queries,
	id: string,
	at: number
): Promise<string | undefined> {
	const row = await q.maybe<{ deviceId: string }>(sql`
		update push_tests set outcome = 'sending', sent_at = ${new Date(at)}
		where id = ${id} and outcome = 'waiting' returning device_id as "deviceId"`);
	return row?.deviceId;
}

export async function finishPushTest(
	q: Queries,
	id: string,
	answer: { outcome: TestOutcome; status: number | null; acceptedAt: number | null }
): Promise<void> {
	const acceptedAt = answer.acceptedAt === null ? null : new Date(answer.acceptedAt);
	await q.run(sql`
		update push_tests set outcome = ${answer.outcome}, status = ${answer.status},
			accepted_at = ${acceptedAt} where id = ${id}`);
}

export interface PushTestRow {
	id: string;
	deviceId: string;
	ownerId: string;
	outcome: TestOutcome;
	status: number | null;
	/** When it goes out, or went. */
	sentAt: number;
	acceptedAt: number | null;
	shownAt: number | null;
	openedAt: number | null;
	didRing: boolean | null;
}

export function findPushTest(q: Queries, id: string): Promise<PushTestRow | undefined> {
	return q.maybe(sql`
		select t.id, t.device_id as "deviceId", d.user_id as "ownerId", t.outcome, t.status,
			t.sent_at as "sentAt", t.accepted_at as "acceptedAt", t.shown_at as "shownAt",
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

/** What the owner of the device says; false where it is nobody's test or another's. */
export async function saveDidRing(
	q: Queries,
	{ id, userId, didRing }: { id: string; userId: string; didRing: boolean }
): Promise<boolean> {
	const written = await q.run(sql`
		update push_tests t set did_ring = ${didRing} from devices d
		where t.id = ${id} and d.id = t.device_id and d.user_id = ${userId}`);
	return written === 1;
}

export interface AckedRow {
	deviceId: string;
	/** When the last attempt started; null where it was never noted. */
	sentAt: number | null;
	/** Whether this acknowledgement is the first of its state. */
	isFirst: boolean;
}

/** Notes that a test was shown or opened, once; undefined for a token of no test since `since`. */
export function ackPushTest(
	q: Queries,
	digest: Buffer,
	{ state, at, since }: { state: 'shown' | 'opened'; at: number; since: number }
): Promise<AckedRow | undefined> {
	const now = new Date(at);
	return q.maybe(sql`
		with before as (
			select id, shown_at, opened_at from push_tests
			where ack_digest = ${digest} and sent_at >= ${new Date(since)} for update
		)
		update push_tests t set shown_at = coalesce(t.shown_at, ${now}),
			opened_at = case when ${state} = 'opened' then coalesce(t.opened_at, ${now}) else t.opened_at end
		from before b where b.id = t.id
		returning t.device_id as "deviceId", t.sent_at as "sentAt",
			(case when ${state} = 'opened' then b.opened_at else b.shown_at end) is null as "isFirst"`);
}
