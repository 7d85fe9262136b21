import { findCredentials } from '../../store/user.ts';
import type { Ctx } from '../context.ts';
import { DomainError } from '../errors.ts';
import { verifyPassword } from './password.ts';

/** Who has this address and password. An unknown address and a wrong password end alike, equally late. */
export async function signIn(
	ctx: Ctx,
	input: { email: string; password: string }
): Promise<{ userId: string }> {
	const user = await findCredentials(ctx.db.person, input.email);
	const isRight = await verifyPassword(user?.passwordHash, input.password);
	if (!user || !isRight)
		throw new DomainError('unauthenticated', 'The email address or the password is wrong.', {
			remedy: 'Check both and try again.'
		});
	return { userId: user.id };
}
