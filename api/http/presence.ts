import { Hono } from 'hono';
import { BeatRequest, IntentRequest, LeaveRequest, LedgerQuery } from '#contract/presence.ts';
import { ctxOf, type HttpDeps } from './deps.ts';
import { parseJson, parseQuery } from './parse.ts';
import { limited, type Rule } from './rate-limit.ts';
import { signedIn } from './session.ts';

/** A device beats every 25 s, and at once on every change of visibility. */
const BEAT: Rule = { name: 'beat', burst: 120, everyMs: 500 };
const INTENT: Rule = { name: 'intent', burst: 30, everyMs: 2_000 };

/** Mounted at /api/presence. */
export function presenceRoutes(deps: HttpDeps): Hono {
	const { presence } = deps;
	return new Hono()
		.post('/beat', signedIn(deps), limited(deps, BEAT), async (c) => {
			const request = await parseJson(c, BeatRequest);
			return c.json(await presence.beat(c.get('actor').userId, request));
		})
		.post('/leave', signedIn(deps), limited(deps, BEAT), async (c) => {
			presence.leave(c.get('actor').userId, await parseJson(c, LeaveRequest, 'text/plain'));
			return c.body(null, 204);
		})
		.put('/intent', signedIn(deps), limited(deps, INTENT), async (c) => {
			const input = await parseJson(c, IntentRequest);
			return c.json({ presence: await presence.setIntent(ctxOf(c, deps), input) });
		})
		.get('/ledger', signedIn(deps), async (c) => {
			const { team } = parseQuery(c, LedgerQuery);
			return c.json({ rows: await presence.ledger(ctxOf(c, deps), team) });
		});
}
