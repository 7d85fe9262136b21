import { takeEmailChange } from '../../store/email-change.ts';
import { deleteResets } from '../../store/token.ts';
import { findUser, saveEmail } from '../../store/user.ts';
import { agentWithoutSession, type Ctx } from '../context.ts';
import { DomainError } from '../errors.ts';
import { sendMail } from '../mail/send.ts';
import { colleagueName } from '../team/name.ts';
import { emailTaken } from './change-email.ts';
import { mailedDigest } from './mailed-token.ts';
import { tellTeams } from './tell-teams.ts';

/**
 * Gives the person of the mailed token their new address, and tells the old one. The token is proof
 * enough: the link may be opened in another browser.
 */
export async function confirmEmail(
	ctx: Ctx,
	{ token }: { token: string }
): Promise<{ email: string }> {
	const change = await takeEmailChange(ctx.db.person, mailedDigest(token));
	const user = change && (await findUser(ctx.db.person, change.userId));
	if (!change || !user)
		throw new DomainError(
			'not_found',
			'This link was used, cancelled or replaced by a newer one.',
			{
				remedy: 'Open the link of the newest mail, or change the address again in your profile.'
			}
		);
	if (change.expiresAt <= ctx.now())
		throw new DomainError('gone', 'This link has expired: it was good for 24 hours.', {
			remedy: 'Change the address again in your profile.'
		});
	const { email } = change;
	await ctx.db.team(user.id, async (tx) => {
		if (!(await saveEmail(tx, user.id, email))) throw emailTaken();
		// A link that went to the old address opens nothing.
		await deleteResets(tx, user.id);
		await sendMail(
			{ ...ctx, tx },
			{
				to: user.email,
				subject: 'Your email address was changed',
				paragraphs: [
					`You sign in to Bellhop with ${email} now. This address, ${user.email}, opens nothing any more.`,
					'If this was not you, tell an owner of your team at once.'
				]
			}
		);
	});
	const details = { from: user.email, to: email };
	await tellTeams(
		{ ...ctx, actor: agentWithoutSession(user.id) },
		{ action: 'member.email_changed', details },
		colleagueName({ ...user, email })
	);
	return { email };
}
