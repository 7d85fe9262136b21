import type { Permission } from '#contract/entities.ts';
import type { NotificationSettings } from '#contract/notifications.ts';
import type { TeamTx } from './db.ts';
import type { RoleName } from './member.ts';
import { type Sql, sql } from './sql.ts';

/** What a member lets ring while offline. */
export interface RingRow {
	userId: string;
	role: RoleName;
	/** Of a custom role. */
	customPermissions: Permission[] | null;
	/** Null for somebody who never touched a switch. */
	preferences: { pushOffline: boolean; pushOfflineByHand: boolean } | null;
	settings: NotificationSettings | null;
}

/** Of these members, or with `everybody` of the whole team. */
export const ringRowsOf = (
	tx: TeamTx,
	userIds: readonly string[] | 'everybody'
): Promise<RingRow[]> =>
	tx.many(sql`
		select m.user_id as "userId", m.role, r.permissions as "customPermissions",
			case when p.user_id is not null then jsonb_build_object('pushOffline', p.push_offline,
				'pushOfflineByHand', p.push_offline_by_hand) end as preferences, p.settings
		from members m left join notification_preferences p on p.user_id = m.user_id
		left join roles r on r.team_id = m.team_id and r.id = m.role_id
		where m.team_id = ${tx.teamId} and ${among(sql`m.user_id`, userIds)}`);

const among = (column: Sql, userIds: readonly string[] | 'everybody'): Sql =>
	userIds === 'everybody' ? sql`true` : sql`${column} = any(${userIds}::uuid[])`;

/** From `at` (milliseconds) on a ring would, or would not, reach the member. */
export interface ReachMark {
	userId: string;
	at: number;
	isReachable: boolean;
}

/** A second one of the same moment takes the place of the first. */
export async function insertReachMarks(tx: TeamTx, marks: readonly ReachMark[]): Promise<void> {
	await tx.run(sql`
		insert into reach_marks (team_id, user_id, at, is_reachable)
		select ${tx.teamId}, r."userId", to_timestamp(r.at / 1000.0), r."isReachable"
		from jsonb_to_recordset(${JSON.stringify(marks)}::jsonb) as r (
			"userId" uuid, at float8, "isReachable" boolean)
		on conflict (team_id, user_id, at) do update set is_reachable = excluded.is_reachable`);
}

/** What held at `from`, and what changed until `to`: by member, the earliest first. */
export const reachMarksOf = (
	tx: TeamTx,
	{ userIds, from, to }: { userIds: readonly string[] | 'everybody'; from: number; to: number }
): Promise<ReachMark[]> =>
	tx.many(sql`
		select user_id as "userId", at, is_reachable as "isReachable" from reach_marks
		where team_id = ${tx.teamId} and ${among(sql`user_id`, userIds)} and at < ${new Date(to)}
			and at >= coalesce((select max(b.at) from reach_marks b
				where b.team_id = reach_marks.team_id and b.user_id = reach_marks.user_id
					and b.at <= ${new Date(from)}), '-infinity')
		order by user_id, at`);
