import { findConversation, markVisitorRead } from '../../store/conversation.ts';
import type { InTeam, VisitorCtx } from '../context.ts';
import { noConversation } from '../conversation/open.ts';

/** The visitor's open widget has shown the messages up to number `seq`. */
export async function markSeen(
	{ tx, actor }: InTeam<VisitorCtx>,
	{ conversationId: id, seq }: { conversationId: string; seq: number }
): Promise<void> {
	const conversation = await findConversation(tx, id);
	if (conversation?.visitor.id !== actor.visitorId) throw noConversation();
	const isMoved = await markVisitorRead(tx, id, seq);
	if (isMoved) tx.changed({ entity: 'conversation', id, botId: conversation.botId });
}
