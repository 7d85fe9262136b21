import type { Queries, TeamTx } from './db.ts';
import type { AckedRow } from './push-test.ts';
import { sql } from './sql.ts';

export interface DeliveryInput {
	id: string;
	userId: string;
	deviceId: string | null;
	action: 'send' | 'suppress';
	rule: string;
	/** Milliseconds since 1970. */
	dueAt: number;
	ackDigest: Buffer | null;
}

/** Writes what was decided; a person's device that has a row for the event keeps it. */
export async function insertDeliveries(
	tx: TeamTx,
	{ eventId, at }: { eventId: string; at: number },
	inputs: readonly DeliveryInput[]
): Promise<void> {
	const rows = inputs.map((row) => ({
		id: row.id,
		user_id: row.userId,
		device_id: row.deviceId,
		action: row.action,
		rule: row.rule,
		due_at: new Date(row.dueAt),
		state: row.action === 'send' ? 'decided' : 'suppressed',
		ack_digest: row.ackDigest?.toString('hex') ?? null
	}));
	await tx.run(sql`
		insert into notification_deliveries (team_id, event_id, id, user_id, device_id, action, rule,
			due_at, state, ack_digest, decided_at)
		select ${tx.teamId}, ${eventId}, r.id, r.user_id, r.device_id, r.action, r.rule, r.due_at,
			r.state, decode(r.ack_digest, 'hex'), ${new Date(at)}
		from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (id uuid, user_id uuid,
			device_id uuid, action text, rule text, due_at timestamptz, state text, ack_digest text)
		on conflict do nothing`);
}

export interface ClaimedDelivery {
	id: string;
	userId: string;
	deviceId: string;
	/** Attempts, this one included. */
	attempts: number;
	/** Attempts without an answer, this one included as long as it has none. */
	unanswered: number;
}

/**
 * Takes due rows of the event for sending. They count as unanswered until `recordAttempt` says otherwise, so an
 * attempt cut off by the end of its process is known as one that may have been delivered.
 */
export function claimDeliveries(
	tx: TeamTx,
	eventId: string,
	{ now, untilMs, limit }: { now: number; untilMs: number; limit: number }
): Promise<ClaimedDelivery[]> {
	const at = new Date(now);
	return tx.many(sql`
		update notification_deliveries d set attempts = attempts + 1, unanswered = unanswered + 1,
			sent_at = ${at}, claimed_until = ${new Date(now + untilMs)}
		where team_id = ${tx.teamId} and id in (
			select id from notification_deliveries
			where team_id = ${tx.teamId} and event_id = ${eventId} and state = 'decided'
				and action = 'send' and due_at <= ${at}
				and (claimed_until is null or claimed_until <= ${at})
			order by id limit ${limit} for update skip locked)
		returning id, user_id as "userId", device_id as "deviceId", attempts, unanswered`);
}

export interface AttemptResult {
	/** `decided`: to be sent again at `dueAt`. A later state that the device reported meanwhile stands. */
	state: 'decided' | 'accepted' | 'expired' | 'failed' | 'gone';
	/** The push service's answer; null: none came. */
	status: number | null;
	/** Whether it is certain what became of the request. */
	isAnswered: boolean;
	at: number;
	dueAt?: number;
}

export async function recordAttempt(tx: TeamTx, id: string, result: AttemptResult): Promise<void> {
	const { state, status, isAnswered, at, dueAt } = result;
	await tx.run(sql`
		update notification_deliveries set status = ${status}, claimed_until = null,
			unanswered = unanswered - ${isAnswered ? 1 : 0}::int,
			due_at = coalesce(${dueAt === undefined ? null : new Date(dueAt)}::timestamptz, due_at),
			accepted_at = case when ${state} = 'accepted' then ${new Date(at)} else accepted_at end,
			state = case when state = 'decided' then ${state} else state end
		where team_id = ${tx.teamId} and id = ${id}`);
}

/** Nobody needs to come any more: what is still to be sent is not. */
export async function suppressRest(tx: TeamTx, eventId: string, rule: string): Promise<void> {
	await tx.run(sql`
		update notification_deliveries set action = 'suppress', state = 'suppressed', rule = ${rule}
		where team_id = ${tx.teamId} and event_id = ${eventId} and state = 'decided'`);
}

/** When the next row of the event can be sent, milliseconds since 1970; null: none is left. */
export async function nextDue(tx: TeamTx, eventId: string): Promise<number | null> {
	const { at } = await tx.one<{ at: number | null }>(sql`
		select min(greatest(due_at, claimed_until)) as at from notification_deliveries
		where team_id = ${tx.teamId} and event_id = ${eventId} and state = 'decided'
			and action = 'send'`);
	return at;
}

/** The team whose delivery carries the acknowledgement token; undefined: nobody's. */
export async function teamOfAck(q: Queries, digest: Buffer): Promise<string | undefined> {
	const row = await q.maybe<{ team: string | null }>(sql`select team_of_ack(${digest}) as team`);
	return row?.team ?? undefined;
}

/** Notes that a push was shown or opened, once; undefined for a token that is not valid (any more). */
export function ackDelivery(
	tx: TeamTx,
	digest: Buffer,
	{ state, at, since }: { state: 'shown' | 'opened'; at: number; since: number }
): Promise<AckedRow | undefined> {
	const now = new Date(at);
	return tx.maybe(sql`
		with before as (
			select id, shown_at, opened_at from notification_deliveries
			where team_id = ${tx.teamId} and ack_digest = ${digest}
				and decided_at >= ${new Date(since)} for update
		)
		update notification_deliveries d set shown_at = coalesce(d.shown_at, ${now}),
			opened_at = case when ${state} = 'opened' then coalesce(d.opened_at, ${now}) else d.opened_at end,
			state = case when ${state} = 'opened' or d.opened_at is not null then 'opened' else 'shown' end
		from before b where d.team_id = ${tx.teamId} and b.id = d.id
		returning d.device_id as "deviceId", d.sent_at as "sentAt",
			(case when ${state} = 'opened' then b.opened_at else b.shown_at end) is null as "isFirst"`);
}
