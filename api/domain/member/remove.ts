import { record } from '../audit/record.ts';
import type { AgentCtx } from '../context.ts';
import { colleagueName } from '../team/name.ts';
import { dropMember } from './drop.ts';
import { requireAbove } from './grant.ts';
import { requireColleague, requireManager } from './require.ts';

/** Takes somebody out of the team. What they had open goes back to everybody. */
export function remove(
	ctx: AgentCtx,
	{ teamId, userId }: { teamId: string; userId: string }
): Promise<void> {
	return ctx.db.team(teamId, async (tx) => {
		const joined = { ...ctx, tx };
		const manager = await requireManager(joined);
		const member = await requireColleague(joined, userId);
		requireAbove(manager, member);
		const subject = { id: userId, name: colleagueName(member) };
		await record(joined, { action: 'member.removed', subject });
		await dropMember(joined, member);
	});
}
