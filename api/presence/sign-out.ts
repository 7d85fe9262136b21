import type { AgentCtx } from '../domain/context.ts';
import { refuseLast } from '../domain/coverage/last-one.ts';
import type { TeamTx } from '../store/db.ts';
import { onlineIntentsOf } from '../store/intent.ts';
import { sharesOf } from '../store/lease.ts';
import { leaseEnd, merge, signedOut } from './core.ts';
import { lockKnown } from './known.ts';
import type { SweepDeps } from './sweep.ts';
import { writeTransitions } from './write.ts';

/** Refuses a sign-out that would leave visitors of one of the person's teams alone; see `refuseLast`. */
export async function refuseLastSignOut(
	ctx: AgentCtx,
	deviceId: string,
	deps: SweepDeps
): Promise<void> {
	const { userId } = ctx.actor;
	for (const { teamId } of await onlineIntentsOf(ctx.db.person, [userId]))
		await ctx.db.team(teamId, async (tx) => {
			const proved = merge(await sharesOf(tx, [userId]), deps.shares.of(userId));
			const elsewhere = proved.filter((share) => share.deviceId !== deviceId);
			if (leaseEnd(deps.leases.count(teamId, elsewhere)) > deps.now()) return;
			await refuseLast({ ...ctx, tx });
		});
}

/** An online agent without any live lease after a sign-out is offline, by that cause. */
export async function endIfLast(tx: TeamTx, userId: string, deps: SweepDeps): Promise<void> {
	const transition = signedOut(await lockKnown(tx, userId, deps));
	if (!transition) return;
	await writeTransitions(tx, [{ ...transition, userId }]);
	tx.afterCommit(() => deps.intents.drop(userId));
}
