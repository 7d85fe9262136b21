import type { Passkey } from '#contract/profile.ts';
import { deletePasskey, passkeysOf, renamePasskey } from '../../store/passkey.ts';
import type { AgentCtx } from '../context.ts';
import { DomainError } from '../errors.ts';
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
	{ db, actor }: AgentCtx,
	{ id, name }: { id: string; name: string }
): Promise<void> {
	const { userId } = actor;
	const isThere = await renamePasskey(db.person, { id, userId, name: name.toWellFormed() });
	if (!isThere) throw noPasskey();
}

/** Takes a key away, after the password: it opens nothing any more. */
export async function removePasskey(
	ctx: AgentCtx,
	{ id, password }: { id: string; password: string }
): Promise<void> {
	await requirePassword(ctx, password);
	const { userId } = ctx.actor;
	if (!(await deletePasskey(ctx.db.person, { id, userId }))) throw noPasskey();
}
