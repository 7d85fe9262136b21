import { deleteResets, insertToken } from '../../store/token.ts';
import { findCredentials } from '../../store/user.ts';
import type { Ctx } from '../context.ts';
import { sendMail } from '../mail/send.ts';
import { mailedLink, makeMailedToken } from './mailed-token.ts';

/** As long as somebody looks for a mail that they have just asked for. */
const LIFE_MS = 30 * 60_000;

/** Mails a link for a new password, if anybody has the address; who asks is not told whether. */
export async function forgotPassword(
	ctx: Ctx,
	{ email }: { email: string },
	{ publicOrigin }: { publicOrigin: string }
): Promise<void> {
	const user = await findCredentials(ctx.db.person, email);
	if (!user) return;
	const { token, digest } = makeMailedToken();
	await ctx.db.team(user.id, async (tx) => {
		await deleteResets(tx, user.id);
		const expiresAt = ctx.now() + LIFE_MS;
		await insertToken(tx, { digest, purpose: `password of ${user.id}`, expiresAt });
		await sendMail(
			{ ...ctx, tx },
			{
				to: email,
				subject: 'Choose a new password',
				paragraphs: [
					'Somebody asked for a new password for your Bellhop account. Open this link within 30 minutes to choose one.',
					'If this was not you, do nothing: without the link your password stays.'
				],
				link: {
					label: 'Choose a new password',
					url: mailedLink(publicOrigin, 'reset-password', token)
				}
			}
		);
	});
}
