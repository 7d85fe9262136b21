import type { PushAlarm } from '#contract/notifications.ts';
import type { Queries } from './db.ts';
import { sql } from './sql.ts';

/** Notes that a push service refuses this server; the first time of an alarm stands. */
export async function raiseAlarm(
	q: Queries,
	alarm: { service: string; what: string; reason: string | null; at: number }
): Promise<void> {
	const at = new Date(alarm.at);
	await q.run(sql`
		insert into push_alarms as a (service, what, reason, since, last_at)
		values (${alarm.service}, ${alarm.what}, ${alarm.reason}, ${at}, ${at})
		on conflict (service) do update set what = excluded.what, reason = excluded.reason,
			last_at = excluded.last_at, ended_at = null,
			since = case when a.ended_at is null then a.since else excluded.since end`);
}

/** True once an alarm, and not again for one that comes back less than `againAfterMs` after it was told. */
export async function claimTelling(
	q: Queries,
	{ service, at, againAfterMs }: { service: string; at: number; againAfterMs: number }
): Promise<boolean> {
	const claimed = await q.run(sql`
		update push_alarms set told_at = ${new Date(at)}
		where service = ${service} and ended_at is null and (told_at is null
			or (told_at < since and told_at <= ${new Date(at - againAfterMs)}))`);
	return claimed === 1;
}

/** The service takes pushes again. */
export async function endAlarm(
	q: Queries,
	{ service, at }: { service: string; at: number }
): Promise<void> {
	await q.run(sql`
		update push_alarms set ended_at = ${new Date(at)}
		where service = ${service} and ended_at is null`);
}

/** What holds at this moment, of one service or of all. */
export const listAlarms = (q: Queries, service: string | null = null): Promise<PushAlarm[]> =>
	q.many(sql`
		select service, what, reason, since, last_at as "lastAt" from push_alarms
		where ended_at is null and (${service}::text is null or service = ${service}::text)
		order by since`);

/** Whether the service has taken a push for another device since `since`: then it is not this server that is wrong. */
export async function takesOthers(
	q: Queries,
	{ service, deviceId, since }: { service: string; deviceId: string; since: number }
): Promise<boolean> {
	const row = await q.maybe(sql`
		select 1 from push_subscriptions
		where device_id <> ${deviceId} and split_part(endpoint, '/', 3) = ${service}
			and last_accepted_at >= ${new Date(since)} limit 1`);
	return row !== undefined;
}

/** Teams with a member whom the service is to reach. */
export async function teamsOfPushService(q: Queries, service: string): Promise<string[]> {
	const rows = await q.many<{ id: string }>(sql`select teams_of_push_service(${service}) as id`);
	return rows.map(({ id }) => id);
}
