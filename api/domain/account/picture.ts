import { createHash } from 'node:crypto';
import type { AvatarSize } from '#contract/avatar.ts';
import { LIMITS } from '#contract/limits.ts';
import { DomainError } from '../errors.ts';
import { createWorkLimit } from '../work-limit.ts';
import { formatOf } from './picture-format.ts';
import { createPictureProcess } from './picture-process.ts';

export interface Picture {
	/** Of the owner and the content, so that two owners of one picture have one each. */
	hash: string;
	/** WebP by the length of its side in pixels. */
	sizes: ReadonlyMap<AvatarSize, Buffer>;
}

// One picture of 24 megapixels takes about 100 MB while it is decoded.
const limited = createWorkLimit({ running: 1, waiting: 16 });
const encoder = createPictureProcess();

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
	const answer = await limited(() => encoder.ask({ bytes, format }));
	if (answer && 'sizes' in answer) {
		const hash = createHash('sha256').update(ownerId).update(answer.digest).digest('hex');
		const sizes = new Map(answer.sizes.map(([size, webp]) => [size, Buffer.from(webp)]));
		return { hash: hash.slice(0, 32), sizes };
	}
	if (answer?.message) throw refused(answer.message, answer.remedy);
	throw unreadable();
}
