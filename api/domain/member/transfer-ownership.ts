import { updateMember } from '../../store/member.ts';
import { record } from '../audit/record.ts';
import type { AgentCtx } from '../context.ts';
import { DomainError } from '../errors.ts';
import { requireMember, requireOwner } from '../team/access.ts';
import { colleagueName } from '../team/name.ts';
import { requireColleague } from './require.ts';

/** Makes a member the owner instead of the one who asks, who stays as an admin. */
export function transferOwnership(
	ctx: AgentCtx,
	{ teamId, userId }: { teamId: string; userId: string }
): Promise<void> {
	return ctx.db.team(teamId, async (tx) => {
		const joined = { ...ctx, tx };
		requireOwner(await requireMember(tx, ctx.actor.userId));
		if (userId === ctx.actor.userId)
			throw new DomainError('conflict', 'You are an owner already.', {
				field: 'userId',
				remedy: 'Choose somebody else.'
			});
		const heir = await requireColleague(joined, userId);
		const all = { roleId: null, botIds: null };
		await updateMember(tx, userId, { role: 'owner', ...all });
		await updateMember(tx, ctx.actor.userId, { role: 'admin', ...all });
		const subject = { id: userId, name: colleagueName(heir) };
		await record(joined, { action: 'owner.transferred', subject });
	});
}
