import { deleteResets } from '../../store/token.ts';
import { savePasswordHash } from '../../store/user.ts';
import { recordOwn } from '../audit/record-own.ts';
import type { AgentCtx } from '../context.ts';
import { sendMail } from '../mail/send.ts';
import { dropSessions, type EndedSessions } from './end-sessions.ts';
import { knownOf, refuseGuessable } from './guessable.ts';
import { hashPassword } from './password.ts';
import { requireUser } from './profile.ts';
import { requirePassword } from './require-password.ts';

/** Takes the current password for a new one, and ends every other session: it may not be the person's. */
export async function changePassword(
	ctx: AgentCtx,
	{ current, password }: { current: string; password: string }
): Promise<EndedSessions> {
	await requirePassword(ctx, current, 'current');
	const user = await requireUser(ctx);
	const { id, email } = user;
	refuseGuessable(password, await knownOf(ctx, user));
	const passwordHash = await hashPassword(password);
	await ctx.db.team(id, async (tx) => {
		await savePasswordHash(tx, id, passwordHash);
		await deleteResets(tx, id);
		await sendMail(
			{ ...ctx, tx },
			{
				to: email,
				subject: 'Your password was changed',
				paragraphs: [
					'You sign in to Bellhop with a new password now, and every other browser has been signed out.',
					'If this was not you, tell an owner of your team at once.'
				]
			}
		);
	});
	const ended = await dropSessions(ctx, { id: null });
	await recordOwn(ctx, {
		action: 'account.password_changed',
		details: { sessionsEnded: ended.digests.length }
	});
	return ended;
}
