import { createMiddleware } from 'hono/factory';

/**
 * The headers of every answer; a route may set its own over them. They are set ahead of the answer: to touch
 * a finished one costs a copy of it, and its body then goes out as a stream.
 */
export const securityHeaders = createMiddleware((c, next) => {
	c.header('X-Content-Type-Options', 'nosniff');
	if (c.req.path.startsWith('/api/')) {
		// The others are read of documents alone, and every agent's beat would pay for them.
		c.header('Cache-Control', 'no-store');
		return next();
	}
	// Not `no-referrer`: under it beacons carry no Origin, which csrf needs on plain http.
	c.header('Referrer-Policy', 'same-origin');
	c.header('Permissions-Policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()');
	c.header('Cross-Origin-Opener-Policy', 'same-origin');
	return next();
});
