import { findPasswordHash } from '../../store/user.ts';
import type { AgentCtx } from '../context.ts';
import { DomainError } from '../errors.ts';
import { verifyPassword } from './password.ts';

/** Asks again who is there, before what a borrowed session must not do. */
export async function requirePassword(
	{ db, actor }: AgentCtx,
	password: string,
	field = 'password'
): Promise<void> {
	const hash = await findPasswordHash(db.person, actor.userId);
	if (await verifyPassword(hash, password)) return;
	throw new DomainError('forbidden', 'The password is wrong.', {
		field,
		remedy: 'Enter the password that you sign in with now.'
	});
}
