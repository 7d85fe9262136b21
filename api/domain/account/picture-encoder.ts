import { createHash } from 'node:crypto';
import sharp, { type Metadata } from 'sharp';
import { AVATAR_SIZES } from '#contract/avatar.ts';
import { LIMITS } from '#contract/limits.ts';
import type { Encoded, PictureAnswer, PictureQuestion, PictureReport } from './picture-process.ts';

/** The process behind picture-process.ts: answers the bytes of a file with a square picture in all sizes. */

const QUALITY = 82;
/** What a decoder may hold at once; the whole process stays below 300 MB. */
const MOST_HELD = 100 * 1024 * 1024;

/** A picture that is none for a profile: why, and what to do. */
class Refusal extends Error {
	readonly remedy: string;
	constructor(message: string, remedy: string) {
		super(message);
		this.remedy = remedy;
	}
}

const open = (bytes: Uint8Array) =>
	sharp(bytes, { limitInputPixels: LIMITS.avatarPixels, pages: 1, failOn: 'error' });

/** By the header alone: nothing is decoded yet. */
async function requireSize({ bytes, format }: PictureQuestion): Promise<void> {
	// The limit of sharp itself would be told as an unreadable file.
	const header = sharp(bytes, { limitInputPixels: false, pages: 1, failOn: 'error' });
	const found = await header.metadata();
	if (found.format !== format) throw new Error(`${found.format}, not ${format}`);
	const { width, height } = found;
	if (width * height > LIMITS.avatarPixels)
		throw new Refusal('The picture has more than 24 megapixels.', 'Choose a smaller one.');
	if (heldBytes(found) > MOST_HELD)
		throw new Refusal(
			'The picture would take too much memory to open.',
			'Choose a smaller one, or save it without interlacing (progressive).'
		);
	if (Math.min(width, height) < LIMITS.avatarSide)
		throw new Refusal(
			`The picture has ${width} x ${height} pixels.`,
			`Choose one of at least ${LIMITS.avatarSide} x ${LIMITS.avatarSide}.`
		);
}

/** What a decoder holds at once of a picture that it cannot read line by line. */
function heldBytes({ format, width, height, ...found }: Metadata): number {
	const { isProgressive = false, channels, depth, chromaSubsampling } = found;
	const pixels = width * height;
	switch (format) {
		case 'gif':
			// The canvas, and another where a frame is to be undone.
			return pixels * 8;
		case 'webp':
			return pixels * 4;
		case 'jpeg':
			// Coefficients of two bytes each, of all components (libjpeg, "full-image coefficient buffer").
			return isProgressive ? pixels * (chromaSubsampling === '4:2:0' ? 3 : 6) : 0;
		default:
			return isProgressive ? pixels * channels * (depth === 'ushort' ? 2 : 1) : 0;
	}
}

/** Square, upright, and its first frame alone; `digest` is of the pixels. */
async function encode(bytes: Uint8Array): Promise<Encoded> {
	const side = LIMITS.avatarSide;
	const { data, info } = await open(bytes)
		.autoOrient()
		.resize(side, side, { fit: 'cover' })
		.toColourspace('srgb')
		.raw()
		.toBuffer({ resolveWithObject: true });
	const { width, height, channels } = info;
	const sizes: Encoded['sizes'] = [];
	for (const size of AVATAR_SIZES) {
		const square = sharp(data, { raw: { width, height, channels } }).resize(size, size);
		sizes.push([size, await square.webp({ quality: QUALITY }).toBuffer()]);
	}
	return { sizes, digest: createHash('sha256').update(data).digest() };
}

async function answer(question: PictureQuestion): Promise<PictureAnswer> {
	try {
		await requireSize(question);
		return await encode(question.bytes);
	} catch (error) {
		if (error instanceof Refusal) return { message: error.message, remedy: error.remedy };
		// Whatever a decoder says about it.
		return { message: null };
	}
}

// One picture at a time: threads and a second look at the same one would only take memory.
sharp.cache(false);
sharp.concurrency(1);
process.on('message', async (question: PictureQuestion) => {
	const answered = await answer(question);
	const [rssBytes, peakBytes] = [process.memoryUsage.rss(), process.resourceUsage().maxRSS * 1024];
	process.send?.({ ...answered, rssBytes, peakBytes } satisfies PictureReport);
});
process.on('disconnect', () => process.exit());
