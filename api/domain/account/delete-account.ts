import { deleteAvatar } from '../../store/avatar.ts';
import { deleteMails } from '../../store/mail.ts';
import { findMember, type MemberRow } from '../../store/member.ts';
import { teamsOfUser } from '../../store/team.ts';
import { deleteResets } from '../../store/token.ts';
import { deleteUser, insertAccountDeletion } from '../../store/user.ts';
import type { AgentCtx, InTeam } from '../context.ts';
import { requireOtherOwner } from '../member/drop.ts';
import { leaveTeam } from '../member/leave.ts';
import { dropSessions, type EndedSessions } from './end-sessions.ts';
import { requireUser } from './profile.ts';
import { requirePassword } from './require-password.ts';

/**
 * Takes the person out of every team and deletes all that is theirs; what they wrote to visitors
 * stays without a name. Nothing is done while a team would be left without an owner.
 */
export async function deleteAccount(
	ctx: AgentCtx,
	{ password, reason }: { password: string; reason?: string | undefined }
): Promise<EndedSessions> {
	await requirePassword(ctx, password);
	const user = await requireUser(ctx);
	const teamIds = await teamsOfUser(ctx.db.person, user.id);
	const inEachTeam = async (work: (ctx: InTeam<AgentCtx>, member: MemberRow) => Promise<void>) => {
		for (const teamId of teamIds)
			await ctx.db.team(teamId, async (tx) => {
				const member = await findMember(tx, user.id);
				if (member) await work({ ...ctx, tx }, member);
			});
	};
	await inEachTeam(requireOtherOwner);
	await inEachTeam((joined, member) => leaveTeam(joined, member, 'account.deleted'));
	const ended = await dropSessions(ctx, { id: null });
	await ctx.db.team(user.id, async (tx) => {
		await deleteMails(tx);
		await deleteResets(tx, user.id);
		if (reason) await insertAccountDeletion(tx, { id: ctx.newId(), reason, at: ctx.now() });
		if (user.avatar !== null) await deleteAvatar(tx, user.avatar);
		await deleteUser(tx, user.id);
	});
	return { ...ended, digests: [...ended.digests, ctx.actor.sessionDigest] };
}
