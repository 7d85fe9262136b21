import type { TeamTx } from './db.ts';
import type { TrailStep } from './notification-delivery.ts';
import type { NotificationKind } from './notification-event.ts';
import { sql } from './sql.ts';

interface DeliveryTrailRow {
	userId: string;
	deviceId: string | null;
	/** How it stands: `accepted` until the device says that it has shown it. */
	state: string;
	trail: TrailStep[];
}

export interface EventTrailRow {
	id: string;
	at: number;
	kind: NotificationKind | 'take_over';
	/** Null of a question to take over, as is `botId`. */
	conversationId: string | null;
	botId: string | null;
	visitorName: string | null;
	isSnooze: boolean;
	/** Who did it, where it was a colleague. */
	byId: string | null;
	deliveries: DeliveryTrailRow[];
}

/** The newest events of a conversation, or one event, with all that became of them; oldest first. */
export function trailsOf(
	tx: TeamTx,
	{
		conversationId,
		eventId,
		limit
	}: {
		conversationId: string | null;
		eventId: string | null;
		limit: number;
	}
): Promise<EventTrailRow[]> {
	return tx.many(sql`
		select * from (
			select e.id, e.at, e.kind, e.conversation_id as "conversationId", c.bot_id as "botId",
				v.name as "visitorName", e.due_at is not null as "isSnooze", e.by_id as "byId",
				coalesce((select jsonb_agg(jsonb_build_object('userId', d.user_id, 'deviceId', d.device_id,
					'state', d.state, 'trail', d.trail) order by d.id) from notification_deliveries d
					where d.team_id = e.team_id and d.event_id = e.id), '[]') as deliveries
			from notification_events e
			left join conversations c on c.team_id = e.team_id and c.id = e.conversation_id
			left join visitors v on v.team_id = c.team_id and v.id = c.visitor_id
			where e.team_id = ${tx.teamId}
				and (${conversationId}::uuid is null or e.conversation_id = ${conversationId}::uuid)
				and (${eventId}::uuid is null or e.id = ${eventId}::uuid)
			order by e.at desc, e.id desc limit ${limit}) newest
		order by at, id`);
}
