import type { Profile } from '#contract/profile.ts';
import { saveDefaultTeam } from '../../store/user.ts';
import type { AgentCtx } from '../context.ts';
import { requireMember } from '../team/access.ts';
import { readProfile } from './profile.ts';

/** Chooses the team that opens first. */
export async function setDefaultTeam(
	ctx: AgentCtx,
	{ teamId }: { teamId: string }
): Promise<Profile> {
	const { userId } = ctx.actor;
	await ctx.db.team(teamId, async (tx) => {
		await requireMember(tx, userId);
		await saveDefaultTeam(tx, userId, teamId);
	});
	return readProfile(ctx);
}
