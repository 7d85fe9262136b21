import type { ReachResponse } from '#contract/presence.ts';
import type { AgentCtx } from '../context.ts';
import { requireMember } from '../team/access.ts';
import { isOfflineByHand, reachOfMembers } from './reach.ts';

/** Who of the team could be rung while offline. It says nothing about who is online. */
export function readReach(ctx: AgentCtx, { team }: { team: string }): Promise<ReachResponse> {
	return ctx.db.team(team, async (tx) => {
		await requireMember(tx, ctx.actor.userId);
		const presence = await ctx.presence.ofTeam(tx);
		const answers = await reachOfMembers(tx, {
			userIds: 'everybody',
			isByHand: (userId) => isOfflineByHand(presence.get(userId)),
			now: ctx.now()
		});
		return { members: [...answers].map(([userId, answer]) => ({ userId, ...answer })) };
	});
}
