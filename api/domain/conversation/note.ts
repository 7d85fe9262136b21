import type { Conversation } from '#contract/entities.ts';
import type { AgentCtx, InTeam } from '../context.ts';
import { openConversation } from './open.ts';
import { isWritten, textBy, write } from './write.ts';

/** The agent writes for colleagues only; the conversation stays as it is. */
export async function note(
	ctx: InTeam<AgentCtx>,
	{ conversationId, messageId, body }: { conversationId: string; messageId: string; body: string }
): Promise<Conversation> {
	const conversation = await openConversation(ctx, conversationId);
	if (await isWritten(ctx, { id: messageId, conversationId })) return conversation;
	const messages = [textBy(ctx, { id: messageId, body, kind: 'note' })];
	return write(ctx, conversation, { head: {}, messages });
}
