import type { PasskeySignInRequest } from '#contract/profile.ts';
import { findPasskey, notePasskeyUse } from '../../store/passkey.ts';
import type { Ctx } from '../context.ts';
import { DomainError } from '../errors.ts';
import { keepChallenge, takeChallenge } from './challenge.ts';
import { authenticationOptions, verifySignature } from './webauthn.ts';

const PURPOSE = 'passkey';

/** What any browser asks its keys with. */
export async function passkeyQuestion(
	ctx: Ctx,
	{ publicOrigin }: { publicOrigin: string }
): Promise<{ challenge: string }> {
	const options = await authenticationOptions(publicOrigin);
	await keepChallenge(ctx, options.challenge, PURPOSE);
	return options;
}

/** Whose key has signed the question. A key of nobody and a wrong signature end alike. */
export async function signInWithPasskey(
	ctx: Ctx,
	input: PasskeySignInRequest,
	{ publicOrigin }: { publicOrigin: string }
): Promise<{ userId: string }> {
	const key = await findPasskey(ctx.db.person, input.id);
	const expectedChallenge = takeChallenge(ctx, PURPOSE);
	const counter = key && (await verifySignature(publicOrigin, input, { key, expectedChallenge }));
	if (!key || counter === null || counter === undefined)
		throw new DomainError('unauthenticated', 'This passkey opens no account here.', {
			remedy: 'Try another passkey, or sign in with your password.'
		});
	await notePasskeyUse(ctx.db.person, key.id, { counter, at: ctx.now() });
	return { userId: key.userId };
}
