import type { TeamTx } from './db.ts';
import { sql } from './sql.ts';

/** What says whether a member can be rung while offline. Times are milliseconds. */
export interface ReachRow {
	userId: string;
	/** A push while offline by expiry or sign-out, and also when set offline by hand. */
	allowsOffline: boolean;
	allowsByHand: boolean;
	hasDevice: boolean;
	/** A push was last shown, opened or confirmed in a test. */
	provedAt: number | null;
}

export const reachOfTeam = (tx: TeamTx): Promise<ReachRow[]> =>
	tx.many(sql`
		select m.user_id as "userId", coalesce(p.push_offline, true) as "allowsOffline",
			coalesce(p.push_offline_by_hand, false) as "allowsByHand",
			count(s.device_id) > 0 as "hasDevice",
			max(greatest(s.last_shown_at, s.last_opened_at)) as "provedAt"
		from members m left join notification_preferences p on p.user_id = m.user_id
		left join push_subscriptions s on s.user_id = m.user_id and s.state = 'live'
		where m.team_id = ${tx.teamId}
		group by m.user_id, p.push_offline, p.push_offline_by_hand`);
