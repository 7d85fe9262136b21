import type { EventLogRow } from '#contract/notifications.ts';
import type { TeamTx } from './db.ts';
import { sql } from './sql.ts';

export type NotificationKind = 'escalation' | 'unanswered' | 'message' | 'assigned' | 'mention';

export interface NotificationEvent {
	id: string;
	kind: NotificationKind;
	conversationId: string;
	/** Of a message: the visitor's; of a mention: the note. */
	messageId: string | null;
	/** Milliseconds since 1970. */
	at: number;
	/** Rings no earlier: the end of a snooze. */
	dueAt?: number | null;
	/** Whom it is about; null: everybody concerned. */
	targetIds?: readonly string[] | null;
	/** Who did it, and is not told. */
	byId?: string | null;
}

export interface NotificationEventRow extends Required<NotificationEvent> {
	/** The conversation's newest message then. */
	seq: number;
	/** When its recipients were decided; null before. */
	decidedAt: number | null;
}

/**
 * Notes that people are to be told; goes into the transaction of what happened, with a `notify` job.
 * False where the id was noted before.
 */
export async function insertNotificationEvent(
	tx: TeamTx,
	event: NotificationEvent
): Promise<boolean> {
	const { id, kind, conversationId, messageId, at, dueAt, targetIds, byId } = event;
	const written = await tx.run(sql`
		insert into notification_events
			(team_id, id, kind, conversation_id, message_id, at, due_at, target_ids, by_id, seq)
		values (${tx.teamId}, ${id}, ${kind}, ${conversationId}, ${messageId}, ${new Date(at)},
			${dueAt ? new Date(dueAt) : null}, ${targetIds ?? null}::uuid[], ${byId ?? null},
			coalesce((select seq from conversations
				where team_id = ${tx.teamId} and id = ${conversationId}), 0))
		on conflict do nothing`);
	return written === 1;
}

/** Locked until the transaction's end, so that only one process decides. */
export async function lockNotificationEvent(
	tx: TeamTx,
	id: string
): Promise<NotificationEventRow | undefined> {
	return tx.maybe<NotificationEventRow>(sql`
		select id, kind, conversation_id as "conversationId", message_id as "messageId", at,
			decided_at as "decidedAt", due_at as "dueAt", target_ids::text[] as "targetIds",
			by_id as "byId", seq
		from notification_events where team_id = ${tx.teamId} and id = ${id} for update`);
}

export async function markDecided(tx: TeamTx, id: string, at: number): Promise<void> {
	await tx.run(sql`
		update notification_events set decided_at = ${new Date(at)}
		where team_id = ${tx.teamId} and id = ${id}`);
}

/**
 * The conversation's events since `since` that a page has now shown, up to its message `seq`; held until the
 * transaction ends, so that nobody decides about them meanwhile.
 */
export function lockEventsSeen(
	tx: TeamTx,
	of: { conversationId: string; seq: number; since: number }
): Promise<{ id: string; kind: NotificationKind; at: number }[]> {
	return tx.many(sql`
		select id, kind, at from notification_events
		where team_id = ${tx.teamId} and conversation_id = ${of.conversationId}
			and seq <= ${of.seq} and at > ${new Date(of.since)} order by at for update`);
}

/** What there was to tell, the newest first, with what became of its pushes. `botIds` null: of every bot. */
export function eventsBefore(
	tx: TeamTx,
	about: {
		before: number;
		limit: number;
		botIds: readonly string[] | null;
		/** Those about no conversation as well. */
		hasQuestions: boolean;
	}
): Promise<EventLogRow[]> {
	const { before, limit, botIds, hasQuestions } = about;
	return tx.many(sql`
		select e.id, e.at, e.kind, e.conversation_id as "conversationId", v.name as "visitorName",
			e.by_id as "byId", d.sent as "sentCount", d.shown as "shownCount", d.failed as "failedCount",
			d.waiting as "waitingCount", d.suppressed as "suppressedCount",
			e.decided_at is not null as "isDecided"
		from notification_events e
		left join conversations c on c.team_id = e.team_id and c.id = e.conversation_id
		left join visitors v on v.team_id = c.team_id and v.id = c.visitor_id
		cross join lateral (
			select count(*) filter (where state in ('accepted', 'shown', 'opened')) as sent,
				count(*) filter (where coalesce(shown_at, opened_at) is not null) as shown,
				count(*) filter (where state in ('failed', 'gone', 'expired')) as failed,
				count(*) filter (where state = 'decided') as waiting,
				count(*) filter (where action = 'suppress') as suppressed
			from notification_deliveries d
			where d.team_id = e.team_id and d.event_id = e.id) d
		where e.team_id = ${tx.teamId} and e.at < ${new Date(before)}
			and case when e.conversation_id is null then ${hasQuestions}
				else ${botIds}::uuid[] is null or c.bot_id = any(${botIds}::uuid[]) end
		order by e.at desc, e.id desc limit ${limit}`);
}
