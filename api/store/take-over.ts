import type { TeamTx } from './db.ts';
import { sql } from './sql.ts';

/** A colleague is asked to take over. Times are milliseconds by a server's clock. */
export interface TakeOver {
	/** Who is asked. */
	userId: string;
	askedBy: string;
	askedAt: number;
	/** When it is needed no longer; null: that is not known. */
	until: number | null;
}

const COLUMNS = sql`
	user_id as "userId", asked_by as "askedBy", asked_at as "askedAt", until`;

/** A newer question takes the place of the one before. */
export async function saveTakeOver(tx: TeamTx, asked: TakeOver): Promise<void> {
	const { userId, askedBy, askedAt, until } = asked;
	await tx.run(sql`
		insert into take_overs (team_id, user_id, asked_by, asked_at, until)
		values (${tx.teamId}, ${userId}, ${askedBy}, ${new Date(askedAt)},
			${until === null ? null : new Date(until)})
		on conflict (team_id, user_id) do update set asked_by = excluded.asked_by,
			asked_at = excluded.asked_at, until = excluded.until`);
	tx.changed({ entity: 'member', id: userId });
}

export const takeOversOf = (tx: TeamTx): Promise<TakeOver[]> =>
	tx.many(sql`select ${COLUMNS} from take_overs where team_id = ${tx.teamId}`);

export async function deleteTakeOver(tx: TeamTx, userId: string): Promise<void> {
	const deleted = await tx.run(sql`
		delete from take_overs where team_id = ${tx.teamId} and user_id = ${userId}`);
	if (deleted > 0) tx.changed({ entity: 'member', id: userId });
}

/**
 * Has people told, as an event that is about no conversation. `byId`: the colleague who asks; null: nobody is there,
 * and the hours ask.
 */
export async function insertTakeOverEvent(
	tx: TeamTx,
	event: { id: string; userIds: readonly string[]; byId: string | null; at: number }
): Promise<void> {
	await tx.run(sql`
		insert into notification_events (team_id, id, kind, at, target_ids, by_id)
		values (${tx.teamId}, ${event.id}, 'take_over', ${new Date(event.at)}, ${event.userIds}::uuid[],
			${event.byId})`);
}
