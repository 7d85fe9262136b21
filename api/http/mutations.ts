import { Hono } from 'hono';
import { MutationsRequest } from '#contract/mutations.ts';
import { DomainError } from '../domain/errors.ts';
import { push } from '../domain/sync/push.ts';
import { ctxOf, type HttpDeps } from './deps.ts';
import { errorBody } from './errors.ts';
import { parseJson } from './parse.ts';
import { requireProtocol } from './protocol.ts';
import { signedIn } from './session.ts';

/** Mounted at /api/mutations. */
export const mutationRoutes = (deps: HttpDeps): Hono =>
	new Hono().post('/', signedIn(deps), async (c) => {
		const { protocol, userId, ...input } = await parseJson(c, MutationsRequest);
		requireProtocol(protocol);
		if (userId !== c.get('actor').userId) throw somebodyElse();
		const results = await push(ctxOf(c, deps), { ...input, describe: errorBody });
		return c.json({ results });
	});

/** The cookie is the browser's: a page of who was here before may still want to send. */
const somebodyElse = () =>
	new DomainError('unauthenticated', 'Somebody else is signed in in this browser.', {
		remedy: 'Sign in again.'
	});
