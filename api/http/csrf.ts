import { getCookie } from 'hono/cookie';
import { createMiddleware } from 'hono/factory';
import { DomainError } from '../domain/errors.ts';
import type { HttpDeps } from './deps.ts';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses an unsafe request that carries the session cookie unless it comes from our own pages.
 * `Sec-Fetch-Site` decides where the browser sends it (it does to https and localhost only),
 * else `Origin`; a request with neither is refused.
 */
export const csrf = ({ config, sessions }: Pick<HttpDeps, 'config' | 'sessions'>) =>
	createMiddleware((c, next) => {
		if (SAFE.has(c.req.method)) return next();
		const site = c.req.header('Sec-Fetch-Site');
		const isOurs =
			site === undefined
				? c.req.header('Origin') === config.publicOrigin
				: site === 'same-origin' || site === 'none';
		// The cookie comes last, since most requests are ours and reading it costs more.
		if (!isOurs && getCookie(c, sessions.cookieName) !== undefined)
			throw new DomainError('forbidden', 'This request does not come from a page of Bellhop.', {
				remedy: `Open ${config.publicOrigin} and try again there.`
			});
		return next();
	});
