import type { TeamTx } from '../../store/db.ts';
import { membersOfTeam } from '../../store/member.ts';
import type { PresenceReader } from '../context.ts';
import { permissionsOf } from '../team/access.ts';

/** Who of those that answer visitors is there. `checking` counts: the server cannot vouch for anything then. */
export async function agentsThere(tx: TeamTx, presence: PresenceReader): Promise<string[]> {
	const answers = await presence.ofTeam(tx);
	const members = await membersOfTeam(tx);
	return members
		.filter(({ role, customPermissions }) =>
			permissionsOf(role, customPermissions).has('chat.handle')
		)
		.filter(({ userId }) => (answers.get(userId)?.status ?? 'offline') !== 'offline')
		.map(({ userId }) => userId);
}
