import type { Context } from 'hono';
import { Hono } from 'hono';
import {
	ForgotRequest,
	ResetRequest,
	SignInRequest,
	SignOutRequest,
	SignUpRequest
} from '#contract/auth.ts';
import { forgotPassword } from '../domain/account/forgot-password.ts';
import { me } from '../domain/account/me.ts';
import { resetPassword } from '../domain/account/reset-password.ts';
import { signIn } from '../domain/account/sign-in.ts';
import { signOut } from '../domain/account/sign-out.ts';
import { signUp } from '../domain/account/sign-up.ts';
import { ctxOf, ctxOfNobody, type HttpDeps } from './deps.ts';
import { forgetEnded } from './forget-ended.ts';
import { parseJson } from './parse.ts';
import { limited, type Rule } from './rate-limit.ts';
import { signedIn } from './session.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const SIGN_UP: Rule = { name: 'sign-up', burst: 10, everyMs: 6 * MINUTE };
const SIGN_IN: Rule = { name: 'sign-in', burst: 20, everyMs: 10 * SECOND };
/** One address guessing at one account. */
const GUESS: Rule = { name: 'guess', burst: 5, everyMs: MINUTE };
/** Everybody guessing at one account: wide enough that nobody can lock a person out with a few tries. */
const GUESSES: Rule = { name: 'guesses', burst: 50, everyMs: MINUTE };
/** Each sends a mail; of one account nobody can have many sent. */
const FORGOT: Rule = { name: 'forgot password', burst: 10, everyMs: MINUTE };
const FORGOTTEN: Rule = { name: 'forgotten account', burst: 3, everyMs: 10 * MINUTE };
const RESET: Rule = { name: 'reset password', burst: 10, everyMs: 10 * SECOND };

/** Mounted at /api/auth. */
export function authRoutes(deps: HttpDeps): Hono {
	const { sessions, rateLimits, config } = deps;
	const welcome = async (c: Context, userId: string) => {
		await sessions.start(c, userId);
		return c.json(await me(deps, userId));
	};
	return new Hono()
		.get('/options', (c) => c.json({ isSignUpOpen: config.isSignUpOpen, isDemo: config.isDemo }))
		.post('/sign-up', limited(deps, SIGN_UP), async (c) => {
			const input = await parseJson(c, SignUpRequest);
			const { userId } = await signUp(ctxOfNobody(deps, c), input, config);
			return welcome(c, userId);
		})
		.post('/sign-in', limited(deps, SIGN_IN), async (c) => {
			const input = await parseJson(c, SignInRequest);
			rateLimits.take(GUESS, `${rateLimits.addressOf(c)} ${input.email}`);
			rateLimits.take(GUESSES, input.email);
			const { userId } = await signIn(ctxOfNobody(deps), input);
			return welcome(c, userId);
		})
		.post('/forgot', limited(deps, FORGOT), async (c) => {
			const input = await parseJson(c, ForgotRequest);
			rateLimits.take(FORGOTTEN, input.email);
			await forgotPassword(ctxOfNobody(deps), input, config);
			return c.json({});
		})
		.post('/reset', limited(deps, RESET), async (c) => {
			const input = await parseJson(c, ResetRequest);
			const { userId, ...ended } = await resetPassword(ctxOfNobody(deps, c), input);
			await forgetEnded(deps, userId, ended);
			return c.json({});
		})
		.post('/sign-out', signedIn(deps), async (c) => {
			const input = await parseJson(c, SignOutRequest);
			const { userId, sessionDigest } = c.get('actor');
			const ctx = ctxOf(c, deps);
			const { deviceId, unlessLast } = input;
			if (unlessLast && deviceId) await deps.presence.refuseLastSignOut(ctx, deviceId);
			const devices = await signOut(ctx, input);
			sessions.forget(c, sessionDigest);
			// A browser that never asked for pushes may have no record, but it has proved presence.
			const forgotten = new Set(deviceId ? [...devices, deviceId] : devices);
			for (const id of forgotten) await deps.presence.forgetDevice(userId, id);
			return c.json({});
		});
}

/** Mounted at /api/me. */
export const meRoutes = (deps: HttpDeps): Hono =>
	new Hono().get('/', signedIn(deps), async (c) => c.json(await me(deps, c.get('actor').userId)));
