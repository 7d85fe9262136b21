import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { AVATAR_SIZES, type AvatarSize } from '#contract/avatar.ts';
import { LIMITS } from '#contract/limits.ts';
import { DomainError } from '../errors.ts';
import { createWorkLimit } from '../work-limit.ts';
import { formatOf } from './picture-format.ts';

export interface Picture {
	/** Of the owner and the content, so that two owners of one picture have one each. */
	hash: string;
	/** WebP by the length of its side in pixels. */
	sizes: ReadonlyMap<AvatarSize, Buffer>;
}

// One picture of 24 megapixels takes about 100 MB while it is decoded.
const limited = createWorkLimit({ running: 1, waiting: 16 });
const QUALITY = 82;

const refused = (message: string, remedy: string) =>
	new DomainError('invalid', message, { field: 'picture', remedy });

const unreadable = () =>
	refused('This file is no whole PNG, JPEG, WebP or GIF picture.', 'Choose another picture.');

/**
 * Makes a square picture in all sizes of an uploaded file: its first frame, upright, without
 * anything else that was in it. Throws `invalid` or `too_large`.
 */
export async function makePicture(ownerId: string, bytes: Buffer): Promise<Picture> {
	if (bytes.length > LIMITS.avatarBytes)
		throw new DomainError('too_large', 'The picture is larger than 2 MB.', {
			field: 'picture',
			remedy: 'Choose a smaller one.'
		});
	const format = formatOf(bytes);
	if (!format) throw unreadable();
	return limited(async () => {
		// What libvips keeps for a second look at the same picture would only fill the memory; more threads as well.
		sharp.cache(false);
		sharp.concurrency(1);
		await requireSize(bytes, format);
		try {
			return await encode(ownerId, bytes);
		} catch {
			throw unreadable();
		}
	});
}

const open = (bytes: Buffer) =>
	sharp(bytes, { limitInputPixels: LIMITS.avatarPixels, pages: 1, failOn: 'error' });

/** By the header alone: nothing is decoded yet. */
async function requireSize(bytes: Buffer, format: string): Promise<void> {
	// The limit of sharp itself would be told as an unreadable file.
	const header = sharp(bytes, { limitInputPixels: false, pages: 1, failOn: 'error' });
	const found = await header.metadata().catch(() => undefined);
	if (found?.format !== format) throw unreadable();
	const { width, height } = found;
	if (width * height > LIMITS.avatarPixels)
		throw refused('The picture has more than 24 megapixels.', 'Choose a smaller one.');
	if (Math.min(width, height) < LIMITS.avatarSide)
		throw refused(
			`The picture has ${width} x ${height} pixels.`,
			`Choose one of at least ${LIMITS.avatarSide} x ${LIMITS.avatarSide}.`
		);
}

async function encode(ownerId: string, bytes: Buffer): Promise<Picture> {
	const side = LIMITS.avatarSide;
	const { data, info } = await open(bytes)
		.autoOrient()
		.resize(side, side, { fit: 'cover' })
		.toColourspace('srgb')
		.raw()
		.toBuffer({ resolveWithObject: true });
	const { width, height, channels } = info;
	const sizes = new Map<AvatarSize, Buffer>();
	for (const size of AVATAR_SIZES) {
		const square = sharp(data, { raw: { width, height, channels } }).resize(size, size);
		sizes.set(size, await square.webp({ quality: QUALITY }).toBuffer());
	}
	const hash = createHash('sha256').update(ownerId).update(data).digest('hex').slice(0, 32);
	return { hash, sizes };
}
