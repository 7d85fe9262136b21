import { Hono } from 'hono';
import {
	AddPasskeyRequest,
	PasskeyOptionsRequest,
	PasskeySignInRequest,
	RemovePasskeyRequest,
	RenamePasskeyRequest
} from '#contract/profile.ts';
import { addPasskey, newPasskeyOptions } from '../domain/account/add-passkey.ts';
import { me } from '../domain/account/me.ts';
import { listPasskeys, namePasskey, removePasskey } from '../domain/account/passkeys.ts';
import { passkeyQuestion, signInWithPasskey } from '../domain/account/sign-in-with-passkey.ts';
import { ctxOf, ctxOfNobody, type HttpDeps } from './deps.ts';
import { parseJson } from './parse.ts';
import { PASSWORD } from './profile.ts';
import { limited, type Rule } from './rate-limit.ts';
import { signedIn } from './session.ts';

const SIGN_IN: Rule = { name: 'passkey sign-in', burst: 40, everyMs: 5_000 };

/** Mounted at /api/passkeys. */
export function passkeyRoutes(deps: HttpDeps): Hono {
	const { config, sessions } = deps;
	const person = signedIn(deps);
	const [guarded, signingIn] = [limited(deps, PASSWORD), limited(deps, SIGN_IN)];
	return new Hono()
		.get('/', person, async (c) => c.json({ passkeys: await listPasskeys(ctxOf(c, deps)) }))
		.post('/options', person, guarded, async (c) => {
			const input = await parseJson(c, PasskeyOptionsRequest);
			return c.json(await newPasskeyOptions(ctxOf(c, deps), input, config));
		})
		.post('/', person, guarded, async (c) => {
			const input = await parseJson(c, AddPasskeyRequest);
			const key = await addPasskey(ctxOf(c, deps), input, config);
			await sessions.replace(c);
			return c.json(key);
		})
		.put('/', person, async (c) => {
			await namePasskey(ctxOf(c, deps), await parseJson(c, RenamePasskeyRequest));
			return c.json({});
		})
		.delete('/', person, guarded, async (c) => {
			await removePasskey(ctxOf(c, deps), await parseJson(c, RemovePasskeyRequest));
			await sessions.replace(c);
			return c.json({});
		})
		.post('/sign-in/options', signingIn, async (c) =>
			c.json(await passkeyQuestion(ctxOfNobody(deps, c), config))
		)
		.post('/sign-in', signingIn, async (c) => {
			const input = await parseJson(c, PasskeySignInRequest);
			const { userId } = await signInWithPasskey(ctxOfNobody(deps, c), input, config);
			await sessions.start(c, userId);
			return c.json(await me(deps, userId));
		});
}
