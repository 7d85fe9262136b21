import type { Invitation, MemberRow as Listed } from '#contract/members.ts';
import { type InvitationRow, pendingInvitations } from '../../store/invitation.ts';
import { membersOfTeam } from '../../store/member.ts';
import type { AgentCtx } from '../context.ts';
import { isOfflineByHand, reachOfMembers } from '../presence/reach.ts';
import { presenceOf } from '../sync/members.ts';
import { colleagueName } from '../team/name.ts';
import { requireManager } from './require.ts';

/** Everybody in the team with what they may do and whether they can be rung, and who is invited. */
export function listMembers(
	ctx: AgentCtx,
	{ teamId }: { teamId: string }
): Promise<{ members: Listed[]; invitations: Invitation[] }> {
	return ctx.db.team(teamId, async (tx) => {
		await requireManager({ ...ctx, tx });
		const now = ctx.now();
		const presence = await ctx.presence.ofTeam(tx);
		const reaches = await reachOfMembers(tx, {
			userIds: 'everybody',
			isByHand: (userId) => isOfflineByHand(presence.get(userId)),
			now
		});
		const members = (await membersOfTeam(tx)).map((row): Listed => {
			const { userId, email, avatar, role, roleId, joinedAt } = row;
			const reach = reaches.get(userId)?.reach ?? 'no';
			return {
				...{ userId, name: colleagueName(row), email, avatar, role, roleId, joinedAt },
				botIds: row.hasAllBots ? null : row.botIds,
				presence: presenceOf(presence.get(userId)),
				reach,
				isReachable: reach === 'reachable'
			};
		});
		const invitations = (await pendingInvitations(tx)).map((row) => toInvitation(row, now));
		return { members, invitations };
	});
}

/** An invitation as those who manage members see it. */
export function toInvitation(row: InvitationRow, now: number): Invitation {
	const { id, email, role, roleId, botIds, createdAt, expiresAt } = row;
	const isExpired = expiresAt <= now;
	return {
		id,
		email,
		role,
		roleId,
		botIds: botIds && [...botIds],
		isExpired,
		createdAt,
		expiresAt
	};
}
