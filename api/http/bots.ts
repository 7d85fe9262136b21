import { Hono } from 'hono';
import { BotRequest, CreateBotRequest, UpdateBotRequest } from '#contract/bots.ts';
import { TeamQuery } from '#contract/members.ts';
import { createBot } from '../domain/bot/create.ts';
import { removeBot } from '../domain/bot/delete.ts';
import { listBots } from '../domain/bot/list.ts';
import { saveBot } from '../domain/bot/update.ts';
import { ctxOf, type HttpDeps } from './deps.ts';
import { parseJson, parseQuery } from './parse.ts';
import { signedIn } from './session.ts';

/** Mounted at /api/bots. */
export function botRoutes(deps: HttpDeps): Hono {
	const person = signedIn(deps);
	return new Hono()
		.get('/', person, async (c) => {
			const { team } = parseQuery(c, TeamQuery);
			return c.json({ bots: await listBots(ctxOf(c, deps), { teamId: team }) });
		})
		.post('/', person, async (c) => {
			const input = await parseJson(c, CreateBotRequest);
			return c.json(await createBot(ctxOf(c, deps), input));
		})
		.put('/', person, async (c) => {
			const input = await parseJson(c, UpdateBotRequest);
			return c.json(await saveBot(ctxOf(c, deps), input));
		})
		.delete('/', person, async (c) => {
			const input = await parseJson(c, BotRequest);
			return c.json(await removeBot(ctxOf(c, deps), input));
		});
}
