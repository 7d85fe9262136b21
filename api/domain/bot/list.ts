import type { BotSettings } from '#contract/bots.ts';
import { botsOfTeam } from '../../store/bot.ts';
import type { AgentCtx } from '../context.ts';
import { canSeeBot } from '../team/access.ts';
import { requireBotManager } from './manage.ts';

/** The bots that the person may change, with all their settings. */
export function listBots(ctx: AgentCtx, { teamId }: { teamId: string }): Promise<BotSettings[]> {
	return ctx.db.team(teamId, async (tx) => {
		const access = await requireBotManager({ ...ctx, tx });
		return (await botsOfTeam(tx)).filter(({ id }) => canSeeBot(access, id));
	});
}
