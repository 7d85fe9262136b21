import type { Conversation } from '#contract/entities.ts';
import type { AgentCtx, InTeam } from '../context.ts';
import { openConversation } from './open.ts';
import { eventBy, write } from './write.ts';

/** The agent opens a resolved conversation again; any other stays as it is. */
export async function reopen(
	ctx: InTeam<AgentCtx>,
	{ conversationId }: { conversationId: string }
): Promise<Conversation> {
	const conversation = await openConversation(ctx, conversationId);
	if (conversation.state !== 'resolved') return conversation;
	const messages = [eventBy(ctx, 'reopened')];
	return write(ctx, conversation, { head: { state: 'unresolved' }, messages });
}
