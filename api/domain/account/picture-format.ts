/** The kinds of picture that people upload. */
export type PictureFormat = 'png' | 'jpeg' | 'webp' | 'gif';

const startsWith = (bytes: Buffer, text: string, at = 0) =>
	bytes.toString('latin1', at, at + text.length) === text;

/**
 * The format of a file that is one whole picture and nothing else; null for any other. What follows
 * a picture's end makes the file something else to other programs, so such a file is no picture here.
 */
export function formatOf(bytes: Buffer): PictureFormat | null {
	const known: [PictureFormat, boolean, (bytes: Buffer) => number][] = [
		['png', startsWith(bytes, '\x89PNG\r\n\x1a\n'), endOfPng],
		['jpeg', startsWith(bytes, '\xff\xd8\xff'), endOfJpeg],
		['webp', startsWith(bytes, 'RIFF') && startsWith(bytes, 'WEBP', 8), endOfWebp],
		['gif', startsWith(bytes, 'GIF87a') || startsWith(bytes, 'GIF89a'), endOfGif]
	];
	const match = known.find(([, isMatch]) => isMatch);
	if (!match) return null;
	const [format, , endOf] = match;
	try {
		return endOf(bytes) === bytes.length ? format : null;
	} catch {
		// Reading past the end: the file is cut short.
		return null;
	}
}

/** Chunks of length, type, data and checksum up to IEND (PNG, section 5.3). */
function endOfPng(bytes: Buffer): number {
	for (let at = 8; ; ) {
		const next = at + 12 + bytes.readUInt32BE(at);
		if (startsWith(bytes, 'IEND', at + 4)) return next;
		at = next;
	}
}

/** RIFF's own length; chunks are padded to even lengths. */
const endOfWebp = (bytes: Buffer): number => 8 + bytes.readUInt32LE(4);

/** Segments up to EOI; within a scan 0xff is followed by 0x00 or a restart marker (ITU T.81, annex B). */
function endOfJpeg(bytes: Buffer): number {
	for (let at = 2; ; ) {
		if (bytes.readUInt8(at) !== 0xff) at++;
		else {
			const marker = bytes.readUInt8(at + 1);
			if (marker === 0xd9) return at + 2;
			const isInScan = marker === 0 || marker === 0xff || (marker >= 0xd0 && marker <= 0xd7);
			at += isInScan ? (marker === 0xff ? 1 : 2) : 2 + bytes.readUInt16BE(at + 2);
		}
	}
}

/** Blocks up to the trailer (GIF89a, appendix A). */
function endOfGif(bytes: Buffer): number {
	const tableSize = (flags: number) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
	let at = 13 + tableSize(bytes.readUInt8(10));
	for (;;) {
		const block = bytes.readUInt8(at);
		if (block === 0x3b) return at + 1;
		if (block === 0x21) at += 2;
		else if (block === 0x2c) at += 11 + tableSize(bytes.readUInt8(at + 9));
		else return -1;
		while (bytes.readUInt8(at) !== 0) at += 1 + bytes.readUInt8(at);
		at++;
	}
}
