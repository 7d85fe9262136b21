import type { Passkey } from '#contract/profile.ts';
import { deletePasskey, passkeysOf, renamePasskey } from '../../store/passkey.ts';
import { recordOwn } from '../audit/record-own.ts';
import type { AgentCtx } from '../context.ts';
import { DomainError } from '../errors.ts';
import { sendMail } from '../mail/send.ts';
import { requireUser } from './profile.ts';
import { requirePassword } from './require-password.ts';

const noPasskey = () =>
	new DomainError('not_found', 'You have no such passkey.', { remedy: 'Load the list again.' });

/** The person's own keys. */
export async function listPasskeys({ db, actor }: AgentCtx): Promise<Passkey[]> {
	const keys = await passkeysOf(db.person, actor.userId);
	return keys.map(({ transports: _, ...key }) => key);
}

/** Calls a key by another name. */
export async function namePasskey(
	ctx: AgentCtx,
	{ id, name }: { id: string; name: string }
): Promise<void> {
	const { userId } = ctx.actor;
	const isThere = await renamePasskey(ctx.db.person, { id, userId, name: name.toWellFormed() });
	if (!isThere) throw noPasskey();
	await recordOwn(ctx, { action: 'account.passkey_renamed' });
}

/** Takes a key away, after the password: it opens nothing any more. The person is told by mail. */
export async function removePasskey(
	ctx: AgentCtx,
	{ id, password }: { id: string; password: string }
): Promise<void> {
	await requirePassword(ctx, password);
	const { id: userId, email } = await requireUser(ctx);
	await ctx.db.team(userId, async (tx) => {
		const name = await deletePasskey(tx, { id, userId });
		if (name === undefined) throw noPasskey();
		await sendMail(
			{ ...ctx, tx },
			{
				to: email,
				subject: 'A passkey was removed from your account',
				paragraphs: [
					`The passkey “${name}” opens your Bellhop account no longer.`,
					'If this was not you, change your password.'
				]
			}
		);
	});
	await recordOwn(ctx, { action: 'account.passkey_removed' });
}
