import { Hono } from 'hono';
import { BotPictureQuery, BotRequest, CreateBotRequest, UpdateBotRequest } from '#contract/bots.ts';
import { LIMITS } from '#contract/limits.ts';
import { TeamQuery } from '#contract/members.ts';
import { createBot } from '../domain/bot/create.ts';
import { removeBot } from '../domain/bot/delete.ts';
import { listBots } from '../domain/bot/list.ts';
import { setBotAvatar } from '../domain/bot/set-avatar.ts';
import { saveBot } from '../domain/bot/update.ts';
import { ctxOf, type HttpDeps } from './deps.ts';
import { parseBytes, parseJson, parseQuery } from './parse.ts';
import { UPLOAD } from './profile.ts';
import { limited } from './rate-limit.ts';
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
		})
		.put('/avatar', person, limited(deps, UPLOAD), async (c) => {
			const { team: teamId, bot: id } = parseQuery(c, BotPictureQuery);
			const file = await parseBytes(c, { field: 'picture', max: LIMITS.avatarBytes });
			return c.json(await setBotAvatar(ctxOf(c, deps), { teamId, id, file }));
		})
		.delete('/avatar', person, async (c) => {
			const { teamId, id } = await parseJson(c, BotRequest);
			return c.json(await setBotAvatar(ctxOf(c, deps), { teamId, id, file: null }));
		});
}
