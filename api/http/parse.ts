import type { Context } from 'hono';
import * as z from 'zod/mini';
import { problemOf } from '#contract/errors.ts';
import { LIMITS } from '#contract/limits.ts';
import { DomainError } from '../domain/errors.ts';

const invalid = (field: string, reason: string, remedy: string) =>
	new DomainError('invalid', `${field} ${reason}.`, { field, remedy });

function tooLarge(field: string, max: number) {
	return new DomainError('too_large', `The ${field} is larger than ${max} bytes.`, {
		field,
		remedy: 'Send less at once.'
	});
}

/** The body, of at most `max` bytes; what comes after is never taken into memory. */
async function readBytes(
	request: Request,
	{ field, max }: { field: string; max: number }
): Promise<Uint8Array> {
	const length = request.headers.get('Content-Length');
	if (Number(length) > max) throw tooLarge(field, max);
	try {
		// HTTP gives no more than was announced, so this is bounded, and much faster than a stream.
		if (length !== null) return new Uint8Array(await request.arrayBuffer());
		const chunks: Uint8Array[] = [];
		let size = 0;
		for await (const chunk of request.body ?? []) {
			size += chunk.byteLength;
			if (size > max) throw tooLarge(field, max);
			chunks.push(chunk);
		}
		return Buffer.concat(chunks);
	} catch (error) {
		if (error instanceof DomainError) throw error;
		throw invalid(field, 'is cut short', 'Send it again.');
	}
}

// PostgreSQL's text is UTF-8, so anything else is refused here rather than altered.
const UTF8 = new TextDecoder('utf-8', { fatal: true });

async function readText(request: Request): Promise<string> {
	const bytes = await readBytes(request, { field: 'body', max: LIMITS.bodyBytes });
	try {
		return UTF8.decode(bytes);
	} catch {
		throw invalid('body', 'is not UTF-8', 'Send it again as UTF-8.');
	}
}

/** An uploaded file: the body itself, of whatever type it says. Throws `too_large` past `max` bytes. */
export async function parseBytes(
	c: Context,
	limit: { field: string; max: number }
): Promise<Buffer> {
	return Buffer.from(await readBytes(c.req.raw, limit));
}

/** U+0000, which JSON can carry and PostgreSQL's text cannot. */
const hasNul = (value: unknown): boolean =>
	typeof value === 'string'
		? value.includes('\0')
		: typeof value === 'object' && value !== null && Object.values(value).some(hasNul);

const nul = (whole: 'body' | 'query') =>
	invalid(whole, 'contains the character U+0000', 'Remove it.');

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
	const text = await readText(c.req.raw);
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		throw invalid('body', 'is not valid JSON', 'Correct the JSON.');
	}
	const parsed = parse(schema, value, 'body');
	// JSON can only spell it so; to look through the text first costs next to nothing.
	if (text.includes('\\u0000') && hasNul(value)) throw nul('body');
	return parsed;
}

/** The query, parsed. Each name may be given once. */
export function parseQuery<S extends z.ZodMiniType>(c: Context, schema: S): z.output<S> {
	const query: Record<string, string> = {};
	for (const [name, values] of Object.entries(c.req.queries())) {
		if (values.length > 1) throw invalid(name, 'is given more than once', 'Send it once.');
		query[name] = values[0] ?? '';
	}
	const parsed = parse(schema, query, 'query');
	if (hasNul(query)) throw nul('query');
	return parsed;
}
