import type { CustomRole } from '#contract/members.ts';
import { rolesOfTeam } from '../../store/role.ts';
import type { AgentCtx } from '../context.ts';
import { requireMember } from '../team/access.ts';

/** The roles that the team has made; colleagues see whose is whose. */
export function listRoles(ctx: AgentCtx, { teamId }: { teamId: string }): Promise<CustomRole[]> {
	return ctx.db.team(teamId, async (tx) => {
		await requireMember(tx, ctx.actor.userId);
		return rolesOfTeam(tx);
	});
}
