import type { Queries, TeamTx } from './db.ts';
import type { Ack, AckedRow } from './push-test.ts';
import { type Sql, sql } from './sql.ts';

/** One step of what became of a delivery, as kept in its trail. */
export interface TrailStep {
	/** Milliseconds since 1970. */
	at: number;
	what: 'decided' | 'changed' | 'sent' | 'answered' | 'shown' | 'opened';
	/** Of what the device reported: milliseconds after the push was sent, where that is known. */
	detail: string;
}

/**
 * Appends a step to the trail; `detail` may be computed from the row. What was asked for before the step before it was
 * written, and waited for that, happened with it: a trail does not go back in time.
 */
const trail = (at: number, what: TrailStep['what'], detail: Sql | string): Sql => sql`
	trail || jsonb_build_array(jsonb_build_object(
		'at', greatest(${at}::float8, (trail -> -1 ->> 'at')::float8),
		'what', ${what}::text, 'detail', ${detail}::text))`;

export interface DeliveryInput {
	id: string;
	userId: string;
	deviceId: string | null;
	action: 'send' | 'hold' | 'suppress';
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
		state: row.action === 'suppress' ? 'suppressed' : 'decided',
		ack_digest: row.ackDigest?.toString('hex') ?? null,
		trail: [{ at, what: 'decided', detail: `${row.action}: ${row.rule}` } satisfies TrailStep]
	}));
	await tx.run(sql`
		insert into notification_deliveries (team_id, event_id, id, user_id, device_id, action, rule,
			due_at, state, ack_digest, decided_at, trail)
		select ${tx.teamId}, ${eventId}, r.id, r.user_id, r.device_id, r.action, r.rule, r.due_at,
			r.state, decode(r.ack_digest, 'hex'), ${new Date(at)}, r.trail
		from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (id uuid, user_id uuid,
			device_id uuid, action text, rule text, due_at timestamptz, state text, ack_digest text,
			trail jsonb)
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

/** Which rows are taken, and for how long nobody else takes them. Times in milliseconds. */
export interface Claim {
	now: number;
	untilMs: number;
	limit: number;
	/** Ids of rows that the caller has under way still, though their claim may have run out. */
	except?: readonly string[];
}

/**
 * Takes due rows of the event for sending. They count as unanswered until `recordAttempts` says otherwise, so an
 * attempt cut off by the end of its process is known as one that may have been delivered.
 */
export function claimDeliveries(
	tx: TeamTx,
	eventId: string,
	{ now, untilMs, limit, except = [] }: Claim
): Promise<ClaimedDelivery[]> {
	const at = new Date(now);
	// Materialized: a subquery may run once a row, each time past the rows that are locked by then, and find more.
	return tx.many(sql`
		with due as materialized (
			select id from notification_deliveries
			where team_id = ${tx.teamId} and event_id = ${eventId} and state = 'decided'
				and action = 'send' and due_at <= ${at}
				and (claimed_until is null or claimed_until <= ${at}) and id <> all(${except}::uuid[])
			order by id limit ${limit} for update skip locked)
		update notification_deliveries d set attempts = attempts + 1, unanswered = unanswered + 1,
			sent_at = ${at}, claimed_until = ${new Date(now + untilMs)},
			trail = ${trail(now, 'sent', sql`(attempts + 1)`)}
		where team_id = ${tx.teamId} and id in (select id from due)
		returning id, user_id as "userId", device_id as "deviceId", attempts, unanswered`);
}

/** What became of one attempt; `id`: the delivery's. */
export interface AttemptResult {
	id: string;
	/** `decided`: to be sent again at `dueAt`. A later state that the device reported meanwhile stands. */
	state: 'decided' | 'accepted' | 'expired' | 'failed' | 'gone';
	/** The push service's answer; null: none came. */
	status: number | null;
	/** Whether it is certain what became of the request. */
	isAnswered: boolean;
	/** No request was made, so the attempt does not count. */
	isPostponed?: true;
	at: number;
	dueAt?: number;
	/** Why, for the trail. */
	reason: string;
}

/**
 * Writes what became of attempts. The caller has locked their event. Returns the ids of those whose device has
 * reported them already.
 */
export async function recordAttempts(
	tx: TeamTx,
	results: readonly AttemptResult[]
): Promise<Set<string>> {
	const rows = results.map(({ id, state, status, isAnswered, isPostponed, at, dueAt, reason }) => ({
		...{ id, state, status, at: new Date(at) },
		answered: isAnswered ? 1 : 0,
		uncounted: isPostponed ? 1 : 0,
		due_at: dueAt === undefined ? null : new Date(dueAt),
		trail: [{ at, what: 'answered', detail: reason } satisfies TrailStep]
	}));
	const written = await tx.many<{ id: string; isConfirmed: boolean }>(sql`
		update notification_deliveries d set status = r.status, claimed_until = null,
			attempts = attempts - r.uncounted, unanswered = unanswered - r.answered,
			due_at = coalesce(r.due_at, d.due_at),
			accepted_at = case when r.state = 'accepted' then r.at else accepted_at end,
			state = case when d.state = 'decided' then r.state else d.state end,
			trail = d.trail || r.trail
		from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (id uuid, state text, status int,
			at timestamptz, uncounted int, answered int, due_at timestamptz, trail jsonb)
		where d.team_id = ${tx.teamId} and d.id = r.id
		returning d.id, coalesce(d.shown_at, d.opened_at) is not null as "isConfirmed"`);
	return new Set(written.filter(({ isConfirmed }) => isConfirmed).map(({ id }) => id));
}

/** A push in the air may ring: what becomes of it is told by its outcome, and what is then left of it is looked at again. */
const isInTheAir = (at: number): Sql =>
	sql`(claimed_until is not null and claimed_until > ${new Date(at)})`;

/** What is still to be sent of the event is not; a person's alone where one is named. */
export async function suppressRest(
	tx: TeamTx,
	eventId: string,
	{ rule, at, userId }: { rule: string; at: number; userId?: string }
): Promise<void> {
	const whose = userId === undefined ? sql`true` : sql`user_id = ${userId}`;
	await tx.run(sql`
		update notification_deliveries set action = 'suppress', state = 'suppressed', rule = ${rule},
			trail = ${trail(at, 'changed', `suppress: ${rule}`)}
		where team_id = ${tx.teamId} and event_id = ${eventId} and state = 'decided' and ${whose}
			and not ${isInTheAir(at)}`);
}

/** Who has something of the event still to be sent. */
export async function peopleLeft(tx: TeamTx, eventId: string): Promise<string[]> {
	const rows = await tx.many<{ userId: string }>(sql`
		select distinct user_id as "userId" from notification_deliveries
		where team_id = ${tx.teamId} and event_id = ${eventId} and state = 'decided'`);
	return rows.map(({ userId }) => userId);
}

/** The same for people who have read the conversation as far as message `seq`. */
export async function suppressRead(
	tx: TeamTx,
	event: { id: string; conversationId: string; seq: number },
	{ rule, at }: { rule: string; at: number }
): Promise<void> {
	await tx.run(sql`
		update notification_deliveries set action = 'suppress', state = 'suppressed', rule = ${rule},
			trail = ${trail(at, 'changed', `suppress: ${rule}`)}
		where team_id = ${tx.teamId} and event_id = ${event.id} and state = 'decided'
			and not ${isInTheAir(at)}
			and user_id in (select user_id from reads where team_id = ${tx.teamId}
				and conversation_id = ${event.conversationId} and seq >= ${event.seq})`);
}

/**
 * Of two pushes about one conversation only the newer may stand on a device: what has not left when a newer one
 * has is not sent, nor sent again once a newer one was taken, nor what waited in a burst (`burst`: its rules) beside
 * a newer one. Held until the transaction's end against others about the same conversation.
 */
export async function suppressOvertaken(
	tx: TeamTx,
	event: { id: string; conversationId: string; seq: number; at: number },
	{ rule, burst, at }: { rule: string; burst: readonly string[]; at: number }
): Promise<void> {
	await tx.run(sql`select pg_advisory_xact_lock(hashtext(${event.conversationId}))`);
	await tx.run(sql`
		update notification_deliveries d set action = 'suppress', state = 'suppressed', rule = ${rule},
			trail = ${trail(at, 'changed', `suppress: ${rule}`)}
		where team_id = ${tx.teamId} and event_id = ${event.id} and state = 'decided'
			and not ${isInTheAir(at)}
			and exists (
				select from notification_events e
				join notification_deliveries n on n.team_id = e.team_id and n.event_id = e.id
				where e.team_id = ${tx.teamId} and e.conversation_id = ${event.conversationId}
					and (e.seq, e.at, e.id) > (${event.seq}, ${new Date(event.at)}, ${event.id}::uuid)
					and n.user_id = d.user_id and n.device_id = d.device_id
					and (n.state in ('accepted', 'shown', 'opened')
						or (d.attempts = 0 and n.attempts > 0)
						or (d.attempts = 0 and n.state = 'decided' and d.rule = any(${burst}::text[])
							and n.rule = any(${burst}::text[]))))`);
}

/**
 * Puts off what is due on devices that a push about the same conversation has left for less than `gapMs` ago.
 * Called in the transaction of `suppressOvertaken`, which keeps the others out.
 */
export async function paceDeliveries(
	tx: TeamTx,
	event: { id: string; conversationId: string },
	{ rule, gapMs, at }: { rule: string; gapMs: number; at: number }
): Promise<void> {
	await tx.run(sql`
		update notification_deliveries d set action = 'hold', rule = ${rule},
			due_at = l.left_at + ${gapMs}::float8 * interval '1 ms',
			trail = ${trail(at, 'changed', `hold: ${rule}`)}
		from (
			select n.user_id, n.device_id, max(n.sent_at) as left_at from notification_events e
			join notification_deliveries n on n.team_id = e.team_id and n.event_id = e.id
			where e.team_id = ${tx.teamId} and e.conversation_id = ${event.conversationId}
				and e.id <> ${event.id} and n.sent_at > ${new Date(at - gapMs)}
			group by n.user_id, n.device_id) l
		where d.team_id = ${tx.teamId} and d.event_id = ${event.id} and d.state = 'decided'
			and d.action = 'send' and d.attempts = 0 and d.due_at <= ${new Date(at)}
			and d.user_id = l.user_id and d.device_id = l.device_id`);
}

/** Turns held rows whose time has come into ones to send, by the rule that follows from the one they were held by. */
export async function releaseHeld(
	tx: TeamTx,
	eventId: string,
	{ at, rules }: { at: number; rules: Record<string, string> }
): Promise<void> {
	const next = sql`coalesce(${JSON.stringify(rules)}::jsonb ->> rule, rule)`;
	await tx.run(sql`
		update notification_deliveries set action = 'send', rule = ${next},
			trail = ${trail(at, 'changed', sql`('send: ' || ${next})`)}
		where team_id = ${tx.teamId} and event_id = ${eventId} and state = 'decided'
			and action = 'hold' and due_at <= ${new Date(at)}`);
}

/**
 * A page on the device has shown the event: its own held row is not sent, whether it was the first to show it or not,
 * and the person's others wait on.
 * Rows that have left already stay as they are.
 */
export async function settleSeen(
	tx: TeamTx,
	seen: { eventId: string; userId: string; deviceId: string; at: number },
	rules: { whileHeld: string; here: string; elsewhere: string; until: number }
): Promise<void> {
	const isHere = sql`device_id = ${seen.deviceId}`;
	const said = sql`case when ${isHere} then ${`suppress: ${rules.here}`}
		else ${`hold: ${rules.elsewhere}`} end`;
	await tx.run(sql`
		update notification_deliveries set
			action = case when ${isHere} then 'suppress' else 'hold' end,
			state = case when ${isHere} then 'suppressed' else 'decided' end,
			rule = case when ${isHere} then ${rules.here} else ${rules.elsewhere} end,
			due_at = case when ${isHere} then due_at else ${new Date(rules.until)} end,
			trail = ${trail(seen.at, 'changed', said)}
		where team_id = ${tx.teamId} and event_id = ${seen.eventId} and user_id = ${seen.userId}
			and state = 'decided' and action = 'hold'
			and (rule = ${rules.whileHeld} or (${isHere} and rule = ${rules.elsewhere}))`);
}

/** When the next row of the event can be sent, milliseconds since 1970; null: none is left. */
export async function nextDue(tx: TeamTx, eventId: string): Promise<number | null> {
	const { at } = await tx.one<{ at: number | null }>(sql`
		select min(greatest(due_at, claimed_until)) as at from notification_deliveries
		where team_id = ${tx.teamId} and event_id = ${eventId} and state = 'decided'
			and action <> 'suppress'`);
	return at;
}

/** The team whose delivery carries the acknowledgement token; undefined: nobody's. */
export async function teamOfAck(q: Queries, digest: Buffer): Promise<string | undefined> {
	const row = await q.maybe<{ team: string | null }>(sql`select team_of_ack(${digest}) as team`);
	return row?.team ?? undefined;
}

export interface AckedDelivery {
	userId: string;
	eventId: string;
}

/** Whose notification a token belongs to, and about what; undefined for one that is not valid (any more). */
export function findByAck(
	tx: TeamTx,
	digest: Buffer,
	since: number
): Promise<AckedDelivery | undefined> {
	return tx.maybe(sql`
		select user_id as "userId", event_id as "eventId" from notification_deliveries
		where team_id = ${tx.teamId} and ack_digest = ${digest} and decided_at >= ${new Date(since)}`);
}

/** Which delivery: by the token that came with it, or by its id for the person it was for. */
export type DeliveryKey = { digest: Buffer } | { id: string; userId: string };

/** Notes that a push was shown, or opened, each once and each for itself; undefined for a key that is not valid (any more). */
export function ackDelivery(
	tx: TeamTx,
	key: DeliveryKey,
	{ state, at, since }: Ack
): Promise<AckedRow | undefined> {
	const then = sql`greatest(${new Date(at)}::timestamptz, d.sent_at)`;
	// The step itself stands after what was learnt before it, and that may have happened later.
	const tookMs = sql`coalesce((extract(epoch from ${then} - d.sent_at) * 1000)::int8::text, '')`;
	const which =
		'digest' in key
			? sql`ack_digest = ${key.digest}`
			: sql`id = ${key.id} and user_id = ${key.userId} and ack_digest is not null`;
	return tx.maybe(sql`
		with before as (
			select id, shown_at, opened_at,
				(case when ${state} = 'opened' then opened_at else shown_at end) is null as is_first
			from notification_deliveries
			where team_id = ${tx.teamId} and ${which}
				and decided_at >= ${new Date(since)} for update
		)
		update notification_deliveries d set
			shown_at = case when ${state} = 'shown' then coalesce(d.shown_at, ${then}) else d.shown_at end,
			opened_at = case when ${state} = 'opened' then coalesce(d.opened_at, ${then}) else d.opened_at end,
			state = case when ${state} = 'opened' or d.opened_at is not null then 'opened' else 'shown' end,
			trail = case when b.is_first then ${trail(at, state, tookMs)} else trail end
		from before b where d.team_id = ${tx.teamId} and b.id = d.id
		returning d.device_id as "deviceId", d.sent_at as "sentAt", ${then} as at,
			b.is_first as "isFirst"`);
}
