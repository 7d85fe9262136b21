import type { ShownInvitation } from '#contract/members.ts';
import { findRole } from '../../store/role.ts';
import { findTeam } from '../../store/team.ts';
import { findCredentials, findUser } from '../../store/user.ts';
import type { Ctx } from '../context.ts';
import { colleagueName } from '../team/name.ts';
import { withInvitation } from './open.ts';

/** What the person with the link is invited to. */
export const show = (ctx: Ctx, { token }: { token: string }): Promise<ShownInvitation> =>
	withInvitation(ctx, token, async ({ tx }, { email, role, roleId, invitedBy, expiresAt }) => {
		const team = await findTeam(tx);
		const inviter = await findUser(tx, invitedBy);
		return {
			teamName: team?.name ?? '',
			inviterName: inviter ? colleagueName(inviter) : '',
			email,
			role,
			roleName: roleId === null ? null : ((await findRole(tx, roleId))?.name ?? null),
			hasAccount: (await findCredentials(tx, email)) !== undefined,
			expiresAt
		};
	});
