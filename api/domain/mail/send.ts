import { insertMail } from '../../store/mail.ts';
import type { Ctx, InTeam } from '../context.ts';
import { htmlOf, type Letter, plainOf } from './letter.ts';

/**
 * Has a letter mailed, by a job that exists exactly if the cause in this transaction does. What is about a
 * person's own account is sent in a transaction in that person's scope (`db.team(userId, ...)`): until it has
 * left it can be read by the team's owners otherwise, and its link could open the account to them. `ladderId`: whose
 * trail says what becomes of it.
 */
export async function sendMail(
	{ tx, ...ctx }: InTeam<Ctx>,
	{ to, ladderId, ...letter }: Letter & { to: string; ladderId?: string }
): Promise<void> {
	const id = ctx.newId();
	await insertMail(tx, {
		id,
		recipient: to,
		subject: letter.subject,
		body: plainOf(letter),
		html: htmlOf(letter),
		at: ctx.now()
	});
	const data = { teamId: tx.teamId, mailId: id, ...(ladderId && { ladderId }) };
	await ctx.enqueue(tx, { name: 'mail', data });
}
