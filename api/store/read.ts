import type { Read } from '#contract/entities.ts';
import type { TeamTx } from './db.ts';
import { sql } from './sql.ts';

/** Moves the person's mark forward, never beyond the newest message. False where it was as far already. */
export async function markRead(
	tx: TeamTx,
	{ conversationId, userId, seq }: Read
): Promise<boolean> {
	const written = await tx.run(sql`
		insert into reads as r (team_id, conversation_id, user_id, seq)
		select team_id, id, ${userId}, least(seq, ${seq}::int) from conversations
		where team_id = ${tx.teamId} and id = ${conversationId}
		on conflict (team_id, conversation_id, user_id) do update set seq = excluded.seq
		where r.seq < excluded.seq`);
	return written === 1;
}

/** How far the person has read, in those of the conversations that were opened at all. */
export async function readsOf(
	tx: TeamTx,
	userId: string,
	conversationIds: readonly string[]
): Promise<Read[]> {
	if (conversationIds.length === 0) return [];
	return tx.many<Read>(sql`
		select conversation_id as "conversationId", user_id as "userId", seq from reads
		where team_id = ${tx.teamId} and user_id = ${userId}
			and conversation_id = any(${conversationIds}::uuid[])`);
}
