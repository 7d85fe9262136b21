import type { Context } from 'hono';
import * as z from 'zod/mini';
import { problemOf } from '#contract/errors.ts';
import { LIMITS } from '#contract/limits.ts';
import { DomainError } from '../domain/errors.ts';

const invalid = (field: string, reason: string, remedy: string) =>
	new DomainError('invalid', `${field} ${reason}.`, { field, remedy });

function tooLarge() {
	return new DomainError('too_large', `The body is larger than ${LIMITS.bodyBytes} bytes.`, {
		field: 'body',
		remedy: 'Send less at once.'
	});
}

/** Reads at most LIMITS.bodyBytes; what comes after is never taken into memory. */
async function readBody(request: Request): Promise<string> {
	if (Number(request.headers.get('Content-Length')) > LIMITS.bodyBytes) throw tooLarge();
	// PostgreSQL's text is UTF-8, so anything else is refused here rather than altered.
	const decoder = new TextDecoder('utf-8', { fatal: true });
	let size = 0;
	let text = '';
	try {
		for await (const chunk of request.body ?? []) {
			size += chunk.byteLength;
			if (size > LIMITS.bodyBytes) throw tooLarge();
			text += decoder.decode(chunk, { stream: true });
		}
		return text + decoder.decode();
	} catch (error) {
		if (error instanceof DomainError) throw error;
		throw invalid('body', 'is cut short or is not UTF-8', 'Send it again as UTF-8.');
	}
}

/** U+0000, which JSON can carry and PostgreSQL's text cannot. */
const hasNul = (value: unknown): boolean =>
	typeof value === 'string'
		? value.includes('\0')
		: typeof value === 'object' && value !== null && Object.values(value).some(hasNul);

function parse<S extends z.ZodMiniType>(
	schema: S,
	value: unknown,
	whole: 'body' | 'query'
): z.output<S> {
	const result = z.safeParse(schema, value, { reportInput: true });
	if (!result.success) {
		const { field, reason, remedy } = problemOf(result.error);
		throw invalid(field || whole, reason, remedy);
	}
	if (hasNul(value)) throw invalid(whole, 'contains the character U+0000', 'Remove it.');
	return result.data;
}

/**
 * The JSON body, parsed. Throws `invalid` or `too_large`, with field, reason and remedy.
 * `type` is the one content type taken: `text/plain` for beacons, which can send no other.
 */
export async function parseJson<S extends z.ZodMiniType>(
	c: Context,
	schema: S,
	type: 'application/json' | 'text/plain' = 'application/json'
): Promise<z.output<S>> {
	const sent = c.req.header('Content-Type')?.split(';')[0]?.trim().toLowerCase();
	if (sent !== type) throw invalid('Content-Type', `must be ${type}`, `Send ${type}.`);
	const text = await readBody(c.req.raw);
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		throw invalid('body', 'is not valid JSON', 'Correct the JSON.');
	}
	return parse(schema, value, 'body');
}

/** The query, parsed. Each name may be given once. */
export function parseQuery<S extends z.ZodMiniType>(c: Context, schema: S): z.output<S> {
	const query: Record<string, string> = {};
	for (const [name, values] of Object.entries(c.req.queries())) {
		if (values.length > 1) throw invalid(name, 'is given more than once', 'Send it once.');
		query[name] = values[0] ?? '';
	}
	return parse(schema, query, 'query');
}
