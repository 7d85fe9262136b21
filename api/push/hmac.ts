import { hash } from 'node:crypto';

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
/** The key's block, then the hash of what came before. */
const OUTER = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES);

/**
 * HMAC-SHA-256 (RFC 2104) of a key that is no longer than a block. By way of one-shot hashes it takes a fifth of
 * what createHmac and hkdfSync take, who make objects for each call, and a digest as text a third of what one takes as
 * a buffer, which is memory of its own; an event that rings a thousand devices needs thousands.
 */
export function hmac(key: Uint8Array, ...texts: readonly Uint8Array[]): Buffer {
	let length = BLOCK_BYTES;
	for (const text of texts) length += text.length;
	const inner = Buffer.allocUnsafe(length);
	inner.fill(0x36, 0, BLOCK_BYTES);
	OUTER.fill(0x5c, 0, BLOCK_BYTES);
	// Without an iterator, which would take longer than the hashes.
	for (let i = 0; i < key.length; i++) {
		const byte = key[i] as number;
		inner[i] = byte ^ 0x36;
		OUTER[i] = byte ^ 0x5c;
	}
	let at = BLOCK_BYTES;
	for (const text of texts) {
		inner.set(text, at);
		at += text.length;
	}
	OUTER.write(hash('sha256', inner, 'binary'), BLOCK_BYTES, 'binary');
	return Buffer.from(hash('sha256', OUTER, 'binary'), 'binary');
}
