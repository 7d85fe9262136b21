import type { Conversation } from '#contract/entities.ts';
import { findMessage } from '../../store/message.ts';
import { requireBot } from '../bot/require.ts';
import type { Ctx, InTeam, VisitorCtx } from '../context.ts';
import { DomainError } from '../errors.ts';
import { startConversation } from './start.ts';
import { type Draft, eventBy, notify, write } from './write.ts';

/** How a conversation stands from the moment it needs a person. */
export const escalated = (
	ctx: Ctx,
	by: NonNullable<Conversation['escalation']>['by']
): Draft['head'] => ({
	state: 'pending',
	assigneeId: null,
	escalatedAt: ctx.now(),
	answeredAt: null,
	escalation: { by, reason: null, summary: null }
});

/** The visitor asks for a person. `id` makes a repeat harmless; a chat that waits already stays as it is. */
export async function escalate(
	ctx: InTeam<VisitorCtx>,
	{ conversationId, id }: { conversationId: string; id: string }
): Promise<Conversation> {
	const bot = await requireBot(ctx.tx, ctx.actor.botId);
	if (!bot.humanEscalation && !bot.humanOnly)
		throw new DomainError('forbidden', 'This website does not offer to talk to a person.');
	const conversation = await startConversation(ctx, { conversationId });
	const isWithPeople = conversation.state === 'pending' || conversation.state === 'unresolved';
	if (isWithPeople || (await findMessage(ctx.tx, id))) return conversation;
	const next = await write(ctx, conversation, {
		head: escalated(ctx, 'visitor'),
		messages: [eventBy(ctx, 'escalated', { id })]
	});
	await notify(ctx, { kind: 'escalation', conversationId: next.id, messageId: null });
	return next;
}
