import type { Conversation } from '#contract/entities.ts';
import { mentioned } from '#contract/mentioned.ts';
import { membersOfTeam } from '../../store/member.ts';
import type { AgentCtx, InTeam } from '../context.ts';
import { colleagueName } from '../team/name.ts';
import { openConversation } from './open.ts';
import { isWritten, notify, textBy, write } from './write.ts';

/** The agent writes for colleagues only; the conversation stays as it is. */
export async function note(
	ctx: InTeam<AgentCtx>,
	{ conversationId, messageId, body }: { conversationId: string; messageId: string; body: string }
): Promise<Conversation> {
	const conversation = await openConversation(ctx, conversationId);
	if (await isWritten(ctx, { id: messageId, conversationId })) return conversation;
	const messages = [textBy(ctx, { id: messageId, body, kind: 'note' })];
	const next = await write(ctx, conversation, { head: {}, messages });
	if (!body.includes('@')) return next;
	const { userId } = ctx.actor;
	const colleagues = (await membersOfTeam(ctx.tx)).map((member) => ({
		userId: member.userId,
		name: colleagueName(member)
	}));
	const targetIds = mentioned(body, colleagues).filter((id) => id !== userId);
	if (targetIds.length > 0)
		await notify(ctx, { kind: 'mention', conversationId, messageId, targetIds, byId: userId });
	return next;
}
