import type { TeamTx } from './db.ts';
import { sql } from './sql.ts';

export type NotificationKind = 'escalation' | 'message';

export interface NotificationEvent {
	id: string;
	kind: NotificationKind;
	conversationId: string;
	/** Of a message: the visitor's. */
	messageId: string | null;
	/** Milliseconds since 1970. */
	at: number;
}

export interface NotificationEventRow extends NotificationEvent {
	/** When its recipients were decided; null before. */
	decidedAt: number | null;
}

/** Notes that people are to be told; goes into the transaction of what happened, with a `notify` job. */
export async function insertNotificationEvent(tx: TeamTx, event: NotificationEvent): Promise<void> {
	await tx.run(sql`
		insert into notification_events (team_id, id, kind, conversation_id, message_id, at)
		values (${tx.teamId}, ${event.id}, ${event.kind}, ${event.conversationId}, ${event.messageId},
			${new Date(event.at)})`);
}

/** Locked until the transaction's end, so that only one process decides. */
export async function lockNotificationEvent(
	tx: TeamTx,
	id: string
): Promise<NotificationEventRow | undefined> {
	return tx.maybe<NotificationEventRow>(sql`
		select id, kind, conversation_id as "conversationId", message_id as "messageId", at,
			decided_at as "decidedAt"
		from notification_events where team_id = ${tx.teamId} and id = ${id} for update`);
}

export async function markDecided(tx: TeamTx, id: string, at: number): Promise<void> {
	await tx.run(sql`
		update notification_events set decided_at = ${new Date(at)}
		where team_id = ${tx.teamId} and id = ${id}`);
}
