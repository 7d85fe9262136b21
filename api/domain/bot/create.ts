import type { BotSettings } from '#contract/bots.ts';
import { findBot, insertBot } from '../../store/bot.ts';
import { addMemberBot } from '../../store/member.ts';
import { teamOfBot } from '../../store/visitor.ts';
import { record } from '../audit/record.ts';
import type { AgentCtx } from '../context.ts';
import { DomainError } from '../errors.ts';
import { requireBotManager } from './manage.ts';
import { requireBot } from './require.ts';

/** Makes a bot that whoever made it may see. */
export async function createBot(
	ctx: AgentCtx,
	{ teamId, id, ...input }: { teamId: string; id: string; name: string }
): Promise<BotSettings> {
	const taken = await teamOfBot(ctx.db.person, id);
	return ctx.db.team(teamId, async (tx) => {
		await requireBotManager({ ...ctx, tx });
		if (taken !== undefined || (await findBot(tx, id)))
			throw new DomainError('conflict', 'This bot exists already.', {
				field: 'id',
				remedy: 'Send it under a new id.'
			});
		const name = input.name.toWellFormed();
		await insertBot(tx, { id, name, greeting: 'Hello! How can we help?' });
		await addMemberBot(tx, ctx.actor.userId, id);
		await record({ ...ctx, tx }, { action: 'bot.created', subject: { id, name } });
		return requireBot(tx, id);
	});
}
