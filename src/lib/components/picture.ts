import { type AvatarSize, avatarPath } from '#contract/avatar.ts';

/** The address of a picture in its smallest size that is sharp at `shown` CSS pixels on most screens; null without one. */
export function pictureOf(hash: string | null | undefined, shown = 40): string | null {
	const size: AvatarSize = shown > 64 ? 400 : shown > 32 ? 128 : 64;
	return hash ? avatarPath(hash, size) : null;
}
