import { Hono } from 'hono';
import { SyncQuery } from '#contract/sync.ts';
import { pull } from '../domain/sync/pull.ts';
import { ctxOf, type HttpDeps } from './deps.ts';
import { parseQuery } from './parse.ts';
import { requireProtocol } from './protocol.ts';
import { requireSamePerson } from './same-person.ts';
import { signedIn } from './session.ts';

/** Mounted at /api/sync. */
export const syncRoutes = (deps: HttpDeps): Hono =>
	new Hono().get('/', signedIn(deps), async (c) => {
		const { team, user, cursor, protocol } = parseQuery(c, SyncQuery);
		if (protocol !== undefined) requireProtocol(Number(protocol));
		requireSamePerson(c.get('actor'), user);
		return c.json(await pull(ctxOf(c, deps), { teamId: team, cursor }));
	});
