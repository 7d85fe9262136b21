import type { InvitationRow } from '../../store/invitation.ts';
import { findTeam } from '../../store/team.ts';
import { mailedLink } from '../account/mailed-token.ts';
import type { AgentCtx, InTeam } from '../context.ts';
import { sendMail } from '../mail/send.ts';
import { colleagueName } from '../team/name.ts';

export interface Invited {
	invitation: InvitationRow;
	inviter: { firstName: string; lastName: string; email: string };
	token: string;
	publicOrigin: string;
}

/** The invitation's mail, with the link that opens it. */
export async function mailInvitation(
	ctx: InTeam<AgentCtx>,
	{ invitation, inviter, token, publicOrigin }: Invited
): Promise<void> {
	const team = (await findTeam(ctx.tx))?.name ?? '';
	await sendMail(ctx, {
		to: invitation.email,
		// A name can hold a line break, a subject cannot.
		subject: `Join ${team} on Bellhop`.replace(/\s+/g, ' '),
		paragraphs: [
			`${colleagueName(inviter)} invites you to the team ${team} on Bellhop, where its people answer chats with visitors of their website.`,
			'The link is good for 7 days. If you do not know what this is about, do nothing.'
		],
		link: { label: 'See the invitation', url: mailedLink(publicOrigin, 'invitation', token) }
	});
}
