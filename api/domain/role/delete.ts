import { deleteRole, findRole } from '../../store/role.ts';
import { record } from '../audit/record.ts';
import type { AgentCtx } from '../context.ts';
import { DomainError } from '../errors.ts';
import { requireMember, requirePermission } from '../team/access.ts';

/** Deletes a role that nobody has. */
export function deleteCustomRole(
	ctx: AgentCtx,
	{ teamId, id }: { teamId: string; id: string }
): Promise<void> {
	return ctx.db.team(teamId, async (tx) => {
		requirePermission(await requireMember(tx, ctx.actor.userId), 'team.manage');
		const role = await findRole(tx, id);
		if (!role) throw noRole();
		if (!(await deleteRole(tx, id)))
			throw new DomainError('conflict', `Members or invitations have the role ${role.name}.`, {
				remedy: 'Give them another role first.'
			});
		await record({ ...ctx, tx }, { action: 'role.deleted', subject: role });
	});
}

export const noRole = () =>
	new DomainError('not_found', 'There is no such role.', {
		field: 'roleId',
		remedy: 'Choose another one.'
	});
