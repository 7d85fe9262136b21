import * as reads from '../../store/read.ts';
import type { AgentCtx, InTeam } from '../context.ts';
import { openConversation } from './open.ts';

/** The person has read up to number `seq`. The mark is theirs alone and only moves forward. */
export async function markRead(
	ctx: InTeam<AgentCtx>,
	{ conversationId, seq }: { conversationId: string; seq: number }
): Promise<void> {
	const { botId } = await openConversation(ctx, conversationId, 'chat.view');
	const { userId } = ctx.actor;
	const isMoved = await reads.markRead(ctx.tx, { conversationId, userId, seq });
	if (isMoved) ctx.tx.changed({ entity: 'read', id: conversationId, ownerId: userId, botId });
}
