import type { Permission } from '#contract/entities.ts';
import type { NotificationSettings } from '#contract/notifications.ts';
import type { NotificationPreferences } from '#contract/push.ts';
import type { TeamTx } from './db.ts';
import type { RoleName } from './member.ts';
import type { NotificationEvent } from './notification-event.ts';
import type { SubscriptionState } from './push-subscription.ts';
import { sql } from './sql.ts';

/** A member with all that decides whether and where a push rings. */
export interface RecipientRow {
	userId: string;
	role: RoleName;
	/** Of a custom role. */
	customPermissions: Permission[] | null;
	hasAllBots: boolean;
	botIds: string[];
	/** Null for somebody who never touched a switch. */
	preferences: NotificationPreferences | null;
	settings: NotificationSettings | null;
	devices: { deviceId: string; subscription: SubscriptionState; isSessionAlive: boolean }[];
	/** How far the person has read the conversation; 0 where nothing of it. */
	readSeq: number;
	snoozedUntil: number | null;
}

/** Everybody in the team, in one query. `conversationId` null: about none in particular. */
export function recipientsOfTeam(
	tx: TeamTx,
	now: number,
	conversationId: string | null = null
): Promise<RecipientRow[]> {
	return tx.many(sql`
		select m.user_id as "userId", m.role, r.permissions as "customPermissions",
			m.has_all_bots as "hasAllBots",
			array(select b.bot_id::text from member_bots b
				where b.team_id = m.team_id and b.user_id = m.user_id) as "botIds",
			case when p.user_id is not null then jsonb_build_object('pushOnline', p.push_online,
				'pushOffline', p.push_offline, 'pushOfflineByHand', p.push_offline_by_hand,
				'browserOnline', p.browser_online, 'browserOffline', p.browser_offline) end as preferences,
			p.settings, coalesce(rd.seq, 0) as "readSeq", z.until as "snoozedUntil",
			coalesce((select jsonb_agg(jsonb_build_object('deviceId', s.device_id, 'subscription', s.state,
				'isSessionAlive', coalesce(e.expires_at > ${new Date(now)}, false)) order by s.device_id)
				from push_subscriptions s join devices d on d.id = s.device_id
				left join sessions e on e.id = d.session_id
				where s.user_id = m.user_id), '[]') as devices
		from members m left join notification_preferences p on p.user_id = m.user_id
		left join roles r on r.team_id = m.team_id and r.id = m.role_id
		left join reads rd on rd.team_id = m.team_id and rd.user_id = m.user_id
			and rd.conversation_id = ${conversationId}
		left join snoozes z on z.team_id = m.team_id and z.user_id = m.user_id
			and z.conversation_id = ${conversationId}
		where m.team_id = ${tx.teamId} order by m.user_id`);
}

/** What an event is about, as it stands now. */
export interface SubjectRow {
	botId: string;
	botName: string;
	visitorName: string | null;
	state: 'bot' | 'pending' | 'unresolved' | 'resolved';
	assigneeId: string | null;
	/** Number of the newest message. */
	seq: number;
	/** The visitor's message or the note, or why the chat was escalated. */
	text: string | null;
}

export function findSubject(tx: TeamTx, event: NotificationEvent): Promise<SubjectRow | undefined> {
	return tx.maybe(sql`
		select c.bot_id as "botId", b.name as "botName", v.name as "visitorName", c.state,
			c.assignee_id as "assigneeId", c.seq,
			coalesce(m.body, c.escalation->>'summary', c.escalation->>'reason', (
				select l.body from messages l
				where l.team_id = c.team_id and l.conversation_id = c.id and l.kind = 'text'
					and l.author_kind = 'visitor' order by l.seq desc limit 1)) as text
		from conversations c
		join bots b on b.team_id = c.team_id and b.id = c.bot_id
		join visitors v on v.team_id = c.team_id and v.id = c.visitor_id
		left join messages m on m.team_id = c.team_id and m.id = ${event.messageId}::uuid
		where c.team_id = ${tx.teamId} and c.id = ${event.conversationId}`);
}

/** How many conversations wait for an answer, by bot and by who has them. */
export function countWaiting(
	tx: TeamTx
): Promise<{ botId: string; assigneeId: string | null; count: number }[]> {
	return tx.many(sql`
		select bot_id as "botId", assignee_id as "assigneeId", count(*) as count from conversations
		where team_id = ${tx.teamId} and state = 'pending' group by bot_id, assignee_id`);
}
