import { createMiddleware } from 'hono/factory';

/** The headers of every answer. What a route has set itself stays. */
export const securityHeaders = createMiddleware(async (c, next) => {
	await next();
	const set = (name: string, value: string) => {
		if (!c.res.headers.has(name)) c.res.headers.set(name, value);
	};
	set('X-Content-Type-Options', 'nosniff');
	// Not `no-referrer`: under it beacons carry no Origin, which csrf needs on plain http.
	set('Referrer-Policy', 'same-origin');
	set('Permissions-Policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()');
	set('Cross-Origin-Opener-Policy', 'same-origin');
	if (c.req.path.startsWith('/api/')) set('Cache-Control', 'no-store');
});
