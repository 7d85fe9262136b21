import type { TeamTx } from '../../store/db.ts';
import { type MemberRow, membersOfTeam } from '../../store/member.ts';
import { permissionsOf } from '../team/access.ts';

/** Who is told when a team cannot be reached: those who may change that. */
export async function adminsOf(tx: TeamTx): Promise<MemberRow[]> {
	const members = await membersOfTeam(tx);
	return members.filter(({ role, customPermissions }) =>
		permissionsOf(role, customPermissions).has('team.manage')
	);
}
