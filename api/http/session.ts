import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';
import { createMiddleware } from 'hono/factory';
import { type Adapter, Lucia, TimeSpan } from 'lucia';
import * as account from '../domain/account/session.ts';
import type { AgentCtx } from '../domain/context.ts';
import { DomainError } from '../domain/errors.ts';
import { clientAddress } from './client-address.ts';
import type { AppDeps, HttpDeps } from './deps.ts';
import { createSessionCache } from './session-cache.ts';

declare module 'lucia' {
	interface Register {
		Lucia: ReturnType<typeof createLucia>;
		DatabaseSessionAttributes: { userAgent: string; address: string };
		DatabaseUserAttributes: Record<never, never>;
	}
}

export type AgentActor = AgentCtx['actor'];
export type SignedIn = { Variables: { actor: AgentActor } };

/** The sessions of one app: the cookie, the rows behind it, and a minute's memory of both. */
export interface Sessions {
	readonly cookieName: string;
	/** Starts a session for the person and sets its cookie; a session the request came with ends. */
	start(c: Context, userId: string): Promise<void>;
	/**
	 * Gives the browser a new session in place of its own, with its devices: after the person has proved again who
	 * they are, a copy of the cookie from before opens nothing. Last before the answer, which carries the new one.
	 */
	replace(c: Context<SignedIn>): Promise<void>;
	/** Who sends the request; renews session and cookie past half of their life. */
	actorOf(c: Context): Promise<AgentActor | null>;
	/** Takes the cookie back after the session's row is gone, and tells every process. */
	forget(c: Context, digest: Buffer): void;
	/** Tells every process that a session's row is gone. */
	revoke(digest: Buffer): void;
	close(): void;
}

const LIFE = new TimeSpan(30, 'd');
// What lucia makes: 25 random bytes in base32. Anything else is no question to the database.
const ID = /^[a-z2-7]{40}$/;

const digestOf = (id: string) => createHash('sha256').update(id).digest();

/** `Secure` and `__Host-` exactly where browsers take them: on https and on localhost. */
export function cookieRule(publicOrigin: string): { name: string; secure: boolean } {
	const { protocol, hostname } = new URL(publicOrigin);
	const secure = protocol === 'https:' || hostname === 'localhost';
	return { name: secure ? '__Host-session' : 'session', secure };
}

/** Lucia reads the wall clock; `toWall` and `fromWall` move its times to the app's clock and back. */
function adapter({ db, now }: Pick<AppDeps, 'db' | 'now'>): Adapter {
	const toWall = (at: number) => new Date(at - now() + Date.now());
	const fromWall = (date: Date) => date.getTime() - Date.now() + now();
	return {
		setSession: ({ id, userId, expiresAt, attributes }) =>
			account.startSession(db, {
				digest: digestOf(id),
				userId,
				...attributes,
				expiresAt: fromWall(expiresAt),
				at: now()
			}),
		async getSessionAndUser(id) {
			const row = await account.findSession(db, digestOf(id), now());
			if (!row) return [null, null];
			const { userId, expiresAt } = row;
			return [
				{ id, userId, expiresAt: toWall(expiresAt), attributes: { userAgent: '', address: '' } },
				{ id: userId, attributes: {} }
			];
		},
		updateSessionExpiration: (id, expiresAt) =>
			account.extendSession(db, digestOf(id), fromWall(expiresAt)),
		deleteSession: (id) => account.endSession(db, digestOf(id)),
		// The ids of stored sessions are not known, only their digests.
		getUserSessions: () => Promise.reject(new Error('not supported')),
		deleteUserSessions: () => Promise.reject(new Error('not supported')),
		deleteExpiredSessions: () => account.endExpiredSessions(db, now())
	};
}

function createLucia(deps: Pick<AppDeps, 'db' | 'now'>, cookie: { name: string; secure: boolean }) {
	return new Lucia(adapter(deps), {
		sessionExpiresIn: LIFE,
		sessionCookie: {
			name: cookie.name,
			attributes: { secure: cookie.secure, sameSite: 'lax', path: '/' }
		}
	});
}

/** Opens the session store of one app; `close` ends its listening. */
export function createSessions(
	deps: Pick<AppDeps, 'db' | 'now' | 'config' | 'realtime'>
): Sessions {
	const addressOf = clientAddress(deps.config.trustedProxies);
	const cookie = cookieRule(deps.config.publicOrigin);
	const lucia = createLucia(deps, cookie);
	const cache = createSessionCache({
		now: deps.now,
		stillValid: (digests) => account.validSessions(deps.db, digests, deps.now())
	});
	const stopListening = deps.realtime.on('revoked', cache.drop);
	const setCookie = (c: Context, value: { serialize(): string }) =>
		c.header('Set-Cookie', value.serialize(), { append: true });
	const idOf = (c: Context) => getCookie(c, cookie.name) ?? '';
	const revoke = (digest: Buffer) => {
		cache.drop(digest.toString('hex'));
		deps.realtime.publish('revoked', digest.toString('hex'));
	};

	const create = (c: Context, userId: string) => {
		const userAgent = (c.req.header('User-Agent') ?? '').slice(0, 300);
		return lucia.createSession(userId, { userAgent, address: addressOf(c) });
	};

	return {
		cookieName: cookie.name,
		async start(c, userId) {
			const previous = idOf(c);
			if (ID.test(previous)) {
				await lucia.invalidateSession(previous);
				revoke(digestOf(previous));
			}
			// Nobody asks for these any more; a sign-in is seldom enough to clear them away.
			await lucia.deleteExpiredSessions();
			const session = await create(c, userId);
			setCookie(c, lucia.createSessionCookie(session.id));
		},
		async replace(c) {
			const { userId, sessionDigest } = c.get('actor');
			const session = await create(c, userId);
			await account.replaceSession(deps.db, { from: sessionDigest, to: digestOf(session.id) });
			revoke(sessionDigest);
			setCookie(c, lucia.createSessionCookie(session.id));
		},
		async actorOf(c) {
			const id = idOf(c);
			const known = await cache.find(id);
			if (known) return known;
			if (!ID.test(id)) return null;
			const since = cache.revocations;
			const { session } = await lucia.validateSession(id);
			if (!session) return null;
			if (session.fresh) setCookie(c, lucia.createSessionCookie(id));
			const { userId } = session;
			const actor: AgentActor = { kind: 'agent', userId, sessionDigest: digestOf(id) };
			const lifeLeftMs = session.expiresAt.getTime() - Date.now();
			const renewsAt = deps.now() + lifeLeftMs - LIFE.milliseconds() / 2;
			cache.keep(id, { actor, renewsAt }, since);
			return actor;
		},
		forget(c, digest) {
			revoke(digest);
			setCookie(c, lucia.createBlankSessionCookie());
		},
		revoke,
		close: stopListening
	};
}

/** Lets only signed-in requests through; the agent is `c.get('actor')`. */
export const signedIn = (deps: Pick<HttpDeps, 'sessions'>) =>
	createMiddleware<SignedIn>(async (c, next) => {
		const actor = await deps.sessions.actorOf(c);
		if (!actor)
			throw new DomainError('unauthenticated', 'You are not signed in.', { remedy: 'Sign in.' });
		c.set('actor', actor);
		await next();
	});
