import type { CustomRole } from '#contract/members.ts';
import { membersOfRole } from '../../store/member.ts';
import { findRole, saveRole } from '../../store/role.ts';
import { record } from '../audit/record.ts';
import type { AgentCtx } from '../context.ts';
import { releaseChats } from '../member/release-chats.ts';
import { requireMember, requirePermission } from '../team/access.ts';

/** Makes a role, or changes it for everybody who has it. Nobody gives what they have not got. */
export function saveCustomRole(
	ctx: AgentCtx,
	{ teamId, ...input }: CustomRole & { teamId: string }
): Promise<CustomRole> {
	return ctx.db.team(teamId, async (tx) => {
		const access = await requireMember(tx, ctx.actor.userId);
		requirePermission(access, 'team.manage');
		const permissions = [...new Set(input.permissions)].sort();
		const before = await findRole(tx, input.id);
		for (const permission of [...permissions, ...(before?.permissions ?? [])])
			requirePermission(access, permission);
		const role = { ...input, name: input.name.toWellFormed(), permissions };
		await saveRole(tx, role);
		const joined = { ...ctx, tx };
		await record(joined, {
			action: before ? 'role.changed' : 'role.created',
			subject: role,
			details: { permissions }
		});
		for (const id of await membersOfRole(tx, role.id)) {
			await releaseChats(joined, id);
			// Its owner: what the member may see is another thing from now on.
			tx.changed({ entity: 'member', id, ownerId: id });
		}
		return role;
	});
}
