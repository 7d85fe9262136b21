import { Hono } from 'hono';
import * as contract from '#contract/notifications.ts';
import { readEventLog } from '../domain/notification/event-log.ts';
import { changeTeamSettings, readTeamSettings } from '../domain/notification/team-settings.ts';
import { type } from '../domain/notification/type.ts';
import { why } from '../domain/notification/why.ts';
import { readBoard } from '../push/board.ts';
import { dryRun } from '../push/dry-run.ts';
import { ctxOf, type HttpDeps } from './deps.ts';
import { parseJson, parseQuery } from './parse.ts';
import { limited, type Rule } from './rate-limit.ts';
import { signedIn } from './session.ts';

const TYPE: Rule = { name: 'typing', burst: 20, everyMs: 1_000 };
const TEST: Rule = { name: 'board-test', burst: 3, everyMs: 20_000 };

/** Mounted at /api/notifications: what a team's members and admins can read and set about being rung. */
export function notificationRoutes(deps: HttpDeps): Hono {
	const { push } = deps;
	const isMailServerSet = deps.config.smtpUrl !== undefined;
	const person = signedIn(deps);
	return new Hono()
		.get('/team', person, async (c) => {
			const { team: teamId } = parseQuery(c, contract.NotificationTeamQuery);
			const settings = await readTeamSettings(ctxOf(c, deps), push.webhooks, { teamId });
			return c.json({ ...settings, isMailServerSet });
		})
		.put('/team', person, async (c) => {
			const input = await parseJson(c, contract.TeamSettingsRequest);
			const settings = await changeTeamSettings(ctxOf(c, deps), push.webhooks, input);
			return c.json({ ...settings, isMailServerSet });
		})
		.get('/dry-run', person, async (c) => {
			const { team: teamId, bot: botId, at, presence } = parseQuery(c, contract.DryRunQuery);
			const when = at === undefined ? undefined : Number(at);
			const { webhooks } = push;
			const about = { teamId, botId, at: when, presence, isMailServerSet, webhooks };
			return c.json(await dryRun(ctxOf(c, deps), about));
		})
		.get('/board', person, async (c) => {
			const { team: teamId } = parseQuery(c, contract.NotificationTeamQuery);
			return c.json(await readBoard(ctxOf(c, deps), { teamId }));
		})
		.post('/board/test', person, limited(deps, TEST), async (c) => {
			const input = await parseJson(c, contract.BoardTestRequest);
			return c.json(await push.testBoard(ctxOf(c, deps), input));
		})
		.get('/why', person, async (c) => {
			const query = parseQuery(c, contract.WhyQuery);
			const { team: teamId, conversation = null, event = null, user = null } = query;
			const about = { teamId, conversationId: conversation, eventId: event, userId: user };
			return c.json({ rows: await why(ctxOf(c, deps), about) });
		})
		.get('/log', person, async (c) => {
			const { team: teamId, before, questions } = parseQuery(c, contract.EventLogQuery);
			const until = before === undefined ? deps.now() + 1 : Number(before);
			const about = { teamId, before: until, hasQuestions: questions !== undefined };
			return c.json(await readEventLog(ctxOf(c, deps), about));
		})
		.post('/typing', person, limited(deps, TYPE), async (c) => {
			await type(ctxOf(c, deps), await parseJson(c, contract.TypingRequest));
			return c.json({});
		});
}
