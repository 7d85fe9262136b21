import sharp from 'sharp';
import { beforeAll, expect, test } from 'vitest';
import { LIMITS } from '#contract/limits.ts';
import { makePicture } from '../../api/domain/account/picture.ts';
import { formatOf } from '../../api/domain/account/picture-format.ts';
import { createPictureProcess } from '../../api/domain/account/picture-process.ts';
import { animatedGif, drawing } from '../support/pictures.ts';

const SEED = 20_261;
const COUNT = 240;

/** Of 24 megapixels, if it is not narrower. */
const huge = (width = 6000) =>
	sharp({ create: { width, height: 4000, channels: 4, background: '#12345680' } });

let originals: Buffer[];
beforeAll(async () => {
	// In every format as large as one is taken at all, in a file of less than 2 MB.
	const flat = (width: number, height: number) =>
		sharp({ create: { width, height, channels: 4, background: '#12345680' } });
	originals = await Promise.all([
		drawing(420, 400).png().toBuffer(),
		drawing(420, 400).jpeg({ progressive: true }).toBuffer(),
		drawing(420, 400).webp().toBuffer(),
		animatedGif(400, ['#f00', '#00f']),
		flat(6000, 4000).png().toBuffer(),
		flat(6000, 4000).png({ progressive: true }).toBuffer(),
		flat(6000, 4000).jpeg().toBuffer(),
		flat(6000, 4000).jpeg({ progressive: true }).toBuffer(),
		flat(6000, 4000).webp({ lossless: true }).toBuffer(),
		flat(3500, 3500).gif().toBuffer()
	]);
	for (const bytes of originals) expect(bytes.length).toBeLessThanOrEqual(LIMITS.avatarBytes);
});

/** The first of each are whole: they take the most memory. */
function* damaged(originals: readonly Buffer[]): Generator<Buffer> {
	let state = SEED;
	const random = (below: number) => {
		state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
		return Math.floor((state / 0x80000000) * below);
	};
	yield* originals;
	for (let n = originals.length; n < COUNT; n++) {
		const bytes = Buffer.from(originals[n % originals.length] as Buffer);
		for (let times = 1 + random(8); times > 0; times--) {
			// Half of the damage is in the head, where it matters most.
			const at = random(random(2) === 0 ? 64 : bytes.length);
			bytes[at] = random(256);
		}
		yield random(10) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes;
	}
}

test(`${COUNT} damaged pictures, some of 24 megapixels, crash no decoder and never take 300 MB`, async () => {
	const decoder = createPictureProcess();
	const seen = { made: 0, refused: 0, crashed: 0, peakBytes: 0 };
	for (const bytes of damaged(originals)) {
		// What has no picture's form is never decoded.
		const format = formatOf(bytes);
		const answer = format && (await decoder.ask({ bytes, format }));
		if (format && !answer) seen.crashed++;
		else if (answer && 'sizes' in answer) seen.made++;
		else seen.refused++;
		seen.peakBytes = Math.max(seen.peakBytes, answer?.peakBytes ?? 0);
	}
	decoder.end();
	expect(seen.crashed, `seed ${SEED}`).toBe(0);
	// Both ways are walked: the whole ones are made, and enough of the others are refused.
	expect(seen.made).toBeGreaterThanOrEqual(originals.length);
	expect(seen.refused).toBeGreaterThan(COUNT / 10);
	expect(seen.peakBytes).toBeGreaterThan(100 * 1024 * 1024);
	expect(seen.peakBytes).toBeLessThan(300 * 1024 * 1024);
});

test('a decoder that dies takes nothing along: the file is refused, and the next picture is made', async () => {
	const decoder = createPictureProcess();
	const [bytes = Buffer.alloc(0)] = originals;
	const question = { bytes, format: 'png' } as const;
	const asked = decoder.ask(question);
	decoder.end();
	expect(await asked).toBeNull();
	expect(await decoder.ask(question)).toHaveProperty('sizes');
	decoder.end();
});

test.each([
	[
		'an interlaced PNG of 16 bits',
		() => huge(5000).toColourspace('rgb16').png({ progressive: true })
	],
	['a progressive JPEG', () => huge().jpeg({ progressive: true, chromaSubsampling: '4:4:4' })],
	['a GIF', () => huge().gif()]
])('%s that no decoder reads line by line is refused by its header', async (_, picture) => {
	const bytes = await picture().toBuffer();
	expect(bytes.length).toBeLessThanOrEqual(LIMITS.avatarBytes);
	await expect(makePicture('owner', bytes)).rejects.toMatchObject({
		kind: 'invalid',
		message: 'The picture would take too much memory to open.'
	});
});
