import { type Context, Hono } from 'hono';
import { embeddingOrigins } from '../domain/bot/embedding-origins.ts';
import { DomainError } from '../domain/errors.ts';
import { ctxOfNobody, type HttpDeps } from './deps.ts';
import { type File, sendFile } from './site.ts';

/** The two lines on a website stay for years, so the loader behind them must be able to change soon. */
const LOADER_CACHE = 'public, max-age=300, stale-while-revalidate=86400';

/**
 * What may run in the frame: its own files. No style attribute and no inline script is needed;
 * colours are set through the style object, which a policy does not govern.
 */
const policy = (ancestors: readonly string[]): string =>
	[
		"default-src 'none'",
		"script-src 'self'",
		"style-src 'self'",
		"img-src 'self' data:",
		"connect-src 'self'",
		"base-uri 'none'",
		"form-action 'none'",
		`frame-ancestors ${ancestors.join(' ')}`
	].join('; ');

const nothing = (c: Context) => c.text('There is nothing here.', 404);

/** The widget's loader and its frame. Neither reads a cookie. */
export function frameRoutes(deps: HttpDeps): Hono {
	const { publicOrigin, demoOrigin } = deps.config;
	const file = (name: string): File | undefined => deps.site?.files.get(`/widget/${name}`);
	const app = new Hono();
	app.get('/widget.js', (c) => {
		const loader = file('widget.js');
		if (!loader) return nothing(c);
		// A host page may demand CORS of its scripts, or isolate itself.
		c.header('Access-Control-Allow-Origin', '*');
		c.header('Cross-Origin-Resource-Policy', 'cross-origin');
		return sendFile(c, loader, LOADER_CACHE);
	});
	// Without a bot there is no list of allowed websites, so the bare template is never served.
	app.get('/widget/frame.html', nothing);
	app.get('/frame/:botId', async (c) => {
		const frame = file('frame.html');
		const origins = await embeddingOrigins(ctxOfNobody(deps), c.req.param('botId')).catch(missing);
		if (!frame || !origins) return nothing(c);
		const own = demoOrigin ? [publicOrigin, demoOrigin] : [publicOrigin];
		c.header('Content-Security-Policy', policy([...own, ...origins]));
		c.header('Referrer-Policy', 'no-referrer');
		// Never answered by 304: the policy is as much the answer as the page is.
		c.header('Cache-Control', 'no-cache');
		return c.body(frame.bodies.get('identity') ?? '', 200, { 'Content-Type': frame.type });
	});
	return app;
}

function missing(error: unknown): null {
	if (error instanceof DomainError && error.kind === 'not_found') return null;
	throw error;
}
