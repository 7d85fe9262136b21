import { type Context, Hono } from 'hono';
import { createMiddleware } from 'hono/factory';
import * as contract from '#contract/widget.ts';
import { availabilityOfBot } from '../domain/availability/read.ts';
import type { VisitorCtx } from '../domain/context.ts';
import { escalate } from '../domain/conversation/escalate.ts';
import { postVisitorMessage } from '../domain/conversation/post-visitor-message.ts';
import { DomainError } from '../domain/errors.ts';
import { requireVisitor } from '../domain/visitor/authenticate.ts';
import { inTeam } from '../domain/visitor/in-team.ts';
import { markSeen } from '../domain/visitor/mark-seen.ts';
import { openSession } from '../domain/visitor/open-session.ts';
import { readState } from '../domain/visitor/read-state.ts';
import { setEmail } from '../domain/visitor/set-email.ts';
import { visitorStream } from '../realtime/visitor-stream.ts';
import { ctxOf, ctxOfNobody, type HttpDeps } from './deps.ts';
import { parseJson, parseQuery } from './parse.ts';
import { limited, type Rule } from './rate-limit.ts';

const SESSION: Rule = { name: 'widget session', burst: 60, everyMs: 1_000 };
const AVAILABILITY: Rule = { name: 'availability', burst: 120, everyMs: 250 };
const READ: Rule = { name: 'visitor read', burst: 60, everyMs: 500 };
const WRITE: Rule = { name: 'visitor write', burst: 20, everyMs: 1_000 };

type Visiting = { Variables: { actor: VisitorCtx['actor'] } };

/** Lets only a visitor's token through; the visitor is `c.get('actor')`. Cookies are never read. */
const visiting = ({ db }: Pick<HttpDeps, 'db'>) =>
	createMiddleware<Visiting>(async (c, next) => {
		const [, token = ''] = /^Bearer (\S{1,300})$/.exec(c.req.header('Authorization') ?? '') ?? [];
		c.set('actor', await requireVisitor(db, token));
		await next();
	});

/** A session begins in our own frame: the website around it cannot ask in its place. */
function requireFrame(c: Context, { config }: Pick<HttpDeps, 'config'>): void {
	const origin = c.req.header('Origin');
	if (origin && (origin === config.publicOrigin || origin === config.widgetOrigin)) return;
	throw new DomainError('forbidden', 'This request does not come from the widget’s frame.', {
		remedy: 'Put the two lines of the widget on the website.'
	});
}

const afterOf = (c: Context) => ({
	after: Number(parseQuery(c, contract.WidgetStateQuery).after ?? 0)
});

/** Mounted at /api/widget. */
export function widgetRoutes(deps: HttpDeps): Hono {
	const { publicOrigin, demoOrigin } = deps.config;
	const ownOrigins = demoOrigin ? [publicOrigin, demoOrigin] : [publicOrigin];
	const [reading, writing] = [limited(deps, READ), limited(deps, WRITE)];
	const visitor = visiting(deps);
	return new Hono()
		.get('/availability', limited(deps, AVAILABILITY), async (c) => {
			const { bot } = parseQuery(c, contract.AvailabilityQuery);
			// Asked by the loader, from the website's own origin.
			c.header('Access-Control-Allow-Origin', '*');
			return c.json(await availabilityOfBot(ctxOfNobody(deps), { botId: bot }));
		})
		.post('/session', limited(deps, SESSION), async (c) => {
			requireFrame(c, deps);
			const input = await parseJson(c, contract.WidgetSessionRequest);
			const userAgent = c.req.header('User-Agent') ?? '';
			return c.json(await openSession(ctxOfNobody(deps), { ...input, ownOrigins, userAgent }));
		})
		.get('/state', visitor, reading, async (c) =>
			c.json(await readState(ctxOf(c, deps), afterOf(c)))
		)
		.get('/stream', visitor, reading, (c) => visitorStream(c, deps, ctxOf(c, deps), afterOf(c)))
		.post('/messages', visitor, writing, async (c) => {
			const input = await parseJson(c, contract.WidgetMessageRequest);
			await inTeam(ctxOf(c, deps), (ctx) => postVisitorMessage(ctx, input));
			return c.body(null, 204);
		})
		.post('/escalate', visitor, writing, async (c) => {
			const input = await parseJson(c, contract.WidgetEscalateRequest);
			await inTeam(ctxOf(c, deps), (ctx) => escalate(ctx, input));
			return c.body(null, 204);
		})
		.post('/read', visitor, reading, async (c) => {
			const input = await parseJson(c, contract.WidgetReadRequest);
			await inTeam(ctxOf(c, deps), (ctx) => markSeen(ctx, input));
			return c.body(null, 204);
		})
		.post('/email', visitor, writing, async (c) => {
			const input = await parseJson(c, contract.WidgetEmailRequest);
			await inTeam(ctxOf(c, deps), (ctx) => setEmail(ctx, input));
			return c.body(null, 204);
		});
}
