import type { DeletedBot } from '#contract/bots.ts';
import { deleteAvatar } from '../../store/avatar.ts';
import { deleteBot } from '../../store/bot.ts';
import { record } from '../audit/record.ts';
import type { AgentCtx } from '../context.ts';
import { requirePermission } from '../team/access.ts';
import { requireBotManager, requireManagedBot } from './manage.ts';

/** Deletes a bot with its visitors and chats, on every device too, and says how many went. */
export function removeBot(
	ctx: AgentCtx,
	{ teamId, id }: { teamId: string; id: string }
): Promise<DeletedBot> {
	return ctx.db.team(teamId, async (tx) => {
		const joined = { ...ctx, tx };
		const bot = await requireManagedBot(joined, id);
		// It takes chats along, which a manager of bots alone may not delete.
		requirePermission(await requireBotManager(joined), 'chat.delete');
		const gone = await deleteBot(tx, id);
		if (bot.avatar !== null) await deleteAvatar(tx, bot.avatar);
		await record(joined, { action: 'bot.deleted', subject: bot, details: { ...gone } });
		return gone;
	});
}
