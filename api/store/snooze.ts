import type { TeamTx } from './db.ts';
import { sql } from './sql.ts';

/**
 * The person hears nothing of the conversation before `until`, milliseconds since 1970. A press that was queued offline
 * may come in after a later one, whose end stands.
 */
export async function saveSnooze(
	tx: TeamTx,
	snooze: { conversationId: string; userId: string; until: number }
): Promise<void> {
	await tx.run(sql`
		insert into snoozes (team_id, conversation_id, user_id, until)
		values (${tx.teamId}, ${snooze.conversationId}, ${snooze.userId}, ${new Date(snooze.until)})
		on conflict (team_id, conversation_id, user_id) do update
			set until = greatest(snoozes.until, excluded.until)`);
}
