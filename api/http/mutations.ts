import { Hono } from 'hono';
import { MutationsRequest } from '#contract/mutations.ts';
import { push } from '../domain/sync/push.ts';
import { ctxOf, type HttpDeps } from './deps.ts';
import { errorBody } from './errors.ts';
import { parseJson } from './parse.ts';
import { requireProtocol } from './protocol.ts';
import { requireSamePerson } from './same-person.ts';
import { signedIn } from './session.ts';

/** Mounted at /api/mutations. */
export const mutationRoutes = (deps: HttpDeps): Hono =>
	new Hono().post('/', signedIn(deps), async (c) => {
		const { protocol, userId, ...input } = await parseJson(c, MutationsRequest);
		requireProtocol(protocol);
		requireSamePerson(c.get('actor'), userId);
		const results = await push(ctxOf(c, deps), { ...input, describe: errorBody });
		return c.json({ results });
	});
