import type { Conversation } from '#contract/entities.ts';
import type { BotRow } from '../../store/bot.ts';
import { answer } from '../bot/answer.ts';
import { requireBot } from '../bot/require.ts';
import type { InTeam, VisitorCtx } from '../context.ts';
import { escalated } from './escalate.ts';
import { startConversation } from './start.ts';
import { type Draft, eventBy, isWritten, notify, textBy, write } from './write.ts';

export interface VisitorMessage {
	conversationId: string;
	id: string;
	body: string;
}

/**
 * The visitor writes; a repeat of `id` does nothing. It goes to people once a person was asked for,
 * and comes back from *resolved*; else the bot answers, or in human-only mode asks for a person.
 */
export async function postVisitorMessage(
	ctx: InTeam<VisitorCtx>,
	input: VisitorMessage
): Promise<Conversation> {
	const bot = await requireBot(ctx.tx, ctx.actor.botId);
	const conversation = await startConversation(ctx, input);
	if (await isWritten(ctx, { id: input.id, conversationId: conversation.id })) return conversation;
	const isResolved = conversation.state === 'resolved';
	const isForBot =
		conversation.state === 'bot' || (isResolved && conversation.escalatedAt === null);
	const draft = isForBot ? toBot(ctx, bot, input) : toPeople(ctx, conversation, input);
	if (isResolved) draft.messages.unshift(eventBy(ctx, 'reopened'));
	const next = await write(ctx, conversation, draft);
	if (next.state !== 'bot') {
		const kind = isForBot ? 'escalation' : 'message';
		await notify(ctx, { kind, conversationId: next.id, messageId: input.id });
	}
	return next;
}

function toPeople(ctx: InTeam<VisitorCtx>, { state }: Conversation, input: VisitorMessage): Draft {
	return {
		head: { state: state === 'pending' ? 'pending' : 'unresolved' },
		messages: [textBy(ctx, input)]
	};
}

function toBot(ctx: InTeam<VisitorCtx>, bot: BotRow, input: VisitorMessage): Draft {
	const text = textBy(ctx, input);
	if (bot.humanOnly) {
		const byTeam = eventBy({ ...ctx, actor: { kind: 'system' } }, 'escalated');
		return { head: escalated(ctx, 'team'), messages: [text, byTeam] };
	}
	const reply = { ...text, id: ctx.newId(), authorKind: 'bot', authorId: bot.id } as const;
	return { head: { state: 'bot' }, messages: [text, { ...reply, body: answer(bot, input.body) }] };
}
