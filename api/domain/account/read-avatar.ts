import type { AvatarSize } from '#contract/avatar.ts';
import { findAvatar } from '../../store/avatar.ts';
import type { Ctx } from '../context.ts';
import { DomainError } from '../errors.ts';

/** One size of a picture as WebP. For anyone: its hash is told to those who may see it. */
export async function readAvatar(
	{ db }: Ctx,
	{ hash, size }: { hash: string; size: AvatarSize }
): Promise<Buffer> {
	const bytes = await findAvatar(db.person, hash, size);
	if (!bytes) throw new DomainError('not_found', 'There is no such picture.');
	return bytes;
}
