import sharp from 'sharp';

/** A picture of noise and shapes, so that every format has something to encode. */
export function drawing(width: number, height: number) {
	const data = Buffer.alloc(width * height * 3);
	for (let i = 0; i < data.length; i++) data[i] = (i * 7 + ((i / (width * 3)) | 0) * 13) % 251;
	return sharp(data, { raw: { width, height, channels: 3 } });
}

/** A GIF of several frames, each of its own colour. */
export async function animatedGif(side: number, colors: string[]): Promise<Buffer> {
	const frames = await Promise.all(
		colors.map((background) =>
			sharp({ create: { width: side, height: side, channels: 3, background } })
				.png()
				.toBuffer()
		)
	);
	return sharp(frames, { join: { animated: true } })
		.gif()
		.toBuffer();
}
