import type { EventLogRow } from '#contract/notifications.ts';
import { eventsBefore } from '../../store/notification-event.ts';
import type { AgentCtx } from '../context.ts';
import { requireMember, requirePermission } from '../team/access.ts';

const PAGE = 50;

/** What there was to tell in the chats that the person may see, the newest first. */
export function readEventLog(
	ctx: AgentCtx,
	{ teamId, ...about }: { teamId: string; before: number; hasQuestions: boolean }
): Promise<{ rows: EventLogRow[]; hasMore: boolean }> {
	return ctx.db.team(teamId, async (tx) => {
		const access = await requireMember(tx, ctx.actor.userId);
		requirePermission(access, 'chat.view');
		const botIds = access.botIds === 'all' ? null : access.botIds;
		const rows = await eventsBefore(tx, { ...about, limit: PAGE + 1, botIds });
		return { rows: rows.slice(0, PAGE), hasMore: rows.length > PAGE };
	});
}
