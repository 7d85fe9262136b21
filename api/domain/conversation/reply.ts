import type { Conversation } from '#contract/entities.ts';
import { hasTextOfOthersAfter } from '../../store/message.ts';
import type { AgentCtx, InTeam } from '../context.ts';
import { takeUp } from './claim.ts';
import { openConversation } from './open.ts';
import { isWritten, textBy, write } from './write.ts';

/** Somebody else wrote since the writer last looked: nothing was done. */
export class NeedsReview extends Error {}

/**
 * The agent answers, and with that takes a conversation that nobody has. `seenSeq`: the newest
 * number the writer had seen, where that is long enough ago to ask; throws NeedsReview.
 */
export async function reply(
	ctx: InTeam<AgentCtx>,
	input: { conversationId: string; messageId: string; body: string; seenSeq?: number }
): Promise<Conversation> {
	const { conversationId, messageId, seenSeq } = input;
	const { userId } = ctx.actor;
	const conversation = await openConversation(ctx, conversationId);
	if (await isWritten(ctx, { id: messageId, conversationId })) return conversation;
	if (
		seenSeq !== undefined &&
		(await hasTextOfOthersAfter(ctx.tx, { conversationId, seq: seenSeq, userId }))
	)
		throw new NeedsReview();
	const { head, messages } = takeUp(ctx, conversation);
	const isFirstAnswer = conversation.escalatedAt !== null && conversation.answeredAt === null;
	return write(ctx, conversation, {
		head: { ...head, ...(isFirstAnswer && { answeredAt: ctx.now() }) },
		messages: [...messages, textBy(ctx, { id: messageId, body: input.body })]
	});
}
