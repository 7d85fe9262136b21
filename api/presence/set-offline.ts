import type { SetOfflineRequest } from '#contract/presence.ts';
import { record } from '../domain/audit/record.ts';
import type { AgentCtx, InTeam, PresenceAnswer } from '../domain/context.ts';
import { requireMember, requirePermission } from '../domain/team/access.ts';
import { colleagueName } from '../domain/team/name.ts';
import { findMember } from '../store/member.ts';
import { presenceOf, setOffline } from './core.ts';
import { lockKnown } from './known.ts';
import type { SweepDeps } from './sweep.ts';
import { writeTransitions } from './write.ts';

/** Sets a member offline, who is told by whom and why, and can go online again. */
export function setMemberOffline(
	ctx: AgentCtx,
	{ teamId, userId, reason }: SetOfflineRequest,
	deps: SweepDeps
): Promise<PresenceAnswer> {
	return ctx.db.team(teamId, async (tx) => {
		requirePermission(await requireMember(tx, ctx.actor.userId), 'member.manage');
		await requireMember(tx, userId);
		const known = await lockKnown(tx, userId, deps);
		const said = { setBy: ctx.actor.userId, reason: reason || null };
		const transition = setOffline(known, said);
		if (transition) {
			await writeTransitions(tx, [{ ...transition, userId }]);
			await recordOffline({ ...ctx, tx }, userId);
		}
		tx.afterCommit(() => deps.intents.drop(userId));
		const intent = transition?.after ?? known.intent;
		return presenceOf({ ...known, intent, isQuiet: false }, deps.settings);
	});
}

/** The reason stands in the ledger, which the member reads as well. */
async function recordOffline(ctx: InTeam<AgentCtx>, userId: string): Promise<void> {
	const member = await findMember(ctx.tx, userId);
	if (!member) return;
	const subject = { id: userId, name: colleagueName(member) };
	await record(ctx, { action: 'member.offline_set', subject });
}
