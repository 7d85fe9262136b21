import { Hono } from 'hono';
import { AVATAR_SIZES } from '#contract/avatar.ts';
import { readAvatar } from '../domain/account/read-avatar.ts';
import { ctxOfNobody, type HttpDeps } from './deps.ts';
import { notFound } from './errors.ts';

/** Mounted at /api/avatars. Visitors' widgets show them too, so there is no session. */
export const avatarRoutes = (deps: HttpDeps): Hono =>
	new Hono().get('/:hash{[0-9a-f]{32}}/:size{[0-9]{2,3}}', async (c) => {
		const { hash, size: asked } = c.req.param();
		const size = AVATAR_SIZES.find((known) => String(known) === asked);
		if (!size) return notFound(c);
		const bytes = await readAvatar(ctxOfNobody(deps), { hash, size });
		// Opened by itself it is a picture and nothing else.
		c.header('Content-Security-Policy', "default-src 'none'; sandbox");
		c.header('Cache-Control', 'public, max-age=31536000, immutable');
		c.header('Content-Type', 'image/webp');
		return c.body(new Uint8Array(bytes));
	});
