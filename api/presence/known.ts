import type { TeamTx } from '../store/db.ts';
import { lockIntent } from '../store/intent.ts';
import { sharesOf } from '../store/lease.ts';
import { type Knowledge, merge } from './core.ts';
import type { SweepDeps } from './sweep.ts';

/** What is known about a member at this moment, here and in the database, as the team counts it; the intent is locked. */
export async function lockKnown(
	tx: TeamTx,
	userId: string,
	deps: Pick<SweepDeps, 'now' | 'shares' | 'leases'>
): Promise<Knowledge> {
	const { userId: _, ...intent } = await lockIntent(tx, userId);
	const proved = merge(await sharesOf(tx, [userId]), deps.shares.of(userId));
	return { intent, shares: deps.leases.count(tx.teamId, proved), now: deps.now() };
}
