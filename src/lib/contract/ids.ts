import * as z from 'zod/mini';

export { newId } from './new-id.ts';

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
