import { Hono } from 'hono';
import { SyncQuery } from '#contract/sync.ts';
import { pull } from '../domain/sync/pull.ts';
import { ctxOf, type HttpDeps } from './deps.ts';
import { parseQuery } from './parse.ts';
import { requireProtocol } from './protocol.ts';
import { signedIn } from './session.ts';

/** Mounted at /api/sync. */
export const syncRoutes = (deps: HttpDeps): Hono =>
	new Hono().get('/', signedIn(deps), async (c) => {
		const { team, cursor, protocol } = parseQuery(c, SyncQuery);
		if (protocol !== undefined) requireProtocol(Number(protocol));
		return c.json(await pull(ctxOf(c, deps), { teamId: team, cursor }));
	});
