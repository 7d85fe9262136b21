import type { MutationResult } from '#contract/mutations.ts';
import type { TeamTx } from './db.ts';
import { sql } from './sql.ts';

export interface MutationKey {
	deviceId: string;
	id: string;
	userId: string;
	n: number;
}

export interface StoredMutation {
	userId: string;
	outcome: 'applied' | 'rejected';
	error: MutationResult['error'] | null;
}

/**
 * Takes the mutation's id, in the transaction of its effect; `error` where it was refused. False
 * where it was taken before; a concurrent one is waited for.
 */
export async function insertMutation(
	tx: TeamTx,
	{ deviceId, id, userId, n }: MutationKey,
	error: MutationResult['error'] | null = null
): Promise<boolean> {
	const written = await tx.run(sql`
		insert into mutations (team_id, device_id, id, user_id, n, outcome, error)
		values (${tx.teamId}, ${deviceId}, ${id}, ${userId}, ${n},
			${error ? 'rejected' : 'applied'}, ${error && JSON.stringify(error)}::jsonb)
		on conflict do nothing`);
	return written === 1;
}

export function findMutation(
	tx: TeamTx,
	{ deviceId, id }: Pick<MutationKey, 'deviceId' | 'id'>
): Promise<StoredMutation | undefined> {
	return tx.maybe<StoredMutation>(sql`
		select user_id as "userId", outcome, error from mutations
		where team_id = ${tx.teamId} and device_id = ${deviceId} and id = ${id}`);
}
