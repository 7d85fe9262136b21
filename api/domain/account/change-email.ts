import type { Profile } from '#contract/profile.ts';
import { deleteEmailChange, saveEmailChange } from '../../store/email-change.ts';
import { findCredentials } from '../../store/user.ts';
import { recordOwn } from '../audit/record-own.ts';
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
	await ctx.db.team(userId, async (tx) => {
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
	await recordOwn(ctx, { action: 'account.email_change_asked' });
	return readProfile(ctx);
}

/** The link in the mail opens nothing any more. */
export async function cancelEmailChange(ctx: AgentCtx): Promise<Profile> {
	if (await deleteEmailChange(ctx.db.person, ctx.actor.userId))
		await recordOwn(ctx, { action: 'account.email_change_cancelled' });
	return readProfile(ctx);
}
