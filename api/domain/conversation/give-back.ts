import type { Conversation } from '#contract/entities.ts';
import type { InTeam } from '../context.ts';
import { resumeLadder } from '../notification/start-ladder.ts';
import { eventBy, notify, write } from './write.ts';

/**
 * Leaves the conversation, which is held, to everybody. Taken up and never answered it waits again, and rings as one
 * that waits. `byId`: who knows that, and is not told.
 */
export async function giveBack(
	ctx: InTeam,
	conversation: Conversation,
	{ byId = null }: { byId?: string | null } = {}
): Promise<Conversation> {
	const { id, assigneeId: fromId, state, escalatedAt, answeredAt } = conversation;
	const isWaiting = state === 'unresolved' && escalatedAt !== null && answeredAt === null;
	const head = { assigneeId: null, ...(isWaiting && { state: 'pending' as const }) };
	const messages = [eventBy(ctx, 'unassigned', { fromId })];
	const next = await write(ctx, conversation, { head, messages });
	if (!isWaiting) return next;
	await resumeLadder(ctx, { conversationId: id });
	await notify(ctx, { kind: 'unanswered', conversationId: id, messageId: null, byId });
	return next;
}
