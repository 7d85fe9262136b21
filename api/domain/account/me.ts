import type { Me } from '#contract/auth.ts';
import { PROTOCOL_VERSION } from '#contract/protocol.ts';
import { findTeam, teamsOfUser } from '../../store/team.ts';
import { findUser } from '../../store/user.ts';
import type { AgentCtx } from '../context.ts';
import { DomainError } from '../errors.ts';
import { waitingIn } from '../notification/waiting.ts';
import { scopeOf } from '../sync/scope.ts';
import { requireMember } from '../team/access.ts';

/** The person and their teams, the first joined first. */
export async function me(ctx: Pick<AgentCtx, 'db'>, userId: string): Promise<Me> {
	const user = await findUser(ctx.db.person, userId);
	if (!user) throw new DomainError('unauthenticated', 'You are not signed in.');
	const teams: Me['teams'] = [];
	for (const teamId of await teamsOfUser(ctx.db.person, userId)) {
		const entry = await ctx.db.team(teamId, async (tx) => {
			const access = await requireMember(tx, userId);
			const { role, roleName = null } = access;
			const { permissions, botIds } = await scopeOf(tx, access);
			const team = await findTeam(tx);
			const waitingCount = (await waitingIn(tx))(access);
			return team && { team, role, roleName, permissions, botIds, waitingCount };
		});
		if (entry) teams.push(entry);
	}
	return { protocol: PROTOCOL_VERSION, user, teams };
}
