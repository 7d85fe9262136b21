import { hash } from 'node:crypto';

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;

/**
 * HMAC-SHA-256 (RFC 2104) of a key that is no longer than a block. By way of one-shot hashes it takes a fifth of
 * what createHmac and hkdfSync take, who make objects for each call; an event that rings a thousand devices needs
 * thousands.
 */
export function hmac(key: Buffer, text: Buffer): Buffer {
	const inner = Buffer.alloc(BLOCK_BYTES + text.length, 0x36);
	const outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES, 0x5c);
	for (const [i, byte] of key.entries()) {
		inner[i] = byte ^ 0x36;
		outer[i] = byte ^ 0x5c;
	}
	text.copy(inner, BLOCK_BYTES);
	hash('sha256', inner, 'buffer').copy(outer, BLOCK_BYTES);
	return hash('sha256', outer, 'buffer');
}
