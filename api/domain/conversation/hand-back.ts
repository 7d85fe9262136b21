import type { Conversation } from '#contract/entities.ts';
import type { AgentCtx, InTeam } from '../context.ts';
import { DomainError } from '../errors.ts';
import { openConversation } from './open.ts';
import { eventBy, write } from './write.ts';

/** The agent leaves the conversation to the bot again. */
export async function handBack(
	ctx: InTeam<AgentCtx>,
	{ conversationId }: { conversationId: string }
): Promise<Conversation> {
	const conversation = await openConversation(ctx, conversationId);
	if (conversation.state === 'bot') return conversation;
	if (conversation.state === 'resolved')
		throw new DomainError('conflict', 'This chat is resolved.', { remedy: 'Reopen it first.' });
	const messages = [eventBy(ctx, 'handed_back', { fromId: conversation.assigneeId })];
	return write(ctx, conversation, { head: { state: 'bot', assigneeId: null }, messages });
}
