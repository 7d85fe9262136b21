import { ownerOfReset, takeToken } from '../../store/token.ts';
import { savePasswordHash } from '../../store/user.ts';
import { recordOwn } from '../audit/record-own.ts';
import { agentWithoutSession, type Ctx } from '../context.ts';
import { DomainError } from '../errors.ts';
import { sendMail } from '../mail/send.ts';
import { dropSessions, type EndedSessions } from './end-sessions.ts';
import { knownOf, refuseGuessable } from './guessable.ts';
import { mailedDigest } from './mailed-token.ts';
import { hashPassword } from './password.ts';
import { requireUser } from './profile.ts';

const noLink = () =>
	new DomainError(
		'gone',
		'This link was used, replaced by a newer one, or is older than 30 minutes.',
		{
			remedy: 'Ask for another one.'
		}
	);

/** Gives the person of the mailed token a new password, and ends every session: any of them may not be theirs. */
export async function resetPassword(
	ctx: Ctx,
	{ token, password }: { token: string; password: string }
): Promise<EndedSessions & { userId: string }> {
	const digest = mailedDigest(token);
	const userId = await ownerOfReset(ctx.db.person, { digest, now: ctx.now() });
	if (userId === undefined) throw noLink();
	const own = { ...ctx, actor: agentWithoutSession(userId) };
	const user = await requireUser(own);
	refuseGuessable(password, await knownOf(ctx, user));
	const passwordHash = await hashPassword(password);
	await ctx.db.team(userId, async (tx) => {
		const taken = { digest, purpose: `password of ${userId}`, now: ctx.now() } as const;
		if (!(await takeToken(tx, taken))) throw noLink();
		await savePasswordHash(tx, userId, passwordHash);
		await sendMail(
			{ ...ctx, tx },
			{
				to: user.email,
				subject: 'Your password was changed',
				paragraphs: [
					'A new password was chosen by a link that was mailed to you, and every browser has been signed out.',
					'If this was not you, tell an owner of your team at once.'
				]
			}
		);
	});
	const ended = await dropSessions(own, { id: null });
	const details = { sessionsEnded: ended.digests.length };
	await recordOwn(own, { action: 'account.password_reset', details });
	return { ...ended, userId };
}
