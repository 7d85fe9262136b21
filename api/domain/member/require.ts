import { findMember, type MemberRow } from '../../store/member.ts';
import type { AgentCtx, InTeam } from '../context.ts';
import { DomainError } from '../errors.ts';
import { type MemberAccess, requireMember, requirePermission } from '../team/access.ts';

/** What the person who asks may do, where they may change members. */
export async function requireManager({ tx, actor }: InTeam<AgentCtx>): Promise<MemberAccess> {
	const access = await requireMember(tx, actor.userId);
	requirePermission(access, 'member.manage');
	return access;
}

/** A member that somebody else asks about. */
export async function requireColleague(
	{ tx }: InTeam<AgentCtx>,
	userId: string
): Promise<MemberRow> {
	const member = await findMember(tx, userId);
	if (member) return member;
	throw new DomainError('not_found', 'There is no such member.', {
		field: 'userId',
		remedy: 'They may have left: load the list again.'
	});
}
