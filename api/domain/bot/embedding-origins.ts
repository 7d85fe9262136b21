import { Id } from '#contract/ids.ts';
import { findBot } from '../../store/bot.ts';
import { teamOfBot } from '../../store/visitor.ts';
import type { Ctx } from '../context.ts';
import { DomainError } from '../errors.ts';

/** Exactly scheme, host and port: nothing else may get into a policy. */
const isOrigin = (text: string): boolean => URL.canParse(text) && new URL(text).origin === text;

/**
 * The websites that a bot's team allows to show its widget, besides Bellhop's own pages. For anyone
 * to ask. Throws not_found.
 */
export async function embeddingOrigins(ctx: Ctx, botId: string): Promise<string[]> {
	const isId = Id.safeParse(botId).success;
	const teamId = isId ? await teamOfBot(ctx.db.person, botId) : undefined;
	const bot = teamId && (await ctx.db.team(teamId, (tx) => findBot(tx, botId)));
	if (!bot) throw new DomainError('not_found', 'There is no such bot.');
	return bot.allowedOrigins.filter(isOrigin);
}
