import { Hono } from 'hono';
import { checkHealth } from '../domain/health/check.ts';
import type { HttpDeps } from './deps.ts';

/** GET /api/health: 200 while the database answers, else 503. */
export const healthRoutes = (deps: HttpDeps): Hono =>
	new Hono().get('/', async (c) => {
		await checkHealth(deps.db);
		return c.json({ status: 'ok' });
	});
