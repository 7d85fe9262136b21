import type { TeamNotificationSettings } from '#contract/notifications.ts';
import type { TeamTx } from './db.ts';
import { sql } from './sql.ts';

/** `webhookSecret` is sealed. Undefined for a team whose admins never touched them. */
export function findTeamSettings(tx: TeamTx): Promise<TeamNotificationSettings | undefined> {
	return tx.maybe(sql`
		select is_ladder_on as "isLadderOn", everyone_after_s as "everyoneAfterS",
			admins_after_s as "adminsAfterS", tell_by as "tellBy", webhook_url as "webhookUrl",
			webhook_secret as "webhookSecret", max_privacy as "maxPrivacy"
		from notification_team_settings where team_id = ${tx.teamId}`);
}

export async function saveTeamSettings(tx: TeamTx, s: TeamNotificationSettings): Promise<void> {
	await tx.run(sql`
		insert into notification_team_settings as t (team_id, is_ladder_on, everyone_after_s,
			admins_after_s, tell_by, webhook_url, webhook_secret, max_privacy)
		values (${tx.teamId}, ${s.isLadderOn}, ${s.everyoneAfterS}, ${s.adminsAfterS}, ${s.tellBy},
			${s.webhookUrl}, ${s.webhookSecret}, ${s.maxPrivacy})
		on conflict (team_id) do update set is_ladder_on = excluded.is_ladder_on,
			everyone_after_s = excluded.everyone_after_s, admins_after_s = excluded.admins_after_s,
			tell_by = excluded.tell_by, webhook_url = excluded.webhook_url,
			webhook_secret = excluded.webhook_secret, max_privacy = excluded.max_privacy`);
}
