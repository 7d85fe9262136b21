import type { Queries } from './db.ts';
import { sql } from './sql.ts';

export async function insertPushTest(
	q: Queries,
	test: { id: string; deviceId: string; ackDigest: Buffer; sentAt: number }
): Promise<void> {
	await q.run(sql`
		insert into push_tests (id, device_id, ack_digest, sent_at)
		values (${test.id}, ${test.deviceId}, ${test.ackDigest}, ${new Date(test.sentAt)})`);
}

export async function finishPushTest(
	q: Queries,
	id: string,
	answer: { status: number | null; acceptedAt: number | null }
): Promise<void> {
	const acceptedAt = answer.acceptedAt === null ? null : new Date(answer.acceptedAt);
	await q.run(sql`
		update push_tests set status = ${answer.status}, accepted_at = ${acceptedAt} where id = ${id}`);
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
