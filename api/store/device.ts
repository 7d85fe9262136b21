import type { Queries } from './db.ts';
import { sql } from './sql.ts';

/** Creates or refreshes a person's device and binds it to their session; false where it is another person's. */
export async function upsertDevice(
	q: Queries,
	device: { id: string; userId: string; sessionDigest: Buffer; name: string; seenAt: number }
): Promise<boolean> {
	const seenAt = new Date(device.seenAt);
	const written = await q.run(sql`
		insert into devices (id, user_id, session_id, name, created_at, last_seen_at) values
			(${device.id}, ${device.userId}, ${device.sessionDigest}, ${device.name}, ${seenAt}, ${seenAt})
		on conflict (id) do update set session_id = excluded.session_id, name = excluded.name,
			last_seen_at = excluded.last_seen_at
		where devices.user_id = excluded.user_id`);
	return written === 1;
}

/** Notes that the person's device may ring no more, or may again. */
export async function setStopped(
	q: Queries,
	{ userId, id, isStopped }: { userId: string; id: string; isStopped: boolean }
): Promise<void> {
	await q.run(sql`
		update devices set is_stopped = ${isStopped} where id = ${id} and user_id = ${userId}`);
}

export async function isStopped(q: Queries, id: string): Promise<boolean> {
	const row = await q.maybe<{ isStopped: boolean }>(sql`
		select is_stopped as "isStopped" from devices where id = ${id}`);
	return row?.isStopped ?? false;
}

export async function findDeviceName(
	q: Queries,
	userId: string,
	id: string
): Promise<string | null> {
	const row = await q.maybe<{ name: string }>(sql`
		select name from devices where id = ${id} and user_id = ${userId}`);
	return row?.name ?? null;
}

/**
 * Deletes the person's device `id` and every other one bound to the session, each with its push
 * subscription (by cascade); returns their ids.
 */
export async function deleteDevices(
	q: Queries,
	of: { userId: string; id: string | null; sessionDigest: Buffer }
): Promise<string[]> {
	const rows = await q.many<{ id: string }>(sql`
		delete from devices where user_id = ${of.userId}
			and (id = ${of.id} or session_id = ${of.sessionDigest})
		returning id`);
	return rows.map((row) => row.id);
}
