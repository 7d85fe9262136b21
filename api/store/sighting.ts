import type { TeamTx } from './db.ts';
import { sql } from './sql.ts';

/** A device that has shown a person the news of a conversation. */
export interface Sighting {
	userId: string;
	deviceId: string;
}

/** Notes that a page in front of the person has shown the conversation's news up to message `seq`. */
export async function saveSighting(
	tx: TeamTx,
	sighting: Sighting & { conversationId: string; seq: number; at: number }
): Promise<void> {
	const { userId, deviceId, conversationId, seq, at } = sighting;
	await tx.run(sql`
		insert into sightings as s (team_id, conversation_id, user_id, device_id, seq, at)
		values (${tx.teamId}, ${conversationId}, ${userId}, ${deviceId}, ${seq}, ${new Date(at)})
		on conflict (team_id, conversation_id, user_id, device_id)
			do update set seq = excluded.seq, at = excluded.at where s.seq <= excluded.seq`);
}

/** Who has seen message `seq` of the conversation in a page, between `from` and `until`. */
export function sightingsOf(
	tx: TeamTx,
	of: { conversationId: string; seq: number; from: number; until: number }
): Promise<Sighting[]> {
	return tx.many(sql`
		select user_id as "userId", device_id as "deviceId" from sightings
		where team_id = ${tx.teamId} and conversation_id = ${of.conversationId}
			and seq >= ${of.seq} and at between ${new Date(of.from)} and ${new Date(of.until)}`);
}

/**
 * Devices of the team's members with a page that is visible and focused, proved after `since`, and that has not said
 * goodbye or whose lease ends after `leavesAfter`. Milliseconds since 1970.
 */
export function watchingDevices(
	tx: TeamTx,
	{ since, leavesAfter }: { since: number; leavesAfter: number }
): Promise<Sighting[]> {
	return tx.many(sql`
		select distinct l.user_id as "userId", l.device_id as "deviceId"
		from leases l join members m on m.user_id = l.user_id and m.team_id = ${tx.teamId}
		where l.is_focused and l.visibility = 'visible' and l.beaten_at > ${new Date(since)}
			and (l.leaves_at is null or l.leaves_at > ${new Date(leavesAfter)})`);
}
