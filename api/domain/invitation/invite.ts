import type { Invitation } from '#contract/members.ts';
import { type InvitationRow, insertInvitation } from '../../store/invitation.ts';
import { type Grant, membersOfTeam } from '../../store/member.ts';
import { makeMailedToken } from '../account/mailed-token.ts';
import { requireUser } from '../account/profile.ts';
import { record } from '../audit/record.ts';
import type { AgentCtx } from '../context.ts';
import { DomainError } from '../errors.ts';
import { requireGrantable } from '../member/grant.ts';
import { toInvitation } from '../member/list.ts';
import { requireManager } from '../member/require.ts';
import { mailInvitation } from './mail.ts';

export const LIFE_MS = 7 * 24 * 60 * 60 * 1000;

const conflict = (message: string, remedy: string) =>
	new DomainError('conflict', message, { field: 'email', remedy });

/** Mails somebody a link into the team, good for a week. They need no account yet. */
export async function invite(
	ctx: AgentCtx,
	{ teamId, ...input }: Grant & { teamId: string; id: string; email: string },
	{ publicOrigin }: { publicOrigin: string }
): Promise<Invitation> {
	const inviter = await requireUser(ctx);
	return ctx.db.team(teamId, async (tx) => {
		const joined = { ...ctx, tx };
		await requireGrantable(tx, await requireManager(joined), input);
		const { email } = input;
		if ((await membersOfTeam(tx)).some((member) => member.email === email))
			throw conflict(`${email} is in the team already.`, 'Change their role in the list.');
		const now = ctx.now();
		const { token, digest } = makeMailedToken();
		const row: InvitationRow = {
			...input,
			state: 'pending',
			invitedBy: inviter.id,
			createdAt: now,
			expiresAt: now + LIFE_MS
		};
		if (!(await insertInvitation(tx, { ...row, digest })))
			throw conflict(`${email} has been invited already.`, 'Send that invitation again.');
		await mailInvitation(joined, { invitation: row, inviter, token, publicOrigin });
		const { role, roleId, botIds } = input;
		const details = { role, roleId, botIds };
		const subject = { id: input.id, name: email };
		await record(joined, { action: 'invitation.sent', subject, details });
		return toInvitation(row, now);
	});
}
