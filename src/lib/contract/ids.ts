import * as z from 'zod/mini';

/** An id made by whoever creates the thing: a UUIDv7, lower case. */
export const Id = z
	.string()
	.check(
		z.regex(
			/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
			'must be a UUIDv7 in lower case'
		)
	);
export type Id = string;

/** Number of a message within its conversation, as a client sends it; 0 is before the first. */
export const Seq = z.int().check(z.nonnegative(), z.maximum(2 ** 31 - 1));

/** Milliseconds since 1970, by a server's clock. */
export const Timestamp = z.int().check(z.nonnegative());
export type Timestamp = number;

/**
 * Makes a UUIDv7 (RFC 9562, section 5.7): 48 bits of milliseconds, then random bits.
 * Uses getRandomValues alone, which also exists where the page is no secure context.
 */
export function newId(now: number = Date.now()): Id {
	const bytes = crypto.getRandomValues(new Uint8Array(16));
	for (let i = 0; i < 6; i++) bytes[i] = Math.floor(now / 2 ** (40 - 8 * i)) % 256;
	bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
	bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
	const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
	return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
