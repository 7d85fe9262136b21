import { type Grant, updateMember } from '../../store/member.ts';
import { record } from '../audit/record.ts';
import type { AgentCtx } from '../context.ts';
import { colleagueName } from '../team/name.ts';
import { requireOtherOwner } from './drop.ts';
import { requireAbove, requireGrantable } from './grant.ts';
import { releaseChats } from './release-chats.ts';
import { requireColleague, requireManager } from './require.ts';

/** Changes what a member may do and see. */
export function updateGrant(
	ctx: AgentCtx,
	{ teamId, userId, ...grant }: Grant & { teamId: string; userId: string }
): Promise<void> {
	return ctx.db.team(teamId, async (tx) => {
		const joined = { ...ctx, tx };
		const manager = await requireManager(joined);
		const member = await requireColleague(joined, userId);
		requireAbove(manager, member);
		await requireGrantable(tx, manager, grant);
		if (grant.role !== 'owner') await requireOtherOwner(joined, member);
		await updateMember(tx, userId, grant);
		await releaseChats(joined, userId);
		await record(joined, {
			action: 'member.changed',
			subject: { id: userId, name: colleagueName(member) },
			details: { ...grant, from: member.role }
		});
	});
}
