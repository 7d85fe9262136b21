import { LIMITS } from '#contract/limits.ts';

const TYPES = ['image/png', 'image/jpeg', 'image/webp', 'image/gif'];
const MB = 1024 * 1024;

/** Decodes a chosen file; what it returns as text says why it cannot be taken. */
export async function openPicture(file: File): Promise<ImageBitmap | string> {
	if (!TYPES.includes(file.type))
		return 'This is not a PNG, JPEG, WebP or GIF file. Choose one of those.';
	if (file.size > LIMITS.avatarBytes)
		return `This picture has ${(file.size / MB).toFixed(1)} MB, more than ${LIMITS.avatarBytes / MB} MB. Choose a smaller one.`;
	const image = await createImageBitmap(file).catch(() => null);
	if (!image) return 'This file cannot be read as a picture. Choose another one.';
	const { width, height } = image;
	if (Math.min(width, height) >= LIMITS.avatarSide && width * height <= LIMITS.avatarPixels)
		return image;
	image.close();
	return width * height > LIMITS.avatarPixels
		? `This picture has ${width} × ${height} pixels, more than ${LIMITS.avatarPixels / 1e6} million. Choose a smaller one.`
		: `This picture has ${width} × ${height} pixels. Choose one of at least ${LIMITS.avatarSide} × ${LIMITS.avatarSide}.`;
}

/** A square of a picture, in its own pixels. */
export interface Crop {
	x: number;
	y: number;
	side: number;
}

/** A new side around the same middle, or a way to go. */
export interface Move {
	side?: number;
	dx?: number;
	dy?: number;
}

/** The largest square, in the middle. */
export function middleOf({ width, height }: { width: number; height: number }): Crop {
	const side = Math.min(width, height);
	return { x: (width - side) / 2, y: (height - side) / 2, side };
}

/** The square after a move, kept within the picture and no smaller than what is taken. */
export function moved(crop: Crop, by: Move, image: { width: number; height: number }): Crop {
	const least = Math.min(LIMITS.avatarSide, image.width, image.height);
	const most = Math.min(image.width, image.height);
	const side = Math.min(most, Math.max(least, by.side ?? crop.side));
	const grown = (side - crop.side) / 2;
	const within = (at: number, size: number) => Math.min(size - side, Math.max(0, at));
	return {
		side,
		x: within(crop.x - grown + (by.dx ?? 0), image.width),
		y: within(crop.y - grown + (by.dy ?? 0), image.height)
	};
}
