import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { ErrorBody, problemOf } from '#contract/errors.ts';
import { DomainError, type DomainErrorKind } from '../../api/domain/errors.ts';
import { notFound, onError, type RequestId, requestId } from '../../api/http/errors.ts';

/** The answer to a request in which `error` is thrown, and what was logged. */
async function answerTo(error: Error) {
	const logged: Record<string, unknown>[] = [];
	const log = (fields: Record<string, unknown>) => void logged.push(fields);
	const app = new Hono<RequestId>()
		.onError(onError({ info: log, warn: log, error: log }))
		.notFound(notFound)
		.use(requestId)
		.get('/api/thing', () => {
			throw error;
		});
	const response = await app.request('/api/thing?email=ann@example.com');
	return { response, body: ErrorBody.parse(await response.json()).error, logged };
}

describe('a failure that the caller may know', () => {
	test.each<[DomainErrorKind, number]>([
		['invalid', 400],
		['unauthenticated', 401],
		['forbidden', 403],
		['not_found', 404],
		['conflict', 409],
		['gone', 410],
		['too_large', 413],
		['rate_limited', 429],
		['unavailable', 503]
	])('%s answers %i under its own code', async (kind, status) => {
		const { response, body, logged } = await answerTo(new DomainError(kind, 'So it is.'));
		expect(response.status).toBe(status);
		expect(body).toEqual({ code: kind, message: 'So it is.' });
		expect(logged).toEqual([]);
	});

	test('tells field, remedy, details and when to come back', async () => {
		const detail = { field: 'a.b', remedy: 'Wait.', retryAfterMs: 1200, details: { by: 'Ann' } };
		const { response, body } = await answerTo(new DomainError('rate_limited', 'Slow.', detail));
		expect(body).toEqual({ code: 'rate_limited', message: 'Slow.', ...detail });
		expect(response.headers.get('Retry-After')).toBe('2');
	});
});

describe('an unknown failure', () => {
	test('shows only the id under which the log has it', async () => {
		const failure = new Error('relation "users" does not exist');
		const { response, body, logged } = await answerTo(failure);
		expect(response.status).toBe(500);
		expect(body.code).toBe('internal');
		expect(JSON.stringify(body)).not.toContain('users');
		expect(body.requestId).toBe(response.headers.get('X-Request-Id'));
		expect(logged).toMatchObject([{ requestId: body.requestId, stack: /relation "users"/ }]);
	});

	test('logs nothing that the person typed', async () => {
		const failure = Object.assign(new Error('duplicate key'), {
			detail: '(email)=(ann@example.com)'
		});
		const { logged } = await answerTo(failure);
		expect(JSON.stringify(logged)).not.toContain('ann@example.com');
	});
});

describe('the problem of an input', () => {
	const Shape = z.strictObject({
		name: z.string().check(z.minLength(2), z.maxLength(5)),
		tags: z.optional(z.array(z.string()).check(z.maxLength(2)))
	});
	test.each([
		[{ name: 'Anna', x: 1 }, 'x', 'is not a known field'],
		[{}, 'name', 'is missing'],
		[{ name: 7 }, 'name', 'must be a string'],
		[{ name: 'a' }, 'name', 'is shorter or smaller than 2'],
		[{ name: 'abcdef' }, 'name', 'is longer or larger than 5'],
		[{ name: 'Anna', tags: ['a', 2] }, 'tags.1', 'must be a string'],
		[{ name: 'Anna', tags: ['a', 'b', 'c'] }, 'tags', 'is longer or larger than 2']
	])('%j is named by field, reason and remedy', (input, field, reason) => {
		const { error } = z.safeParse(Shape, input, { reportInput: true });
		expect(error && problemOf(error)).toEqual({
			field,
			reason,
			remedy: expect.stringMatching(/^[A-Z].*\.$/)
		});
	});
});
