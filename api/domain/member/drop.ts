import { countOwners, deleteMember, type MemberRow } from '../../store/member.ts';
import type { InTeam } from '../context.ts';
import { DomainError } from '../errors.ts';
import { releaseChats } from './release-chats.ts';

/** A team without an owner could never get one again. Holds the team's owners until the transaction ends. */
export async function requireOtherOwner(
	{ tx }: InTeam,
	{ role, userId }: Pick<MemberRow, 'role' | 'userId'>
): Promise<void> {
	if (role !== 'owner' || (await countOwners(tx, { without: userId })) > 0) return;
	throw new DomainError('conflict', 'The team would be left without an owner.', {
		remedy: 'Make somebody else an owner first.'
	});
}

/** Takes a person out of the transaction's team. */
export async function dropMember(ctx: InTeam, member: MemberRow): Promise<void> {
	await requireOtherOwner(ctx, member);
	await deleteMember(ctx.tx, member.userId);
	await releaseChats(ctx, member.userId);
}
