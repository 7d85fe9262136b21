import { Hono } from 'hono';
import { TeamQuery } from '#contract/members.ts';
import { listMails } from '../domain/mail/list.ts';
import { ctxOf, type HttpDeps } from './deps.ts';
import { parseQuery } from './parse.ts';
import { signedIn } from './session.ts';

/** Mounted at /api/mails. */
export const mailRoutes = (deps: HttpDeps): Hono =>
	new Hono().get('/', signedIn(deps), async (c) => {
		const { team } = parseQuery(c, TeamQuery);
		const mails = await listMails(ctxOf(c, deps), { teamId: team });
		return c.json({ isMailServerSet: deps.config.smtpUrl !== undefined, mails });
	});
