import type { AddPasskeyRequest, Passkey } from '#contract/profile.ts';
import { insertPasskey, passkeysOf } from '../../store/passkey.ts';
import { recordOwn } from '../audit/record-own.ts';
import type { AgentCtx } from '../context.ts';
import { DomainError } from '../errors.ts';
import { sendMail } from '../mail/send.ts';
import { colleagueName } from '../team/name.ts';
import { keepChallenge, takeChallenge } from './challenge.ts';
import { requireUser } from './profile.ts';
import { requirePassword } from './require-password.ts';
import { registrationOptions, verifyNewKey } from './webauthn.ts';

const purposeOf = (userId: string) => `passkey of ${userId}` as const;

/** What the person's browser makes a new key with, after their password. */
export async function newPasskeyOptions(
	ctx: AgentCtx,
	{ password }: { password: string },
	{ publicOrigin }: { publicOrigin: string }
): Promise<{ challenge: string }> {
	await requirePassword(ctx, password);
	const user = await requireUser(ctx);
	const known = await passkeysOf(ctx.db.person, user.id);
	const named = { ...user, name: colleagueName(user) };
	const options = await registrationOptions(publicOrigin, named, known);
	await keepChallenge(ctx, options.challenge, purposeOf(user.id));
	return options;
}

/** Adds the key that the browser made, and tells the person by mail. */
export async function addPasskey(
	ctx: AgentCtx,
	input: AddPasskeyRequest,
	{ publicOrigin }: { publicOrigin: string }
): Promise<Passkey> {
	const { id: userId, email } = await requireUser(ctx);
	const key = await verifyNewKey(publicOrigin, input, takeChallenge(ctx, purposeOf(userId)));
	if (!key)
		throw new DomainError('forbidden', 'This passkey could not be verified.', {
			remedy: 'Begin again; a question to a passkey is good for five minutes and one answer.'
		});
	const at = ctx.now();
	const name = input.name.toWellFormed();
	await ctx.db.team(userId, async (tx) => {
		if (!(await insertPasskey(tx, { ...key, userId, name, at })))
			throw new DomainError('conflict', 'This passkey has been added already.', {
				remedy: 'Use it to sign in.'
			});
		await sendMail(
			{ ...ctx, tx },
			{
				to: email,
				subject: 'A passkey was added to your account',
				paragraphs: [
					`The passkey “${name}” opens your Bellhop account now.`,
					'If this was not you, remove it in your profile and change your password.'
				]
			}
		);
	});
	await recordOwn(ctx, { action: 'account.passkey_added' });
	return { id: key.id, name, createdAt: at, lastUsedAt: null };
}
