import { Hono } from 'hono';
import { Cursor, StreamQuery } from '#contract/sync.ts';
import { agentStream } from '../realtime/agent-stream.ts';
import { ctxOf, type HttpDeps } from './deps.ts';
import { parseQuery } from './parse.ts';
import { limited, type Rule } from './rate-limit.ts';
import { requireSamePerson } from './same-person.ts';
import { signedIn } from './session.ts';

const STREAM: Rule = { name: 'stream', burst: 60, everyMs: 1_000 };

/** Mounted at /api/stream. A browser that connects again by itself says where it stopped. */
export const streamRoutes = (deps: HttpDeps): Hono =>
	new Hono().get('/', signedIn(deps), limited(deps, STREAM), (c) => {
		const query = parseQuery(c, StreamQuery);
		requireSamePerson(c.get('actor'), query.user);
		const last = Cursor.safeParse(c.req.header('Last-Event-ID'));
		const cursor = last.success ? last.data : query.cursor;
		return agentStream(c, deps, ctxOf(c, deps), { teamId: query.team, cursor });
	});
