import type { Context } from 'hono';
import type { Actor, Ctx } from '../domain/context.ts';
import type { Deltas } from '../domain/sync/deltas.ts';
import type { PresenceService } from '../presence/service.ts';
import type { PushService } from '../push/service.ts';
import type { Realtime } from '../realtime/realtime.ts';
import type { RateLimits } from './rate-limit.ts';
import type { Sessions } from './session.ts';
import type { Site } from './site.ts';

/** The part of the configuration that answers requests; api/config.ts reads it from the environment. */
export interface AppConfig {
	/** Scheme, host and port as browsers see them: `https://chat.example.com`. */
	publicOrigin: string;
	/** Addresses and CIDR ranges whose `X-Forwarded-For` is believed. */
	trustedProxies: readonly string[];
	isSignUpOpen: boolean;
	isDemo: boolean;
	/** Origin of the demo website, which may show any bot's widget; absent outside the demo. */
	demoOrigin?: string | undefined;
	/** Absent: mails stay in the database. */
	smtpUrl?: string | undefined;
	/** Origin that serves the widget's frame, where it has a host of its own. */
	widgetOrigin?: string | undefined;
}

/** What `createApp` is given. Clock and ids are arguments, so tests can choose them. */
export interface AppDeps extends Omit<Ctx, 'actor' | 'presence'> {
	config: AppConfig;
	presence: PresenceService;
	realtime: Realtime;
	push: PushService;
	/** Absent where only the API is served, as in development. */
	site?: Site | undefined;
}

/** What every `...Routes(deps)` is given: the app's dependencies and what all its routes share. */
export interface HttpDeps extends AppDeps {
	sessions: Sessions;
	rateLimits: RateLimits;
	/** Read once for all streams that stand at the same place. */
	deltas: Deltas;
}

/** The context a domain verb asks for, with the actor that a middleware such as `signedIn` has set. */
export function ctxOf<A extends Actor>(
	c: Context<{ Variables: { actor: A } }>,
	deps: HttpDeps
): Ctx<A> {
	const { db, now, newId, log, enqueue, presence, rateLimits } = deps;
	const address = rateLimits.addressOf(c);
	return { db, now, newId, log, enqueue, presence, address, actor: c.get('actor') };
}

/** The same for a request that nobody has to sign in for; `c` where what it does is logged. */
export function ctxOfNobody(deps: HttpDeps, c?: Context): Ctx<{ kind: 'nobody' }> {
	const { db, now, newId, log, enqueue, presence, rateLimits } = deps;
	const address = c ? rateLimits.addressOf(c) : '';
	return { db, now, newId, log, enqueue, presence, address, actor: { kind: 'nobody' } };
}
