import { lockConversation, openConversationIdsOf } from '../../store/conversation.ts';
import { countOwners, deleteMember, type MemberRow } from '../../store/member.ts';
import type { InTeam } from '../context.ts';
import { eventBy, write } from '../conversation/write.ts';
import { DomainError } from '../errors.ts';

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

/** Takes a person out of the transaction's team. The chats they had open go back to everybody. */
export async function dropMember(ctx: InTeam, member: MemberRow): Promise<void> {
	const { tx } = ctx;
	const { userId } = member;
	await requireOtherOwner(ctx, member);
	for (const id of await openConversationIdsOf(tx, userId)) {
		const conversation = await lockConversation(tx, id);
		if (conversation?.assigneeId !== userId) continue;
		const event = eventBy(ctx, 'unassigned', { fromId: userId });
		await write(ctx, conversation, { head: { assigneeId: null }, messages: [event] });
	}
	await deleteMember(tx, userId);
}
