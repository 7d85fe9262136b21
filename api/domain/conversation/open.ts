import type { Conversation, Permission } from '#contract/entities.ts';
import { lockConversation } from '../../store/conversation.ts';
import type { AgentCtx, InTeam } from '../context.ts';
import { DomainError } from '../errors.ts';
import { canSeeBot, requireMember, requirePermission } from '../team/access.ts';

export const noConversation = () =>
	new DomainError('not_found', 'There is no such chat, or it is not yours to see.', {
		remedy: 'Choose another chat.'
	});

/**
 * The conversation, held until the transaction ends, for a member with the permission and access to
 * its bot. Others are not told that it exists.
 */
export async function openConversation(
	ctx: InTeam<AgentCtx>,
	id: string,
	permission: Permission = 'chat.handle'
): Promise<Conversation> {
	const access = await requireMember(ctx.tx, ctx.actor.userId);
	requirePermission(access, permission);
	const conversation = await lockConversation(ctx.tx, id);
	if (!conversation || !canSeeBot(access, conversation.botId)) throw noConversation();
	return conversation;
}
