import type { Conversation } from '#contract/entities.ts';
import { assignedAt } from '../../store/message.ts';
import { findUser } from '../../store/user.ts';
import type { AgentCtx, InTeam } from '../context.ts';
import { DomainError } from '../errors.ts';
import { colleagueName } from '../team/name.ts';
import { openConversation } from './open.ts';
import { type Draft, eventBy, write } from './write.ts';

/** The agent takes the conversation; of two at once one does, and the other is told who. */
export async function claim(
	ctx: InTeam<AgentCtx>,
	{ conversationId }: { conversationId: string }
): Promise<Conversation> {
	const conversation = await openConversation(ctx, conversationId);
	const { assigneeId, state } = conversation;
	if (assigneeId !== null && assigneeId !== ctx.actor.userId) throw await taken(ctx, conversation);
	if (assigneeId !== null && state === 'unresolved') return conversation;
	return write(ctx, conversation, takeUp(ctx, conversation));
}

/** From here a person answers: reopened if it was resolved, joined if nobody had it or the agent now comes. */
export function takeUp(ctx: AgentCtx, { state, assigneeId }: Conversation): Draft {
	const { userId } = ctx.actor;
	const messages: Draft['messages'] = [];
	if (state === 'resolved') messages.push(eventBy(ctx, 'reopened'));
	if (assigneeId === null || (assigneeId === userId && state === 'pending'))
		messages.push(eventBy(ctx, 'joined', { agentId: userId }));
	return { head: { state: 'unresolved', assigneeId: assigneeId ?? userId }, messages };
}

/** The conflict that names who has the conversation instead. */
export async function taken(
	ctx: InTeam<AgentCtx>,
	{ id, assigneeId }: Conversation
): Promise<DomainError> {
	const winner = assigneeId ? await findUser(ctx.tx, assigneeId) : undefined;
	if (!winner)
		return new DomainError('conflict', 'This chat was given back to everybody meanwhile.', {
			remedy: 'Look at it again, then choose.',
			details: { winnerId: null }
		});
	const at = await assignedAt(ctx.tx, { conversationId: id, agentId: winner.id });
	const agoMs = Math.max(0, ctx.now() - (at ?? ctx.now()));
	const winnerName = winner.id === ctx.actor.userId ? 'You' : colleagueName(winner);
	return new DomainError('conflict', `${winnerName} took this chat ${ago(agoMs)}.`, {
		remedy: 'Transfer it if you want to take it over.',
		details: { winnerId: winner.id, winnerName, agoMs }
	});
}

/** "3 seconds ago", in whole units, the largest that is at least one. */
function ago(ms: number): string {
	const units = [
		[86_400_000, 'day'],
		[3_600_000, 'hour'],
		[60_000, 'minute'],
		[1_000, 'second']
	] as const;
	const unit = units.find(([size]) => ms >= size);
	if (!unit) return 'just now';
	const count = Math.floor(ms / unit[0]);
	return `${count} ${unit[1]}${count === 1 ? '' : 's'} ago`;
}
