import type { AuthorKind, Conversation, EventType, ThreadEvent } from '#contract/entities.ts';
import type { ConversationHead } from '../../store/conversation.ts';
import { appendMessages, findMessage, type NewMessage } from '../../store/message.ts';
import { insertNotificationEvent, type NotificationEvent } from '../../store/notification-event.ts';
import type { Ctx, InTeam } from '../context.ts';
import { DomainError } from '../errors.ts';
import { startLadder } from '../notification/start-ladder.ts';

/** What a verb adds to a thread and changes about its conversation. */
export interface Draft {
	head: Partial<ConversationHead>;
	messages: NewMessage[];
}

function authorOf({ actor }: Ctx): { kind: AuthorKind; id: string | null } {
	if (actor.kind === 'agent') return { kind: 'agent', id: actor.userId };
	if (actor.kind === 'visitor') return { kind: 'visitor', id: actor.visitorId };
	return { kind: 'system', id: null };
}

/** A text or note by whoever acts. */
export function textBy(
	ctx: Ctx,
	{ id, body, kind = 'text' }: { id: string; body: string; kind?: 'text' | 'note' }
): NewMessage {
	const author = authorOf(ctx);
	// Half a surrogate pair is no character and cannot be stored.
	const text = body.toWellFormed();
	return { id, kind, authorKind: author.kind, authorId: author.id, body: text, event: null };
}

/** A state change told in the thread. Its words are the reader's: the app's language, today's names. */
export function eventBy(
	ctx: Ctx,
	type: EventType,
	{ id, ...about }: { id?: string } & Partial<Pick<ThreadEvent, 'agentId' | 'fromId'>> = {}
): NewMessage {
	const { kind: byKind, id: byId } = authorOf(ctx);
	return {
		id: id ?? ctx.newId(),
		kind: 'event',
		authorKind: byKind,
		authorId: byId,
		body: '',
		event: {
			type,
			byKind,
			byId,
			agentId: null,
			fromId: null,
			reason: null,
			summary: null,
			...about
		}
	};
}

/** Whether the message was written before, by a repeat of the same request. */
export async function isWritten(
	ctx: InTeam,
	{ id, conversationId }: { id: string; conversationId: string }
): Promise<boolean> {
	const message = await findMessage(ctx.tx, id);
	if (!message) return false;
	if (message.conversationId === conversationId && message.authorId === authorOf(ctx).id)
		return true;
	throw new DomainError('conflict', 'This message id is taken.', {
		field: 'id',
		remedy: 'Send it under a new id.'
	});
}

/** Writes a draft to a conversation that is held. Returns it as it is then. */
export async function write(
	ctx: InTeam,
	conversation: Conversation,
	draft: Draft
): Promise<Conversation> {
	const { id, botId, state, assigneeId, escalatedAt, answeredAt, escalation } = conversation;
	const head = { state, assigneeId, escalatedAt, answeredAt, escalation, ...draft.head };
	const { messages } = draft;
	const seq = await appendMessages(ctx.tx, id, { head, messages, at: ctx.now() });
	ctx.tx.changed({ entity: 'conversation', id, botId });
	for (const message of messages) ctx.tx.changed({ entity: 'message', id: message.id, botId });
	return { ...conversation, ...head, seq };
}

/** Has people told, by a job that exists exactly if what happened does. An escalation sets out on its ladder. */
export async function notify(
	ctx: InTeam,
	event: Pick<NotificationEvent, 'kind' | 'conversationId' | 'messageId' | 'targetIds' | 'byId'>
): Promise<void> {
	const id = ctx.newId();
	if (event.kind === 'escalation') await startLadder(ctx, event);
	await insertNotificationEvent(ctx.tx, { ...event, id, at: ctx.now() });
	await ctx.enqueue(ctx.tx, { name: 'notify', data: { teamId: ctx.tx.teamId, eventId: id } });
}
