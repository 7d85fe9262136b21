import { randomUUID } from 'node:crypto';
import type { ErrorHandler, NotFoundHandler } from 'hono';
import { createMiddleware } from 'hono/factory';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { ErrorBody, ErrorCode } from '#contract/errors.ts';
import type { Log } from '../domain/context.ts';
import { DomainError, type DomainErrorKind } from '../domain/errors.ts';

/** The one table from a kind of failure to what goes over the wire. */
const ANSWERS: Record<DomainErrorKind, { status: ContentfulStatusCode; code: ErrorCode }> = {
	invalid: { status: 400, code: 'invalid' },
	unauthenticated: { status: 401, code: 'unauthenticated' },
	forbidden: { status: 403, code: 'forbidden' },
	not_found: { status: 404, code: 'not_found' },
	conflict: { status: 409, code: 'conflict' },
	gone: { status: 410, code: 'gone' },
	rate_limited: { status: 429, code: 'rate_limited' },
	too_large: { status: 413, code: 'too_large' },
	unavailable: { status: 503, code: 'unavailable' }
};

export type RequestId = { Variables: { requestId: string } };

/** Gives each request an id of ours, also sent as `X-Request-Id`; a client's own is never taken over. */
export const requestId = createMiddleware<RequestId>((c, next) => {
	const id = randomUUID();
	c.set('requestId', id);
	c.header('X-Request-Id', id);
	return next();
});

/** The body a failure is told with; also stored as the result of a refused mutation. */
export function errorBody(error: DomainError): ErrorBody['error'] {
	return { code: ANSWERS[error.kind].code, message: error.message, ...error.detail };
}

/** Answers a DomainError by the table; of anything else the client sees only the id of the log line. */
export const onError =
	(log: Log): ErrorHandler<RequestId> =>
	(error, c) => {
		const id = c.get('requestId');
		if (error instanceof DomainError) {
			const { retryAfterMs } = error.detail;
			if (retryAfterMs !== undefined)
				c.header('Retry-After', String(Math.max(1, Math.ceil(retryAfterMs / 1000))));
			const body: ErrorBody = { error: errorBody(error) };
			return c.json(body, ANSWERS[error.kind].status);
		}
		// The path without its query, the error without the database's `detail`: nothing a person typed.
		const { method, path } = c.req;
		const stack = error.stack ?? String(error);
		log.error({ requestId: id, method, path, stack }, 'request failed');
		const body: ErrorBody = {
			error: {
				code: 'internal',
				message: 'Bellhop could not do this.',
				remedy: 'Try again; if it stays, tell the person who runs this server the request id.',
				requestId: id
			}
		};
		return c.json(body, 500);
	};

/** 404 as JSON for the API, as plain text for everything else. */
export const notFound: NotFoundHandler = (c) => {
	if (!c.req.path.startsWith('/api/')) return c.text('There is nothing here.', 404);
	return c.json(
		{
			error: errorBody(new DomainError('not_found', 'There is no such address.'))
		} satisfies ErrorBody,
		404
	);
};
