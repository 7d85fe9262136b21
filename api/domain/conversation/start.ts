import type { Conversation } from '#contract/entities.ts';
import {
	conversationOfVisitor,
	insertConversation,
	lockConversation
} from '../../store/conversation.ts';
import { lockVisitor } from '../../store/visitor.ts';
import type { InTeam, VisitorCtx } from '../context.ts';
import { noConversation } from './open.ts';
import { eventBy, write } from './write.ts';

/**
 * The visitor's conversation, held: the one named, else the one still open, else a new one under
 * that id. A visitor has one open chat, whatever two tabs ask for at once.
 */
export async function startConversation(
	ctx: InTeam<VisitorCtx>,
	{ conversationId }: { conversationId: string }
): Promise<Conversation> {
	const { tx, actor } = ctx;
	const { visitorId, botId } = actor;
	await lockVisitor(tx, visitorId);
	const named = await lockConversation(tx, conversationId);
	if (named && named.visitor.id !== visitorId) throw noConversation();
	if (named) return named;
	const newest = await conversationOfVisitor(tx, visitorId);
	const current = newest && (await lockConversation(tx, newest.id));
	if (current && current.state !== 'resolved') return current;
	await insertConversation(tx, { id: conversationId, botId, visitorId, at: ctx.now() });
	const started = await lockConversation(tx, conversationId);
	if (started?.visitor.id !== visitorId) throw noConversation();
	return write(ctx, started, { head: {}, messages: [eventBy(ctx, 'started')] });
}
