import * as z from 'zod/mini';

/** The public error codes: one for each kind of thing that can go wrong, whatever the route. */
export const ErrorCode = z.enum([
	'invalid',
	'unauthenticated',
	'forbidden',
	'not_found',
	'conflict',
	'gone',
	'rate_limited',
	'too_large',
	'unavailable',
	'internal'
]);
export type ErrorCode = z.infer<typeof ErrorCode>;

/**
 * What every failed request answers. `message` says the reason, `remedy` what to do, `field` is the
 * dotted path of the offending input (`keys.p256dh`). `requestId` finds the line in the server's log.
 * `details` carries what a machine needs, such as the winner of a race.
 */
export const ErrorBody = z.object({
	error: z.object({
		code: ErrorCode,
		message: z.string(),
		remedy: z.optional(z.string()),
		field: z.optional(z.string()),
		requestId: z.optional(z.string()),
		retryAfterMs: z.optional(z.int()),
		details: z.optional(z.record(z.string(), z.unknown()))
	})
});
export type ErrorBody = z.infer<typeof ErrorBody>;

/** One readable problem of an input. */
export interface Problem {
	field: string;
	reason: string;
	remedy: string;
}

/** Turns a parse failure into the first problem a person can act on. */
export function problemOf(error: z.core.$ZodError): Problem {
	const issue = error.issues[0];
	if (!issue) return { field: '', reason: 'is not valid', remedy: 'Check the request.' };
	const path = issue.path.map(String).join('.');
	switch (issue.code) {
		case 'unrecognized_keys': {
			const key = issue.keys[0] ?? '';
			const field = path ? `${path}.${key}` : key;
			return { field, reason: 'is not a known field', remedy: 'Remove it.' };
		}
		case 'too_big':
			return {
				field: path,
				reason: `is longer or larger than ${issue.maximum}`,
				remedy: 'Shorten it.'
			};
		case 'too_small':
			return {
				field: path,
				reason: `is shorter or smaller than ${issue.minimum}`,
				remedy: 'Fill it in.'
			};
		case 'invalid_type':
			return {
				field: path,
				reason: issue.input === undefined ? 'is missing' : `must be a ${issue.expected}`,
				remedy: issue.input === undefined ? 'Add it.' : `Send a ${issue.expected}.`
			};
		default:
			return { field: path, reason: issue.message || 'is not valid', remedy: 'Correct it.' };
	}
}
