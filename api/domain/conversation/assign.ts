import type { Conversation } from '#contract/entities.ts';
import { findMembership } from '../../store/member.ts';
import type { AgentCtx, InTeam } from '../context.ts';
import { DomainError } from '../errors.ts';
import { permissionsOf } from '../team/access.ts';
import { taken, takeUp } from './claim.ts';
import { giveBack } from './give-back.ts';
import { openConversation } from './open.ts';
import { type Draft, eventBy, notify, write } from './write.ts';

/**
 * Gives the conversation to an agent, or with null back to everybody. `expectedId`: who had it when
 * the person chose; somebody else meanwhile is a conflict.
 */
export async function assign(
	ctx: InTeam<AgentCtx>,
	input: { conversationId: string; agentId: string | null; expectedId: string | null }
): Promise<Conversation> {
	const conversation = await openConversation(ctx, input.conversationId);
	const { agentId } = input;
	if (conversation.assigneeId === agentId) return conversation;
	if (conversation.assigneeId !== input.expectedId) throw await taken(ctx, conversation);
	const { userId } = ctx.actor;
	if (agentId === null) return giveBack(ctx, conversation, { byId: userId });
	await requireAgent(ctx, agentId, conversation.botId);
	const next = await write(ctx, conversation, handOver(ctx, conversation, agentId));
	if (agentId !== userId) {
		const about = { conversationId: next.id, messageId: null, targetIds: [agentId], byId: userId };
		await notify(ctx, { kind: 'assigned', ...about });
	}
	return next;
}

/** Only an agent who may see the bot's chats can be given one. */
async function requireAgent({ tx }: InTeam<AgentCtx>, agentId: string, botId: string) {
	const member = await findMembership(tx, agentId);
	const mayHandle =
		member && permissionsOf(member.role, member.customPermissions).has('chat.handle');
	if (mayHandle && (member.hasAllBots || member.botIds.includes(botId))) return;
	throw new DomainError('invalid', 'This person cannot answer chats of this bot.', {
		field: 'agentId',
		remedy: 'Choose an agent with access to the bot.'
	});
}

function handOver(ctx: AgentCtx, conversation: Conversation, agentId: string): Draft {
	const { assigneeId: fromId, state } = conversation;
	if (agentId === ctx.actor.userId && fromId === null) return takeUp(ctx, conversation);
	// Somebody is to answer now, so the bot is silent.
	const head = { assigneeId: agentId, ...(state === 'bot' && { state: 'pending' as const }) };
	const type = fromId === null ? 'assigned' : 'transferred';
	return { head, messages: [eventBy(ctx, type, { agentId, fromId })] };
}
