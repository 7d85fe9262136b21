import { closesAt, isOpenAt } from '#contract/business-hours.ts';
import { findHours, lockHours } from '../../store/coverage.ts';
import type { AgentCtx, InTeam } from '../context.ts';
import { DomainError } from '../errors.ts';
import { agentsOf, isThere } from './agents.ts';

/**
 * Refuses to leave visitors alone: in business hours somebody else has to be there. Of two who go at the same moment
 * the second is asked. `details.isLast` is what the app asks its question by.
 */
export async function refuseLast(ctx: InTeam<AgentCtx>): Promise<void> {
	const { tx, actor } = ctx;
	await lockHours(tx);
	const hours = await findHours(tx);
	const now = ctx.now();
	if (!hours || !isOpenAt(hours, now)) return;
	const there = (await agentsOf(tx, ctx.presence)).filter(isThere);
	if (there.length !== 1 || there[0]?.member.userId !== actor.userId) return;
	throw new DomainError('conflict', 'You are the last one online in business hours.', {
		remedy: 'Ask a colleague to take over, or say that you go anyway.',
		details: { isLast: true, teamId: tx.teamId, closesAt: closesAt(hours, now) }
	});
}
