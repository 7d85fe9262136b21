import type { Conversation } from '#contract/entities.ts';
import type { AgentCtx, InTeam } from '../context.ts';
import { openConversation } from './open.ts';
import { eventBy, write } from './write.ts';

/** The agent closes the conversation; whose it was stays known. */
export async function resolve(
	ctx: InTeam<AgentCtx>,
	{ conversationId }: { conversationId: string }
): Promise<Conversation> {
	const conversation = await openConversation(ctx, conversationId);
	if (conversation.state === 'resolved') return conversation;
	const messages = [eventBy(ctx, 'resolved')];
	return write(ctx, conversation, { head: { state: 'resolved' }, messages });
}
