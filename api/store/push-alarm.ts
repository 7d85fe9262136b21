import type { PushAlarm } from '#contract/notifications.ts';
import type { Queries } from './db.ts';
import { sql } from './sql.ts';

/** Notes that a push service refuses this server; the first time stands. */
export async function raiseAlarm(
	q: Queries,
	alarm: { service: string; what: string; reason: string | null; at: number }
): Promise<void> {
	const at = new Date(alarm.at);
	await q.run(sql`
		insert into push_alarms (service, what, reason, since, last_at)
		values (${alarm.service}, ${alarm.what}, ${alarm.reason}, ${at}, ${at})
		on conflict (service) do update set what = excluded.what, reason = excluded.reason,
			last_at = excluded.last_at`);
}

/** The service takes pushes again. */
export async function endAlarm(q: Queries, service: string): Promise<void> {
	await q.run(sql`delete from push_alarms where service = ${service}`);
}

export const listAlarms = (q: Queries): Promise<PushAlarm[]> =>
	q.many(sql`
		select service, what, reason, since, last_at as "lastAt" from push_alarms order by since`);

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
