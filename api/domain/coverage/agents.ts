import type { TeamTx } from '../../store/db.ts';
import { type MemberRow, membersOfTeam } from '../../store/member.ts';
import type { PresenceAnswer, PresenceReader } from '../context.ts';
import { permissionsOf } from '../team/access.ts';

/** One who answers visitors, and whether that person is there. */
export interface Agent {
	member: MemberRow;
	/** Undefined where nobody has ever heard of one. */
	presence: PresenceAnswer | undefined;
}

/** Everybody in the team who answers visitors. */
export async function agentsOf(tx: TeamTx, presence: PresenceReader): Promise<Agent[]> {
	const answers = await presence.ofTeam(tx);
	const members = await membersOfTeam(tx);
	return members
		.filter(({ role, customPermissions }) =>
			permissionsOf(role, customPermissions).has('chat.handle')
		)
		.map((member) => ({ member, presence: answers.get(member.userId) }));
}

/** `checking` counts: the server cannot vouch for anything then. */
export const isThere = ({ presence }: Agent): boolean =>
	(presence?.status ?? 'offline') !== 'offline';
