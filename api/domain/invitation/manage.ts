import type { Invitation } from '#contract/members.ts';
import {
	endInvitation,
	type InvitationRow,
	lockInvitation,
	renewInvitation
} from '../../store/invitation.ts';
import { makeMailedToken } from '../account/mailed-token.ts';
import { requireUser } from '../account/profile.ts';
import { record } from '../audit/record.ts';
import type { AgentCtx, InTeam } from '../context.ts';
import { DomainError } from '../errors.ts';
import { requireGrantable } from '../member/grant.ts';
import { toInvitation } from '../member/list.ts';
import { requireManager } from '../member/require.ts';
import { LIFE_MS } from './invite.ts';
import { mailInvitation } from './mail.ts';

interface Named {
	teamId: string;
	id: string;
}

async function requirePending({ tx }: InTeam, id: string): Promise<InvitationRow> {
	const invitation = await lockInvitation(tx, id);
	if (invitation?.state === 'pending') return invitation;
	throw new DomainError('not_found', 'There is no such invitation, or it has been answered.', {
		remedy: 'Load the list again.'
	});
}

/** Mails a new link, good for another week; the one before opens nothing any more. */
export async function resend(
	ctx: AgentCtx,
	{ teamId, id }: Named,
	{ publicOrigin }: { publicOrigin: string }
): Promise<Invitation> {
	const inviter = await requireUser(ctx);
	return ctx.db.team(teamId, async (tx) => {
		const joined = { ...ctx, tx };
		const manager = await requireManager(joined);
		const invitation = await requirePending(joined, id);
		await requireGrantable(tx, manager, invitation);
		const { token, digest } = makeMailedToken();
		const row = { ...invitation, expiresAt: ctx.now() + LIFE_MS };
		await renewInvitation(tx, id, { digest, expiresAt: row.expiresAt });
		await mailInvitation(joined, { invitation: row, inviter, token, publicOrigin });
		const subject = { id, name: invitation.email };
		await record(joined, { action: 'invitation.resent', subject });
		return toInvitation(row, ctx.now());
	});
}

/** The link in the mail opens nothing any more. */
export function cancel(ctx: AgentCtx, { teamId, id }: Named): Promise<void> {
	return ctx.db.team(teamId, async (tx) => {
		const joined = { ...ctx, tx };
		await requireManager(joined);
		const { email } = await requirePending(joined, id);
		await endInvitation(tx, id, 'cancelled');
		await record(joined, { action: 'invitation.cancelled', subject: { id, name: email } });
	});
}
