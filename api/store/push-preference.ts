import type { NotificationSettings } from '#contract/notifications.ts';
import type { NotificationPreferences } from '#contract/push.ts';
import type { Queries } from './db.ts';
import { sql } from './sql.ts';

/** The person's switches; undefined for somebody who never touched one. */
export function findPreferences(
	q: Queries,
	userId: string
): Promise<NotificationPreferences | undefined> {
	return q.maybe(sql`
		select push_online as "pushOnline", push_offline as "pushOffline",
			push_offline_by_hand as "pushOfflineByHand", browser_online as "browserOnline",
			browser_offline as "browserOffline"
		from notification_preferences where user_id = ${userId}`);
}

export async function savePreferences(
	q: Queries,
	userId: string,
	p: NotificationPreferences
): Promise<void> {
	await q.run(sql`
		insert into notification_preferences as p (user_id, push_online, push_offline,
			push_offline_by_hand, browser_online, browser_offline)
		values (${userId}, ${p.pushOnline}, ${p.pushOffline}, ${p.pushOfflineByHand},
			${p.browserOnline}, ${p.browserOffline})
		on conflict (user_id) do update set push_online = excluded.push_online,
			push_offline = excluded.push_offline,
			push_offline_by_hand = excluded.push_offline_by_hand,
			browser_online = excluded.browser_online, browser_offline = excluded.browser_offline`);
}

/** What was saved beside the switches, as it was then; undefined for somebody who never did. */
export async function findSettings(
	q: Queries,
	userId: string
): Promise<NotificationSettings | undefined> {
	const row = await q.maybe<{ settings: NotificationSettings | null }>(sql`
		select settings from notification_preferences where user_id = ${userId}`);
	return row?.settings ?? undefined;
}

export async function saveSettings(
	q: Queries,
	userId: string,
	settings: NotificationSettings
): Promise<void> {
	await q.run(sql`
		insert into notification_preferences (user_id, settings)
		values (${userId}, ${JSON.stringify(settings)}::jsonb)
		on conflict (user_id) do update set settings = excluded.settings`);
}
