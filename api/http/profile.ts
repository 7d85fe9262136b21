import { Hono } from 'hono';
import { LIMITS } from '#contract/limits.ts';
import {
	DefaultTeamRequest,
	DeleteAccountRequest,
	EmailRequest,
	EndSessionsRequest,
	PasswordRequest,
	ProfileRequest,
	TokenRequest
} from '#contract/profile.ts';
import { cancelEmailChange, changeEmail } from '../domain/account/change-email.ts';
import { changePassword } from '../domain/account/change-password.ts';
import { confirmEmail } from '../domain/account/confirm-email.ts';
import { deleteAccount } from '../domain/account/delete-account.ts';
import { endSessions } from '../domain/account/end-sessions.ts';
import { listSessions } from '../domain/account/list-sessions.ts';
import { readProfile } from '../domain/account/profile.ts';
import { rename } from '../domain/account/rename.ts';
import { setAvatar } from '../domain/account/set-avatar.ts';
import { setDefaultTeam } from '../domain/account/set-default-team.ts';
import { ctxOf, ctxOfNobody, type HttpDeps } from './deps.ts';
import { forgetEnded } from './forget-ended.ts';
import { parseBytes, parseJson } from './parse.ts';
import { limited, type Rule } from './rate-limit.ts';
import { signedIn } from './session.ts';

/** Shared by all that ask for the password again: somebody may be guessing in a borrowed session. */
export const PASSWORD: Rule = { name: 'password', burst: 10, everyMs: 60_000 };
export const UPLOAD: Rule = { name: 'upload', burst: 10, everyMs: 10_000 };
const CHANGE: Rule = { name: 'profile', burst: 30, everyMs: 2_000 };
const LINK: Rule = { name: 'mailed link', burst: 20, everyMs: 10_000 };

/** Mounted at /api/profile. */
export function profileRoutes(deps: HttpDeps): Hono {
	const { config, sessions, presence } = deps;
	const person = signedIn(deps);
	const [guarded, changing] = [limited(deps, PASSWORD), limited(deps, CHANGE)];
	return new Hono()
		.get('/', person, async (c) => c.json(await readProfile(ctxOf(c, deps))))
		.put('/', person, changing, async (c) => {
			const input = await parseJson(c, ProfileRequest);
			return c.json(await rename(ctxOf(c, deps), input));
		})
		.delete('/', person, guarded, async (c) => {
			const input = await parseJson(c, DeleteAccountRequest);
			const ended = await deleteAccount(ctxOf(c, deps), input);
			await presence.forgetPerson(c.get('actor').userId);
			await forgetEnded(deps, c.get('actor').userId, ended);
			return c.json({});
		})
		.put('/password', person, guarded, async (c) => {
			const input = await parseJson(c, PasswordRequest);
			const ended = await changePassword(ctxOf(c, deps), input);
			await forgetEnded(deps, c.get('actor').userId, ended);
			await sessions.replace(c);
			return c.json({});
		})
		.put('/email', person, guarded, async (c) => {
			const input = await parseJson(c, EmailRequest);
			return c.json(await changeEmail(ctxOf(c, deps), input, config));
		})
		.delete('/email', person, async (c) => c.json(await cancelEmailChange(ctxOf(c, deps))))
		.post('/email/confirm', limited(deps, LINK), async (c) => {
			const input = await parseJson(c, TokenRequest);
			return c.json(await confirmEmail(ctxOfNobody(deps, c), input));
		})
		.put('/avatar', person, limited(deps, UPLOAD), async (c) => {
			const file = await parseBytes(c, { field: 'picture', max: LIMITS.avatarBytes });
			return c.json(await setAvatar(ctxOf(c, deps), file));
		})
		.delete('/avatar', person, changing, async (c) => c.json(await setAvatar(ctxOf(c, deps), null)))
		.put('/default-team', person, changing, async (c) => {
			const input = await parseJson(c, DefaultTeamRequest);
			return c.json(await setDefaultTeam(ctxOf(c, deps), input));
		})
		.get('/sessions', person, async (c) => c.json({ sessions: await listSessions(ctxOf(c, deps)) }))
		.delete('/sessions', person, async (c) => {
			const input = await parseJson(c, EndSessionsRequest);
			const ended = await endSessions(ctxOf(c, deps), input);
			await forgetEnded(deps, c.get('actor').userId, ended);
			return c.json({});
		});
}
