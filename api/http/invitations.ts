import { Hono } from 'hono';
import { InvitationRequest, InviteRequest, JoinRequest } from '#contract/members.ts';
import { TokenRequest } from '#contract/profile.ts';
import { me } from '../domain/account/me.ts';
import { accept, join } from '../domain/invitation/accept.ts';
import { decline } from '../domain/invitation/decline.ts';
import { invite } from '../domain/invitation/invite.ts';
import { cancel, resend } from '../domain/invitation/manage.ts';
import { show } from '../domain/invitation/show.ts';
import { ctxOf, ctxOfNobody, type HttpDeps } from './deps.ts';
import { parseJson } from './parse.ts';
import { limited, type Rule } from './rate-limit.ts';
import { signedIn } from './session.ts';

/** Each sends a mail to somebody who did not ask for it. */
const INVITE: Rule = { name: 'invite', burst: 30, everyMs: 30_000 };
const LINK: Rule = { name: 'invitation link', burst: 20, everyMs: 5_000 };

/** Mounted at /api/invitations. Whoever has the link needs no session to see, join or decline. */
export function invitationRoutes(deps: HttpDeps): Hono {
	const { config, sessions } = deps;
	const person = signedIn(deps);
	const [inviting, opening] = [limited(deps, INVITE), limited(deps, LINK)];
	return new Hono()
		.post('/', person, inviting, async (c) => {
			const input = await parseJson(c, InviteRequest);
			return c.json(await invite(ctxOf(c, deps), input, config));
		})
		.post('/resend', person, inviting, async (c) => {
			const input = await parseJson(c, InvitationRequest);
			return c.json(await resend(ctxOf(c, deps), input, config));
		})
		.delete('/', person, async (c) => {
			await cancel(ctxOf(c, deps), await parseJson(c, InvitationRequest));
			return c.json({});
		})
		.post('/show', opening, async (c) =>
			c.json(await show(ctxOfNobody(deps, c), await parseJson(c, TokenRequest)))
		)
		.post('/accept', person, opening, async (c) => {
			await accept(ctxOf(c, deps), await parseJson(c, TokenRequest));
			return c.json(await me(deps, c.get('actor').userId));
		})
		.post('/join', opening, async (c) => {
			const input = await parseJson(c, JoinRequest);
			const { userId } = await join(ctxOfNobody(deps, c), input);
			await sessions.start(c, userId);
			return c.json(await me(deps, userId));
		})
		.post('/decline', opening, async (c) => {
			await decline(ctxOfNobody(deps, c), await parseJson(c, TokenRequest));
			return c.json({});
		});
}
