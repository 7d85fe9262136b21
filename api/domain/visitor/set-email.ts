import { conversationOfVisitor } from '../../store/conversation.ts';
import { setVisitorEmail } from '../../store/visitor.ts';
import type { InTeam, VisitorCtx } from '../context.ts';

/** The visitor leaves an address for the answer. Nobody has verified it. */
export async function setEmail(
	{ tx, actor }: InTeam<VisitorCtx>,
	{ email }: { email: string }
): Promise<void> {
	await setVisitorEmail(tx, actor.visitorId, email);
	const conversation = await conversationOfVisitor(tx, actor.visitorId);
	if (conversation)
		tx.changed({ entity: 'conversation', id: conversation.id, botId: conversation.botId });
}
