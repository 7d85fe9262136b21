import type { Profile } from '#contract/profile.ts';
import { deleteEmailChange, saveEmailChange } from '../../store/email-change.ts';
import { teamsOfUser } from '../../store/team.ts';
import { findCredentials } from '../../store/user.ts';
import type { AgentCtx } from '../context.ts';
import { DomainError } from '../errors.ts';
import { sendMail } from '../mail/send.ts';
import { mailedLink, makeMailedToken } from './mailed-token.ts';
import { readProfile, requireUser } from './profile.ts';
import { requirePassword } from './require-password.ts';

const LIFE_MS = 24 * 60 * 60 * 1000;

export const emailTaken = () =>
	new DomainError('conflict', 'An account with this email address exists.', {
		field: 'email',
		remedy: 'Use another address.'
	});

/** The team whose owner reads what no mail server takes; the person's own id where there is none. */
export const mailTeamOf = async ({ db }: Pick<AgentCtx, 'db'>, userId: string): Promise<string> =>
	(await teamsOfUser(db.person, userId))[0] ?? userId;

/** Mails a link to the new address; until somebody opens it there, the old address stays. */
export async function changeEmail(
	ctx: AgentCtx,
	input: { email: string; password: string },
	{ publicOrigin }: { publicOrigin: string }
): Promise<Profile> {
	await requirePassword(ctx, input.password);
	const { id: userId, email: current } = await requireUser(ctx);
	const { email } = input;
	if (email === current)
		throw new DomainError('conflict', 'This is your email address already.', {
			field: 'email',
			remedy: 'Enter another one.'
		});
	if (await findCredentials(ctx.db.person, email)) throw emailTaken();
	const { token, digest } = makeMailedToken();
	await ctx.db.team(await mailTeamOf(ctx, userId), async (tx) => {
		await saveEmailChange(tx, { userId, email, digest, expiresAt: ctx.now() + LIFE_MS });
		await sendMail(
			{ ...ctx, tx },
			{
				to: email,
				subject: 'Confirm your new email address',
				paragraphs: [
					`Open this link within 24 hours, and ${email} is the address that you sign in to Bellhop with, instead of ${current}.`,
					'If you did not ask for this, do nothing: without the link nothing changes.'
				],
				link: {
					label: 'Confirm this address',
					url: mailedLink(publicOrigin, 'confirm-email', token)
				}
			}
		);
	});
	return readProfile(ctx);
}

/** The link in the mail opens nothing any more. */
export async function cancelEmailChange(ctx: AgentCtx): Promise<Profile> {
	await deleteEmailChange(ctx.db.person, ctx.actor.userId);
	return readProfile(ctx);
}
