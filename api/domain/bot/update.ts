import type { BotSettings } from '#contract/bots.ts';
import { updateBot } from '../../store/bot.ts';
import { record } from '../audit/record.ts';
import type { AgentCtx } from '../context.ts';
import { requireManagedBot, wellFormed } from './manage.ts';

/** Changes a bot's settings; open widgets have them at their next session. */
export function saveBot(
	ctx: AgentCtx,
	{ teamId, ...input }: Omit<BotSettings, 'avatar'> & { teamId: string }
): Promise<BotSettings> {
	return ctx.db.team(teamId, async (tx) => {
		const before = await requireManagedBot({ ...ctx, tx }, input.id);
		const bot = wellFormed(input);
		await updateBot(tx, bot);
		const isOther = ([name, value]: [string, unknown]) =>
			JSON.stringify(value) !== JSON.stringify(before[name as keyof BotSettings]);
		const details = Object.fromEntries(Object.entries(bot).filter(isOther));
		await record({ ...ctx, tx }, { action: 'bot.changed', subject: bot, details });
		return { ...bot, avatar: before.avatar };
	});
}
