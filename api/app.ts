import { Hono } from 'hono';
import { createDeltas } from './domain/sync/deltas.ts';
import { auditRoutes } from './http/audit.ts';
import { authRoutes, meRoutes } from './http/auth.ts';
import { avatarRoutes } from './http/avatars.ts';
import { botRoutes } from './http/bots.ts';
import { csrf } from './http/csrf.ts';
import type { AppDeps, HttpDeps } from './http/deps.ts';
import { notFound, onError, type RequestId, requestId } from './http/errors.ts';
import { frameRoutes } from './http/frame.ts';
import { securityHeaders } from './http/headers.ts';
import { healthRoutes } from './http/health.ts';
import { invitationRoutes } from './http/invitations.ts';
import { mailRoutes } from './http/mails.ts';
import { memberRoutes } from './http/members.ts';
import { mutationRoutes } from './http/mutations.ts';
import { notificationRoutes } from './http/notifications.ts';
import { passkeyRoutes } from './http/passkeys.ts';
import { presenceRoutes } from './http/presence.ts';
import { profileRoutes } from './http/profile.ts';
import { pushRoutes } from './http/push.ts';
import { createRateLimits } from './http/rate-limit.ts';
import { createSessions } from './http/session.ts';
import { siteRoutes } from './http/site.ts';
import { streamRoutes } from './http/stream.ts';
import { syncRoutes } from './http/sync.ts';
import { teamRoutes } from './http/teams.ts';
import { widgetRoutes } from './http/widget.ts';

export type { AppConfig, AppDeps } from './http/deps.ts';

/** The whole HTTP side over what it is given. Does no I/O until a request comes. */
export function createApp(given: AppDeps): Hono<RequestId> {
	const { now, config } = given;
	const deps: HttpDeps = {
		...given,
		sessions: createSessions(given),
		rateLimits: createRateLimits({ now, trustedProxies: config.trustedProxies }),
		deltas: createDeltas(given)
	};
	const app = new Hono<RequestId>();
	app.onError(onError(deps.log));
	app.notFound(notFound);
	app.use(requestId, securityHeaders, csrf(deps));
	app.route('/api/health', healthRoutes(deps));
	app.route('/api/auth', authRoutes(deps));
	app.route('/api/me', meRoutes(deps));
	app.route('/api/profile', profileRoutes(deps));
	app.route('/api/passkeys', passkeyRoutes(deps));
	app.route('/api/avatars', avatarRoutes(deps));
	app.route('/api/presence', presenceRoutes(deps));
	app.route('/api/sync', syncRoutes(deps));
	app.route('/api/stream', streamRoutes(deps));
	app.route('/api/mutations', mutationRoutes(deps));
	app.route('/api/teams', teamRoutes(deps));
	app.route('/api/members', memberRoutes(deps));
	app.route('/api/invitations', invitationRoutes(deps));
	app.route('/api/bots', botRoutes(deps));
	app.route('/api/audit', auditRoutes(deps));
	app.route('/api/mails', mailRoutes(deps));
	app.route('/api/widget', widgetRoutes(deps));
	app.route('/', frameRoutes(deps));
	app.route('/api/push', pushRoutes(deps));
	app.route('/api/notifications', notificationRoutes(deps));
	if (deps.site) app.route('/', siteRoutes(deps.site));
	return app;
}
