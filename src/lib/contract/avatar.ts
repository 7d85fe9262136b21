/** The sizes in CSS pixels that a picture is kept in, all of them WebP. */
export const AVATAR_SIZES = [64, 128, 400] as const;
export type AvatarSize = (typeof AVATAR_SIZES)[number];
/** Never changes under its address. */
export const avatarPath = (hash: string, size: AvatarSize): string =>
	`/api/avatars/${hash}/${size}`;
