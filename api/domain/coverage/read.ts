import { closesAt, isOpenAt } from '#contract/business-hours.ts';
import type { CoverageResponse } from '#contract/coverage.ts';
import { findHours, uncoveredSpans } from '../../store/coverage.ts';
import type { AgentCtx } from '../context.ts';
import { requireMember } from '../team/access.ts';
import { agentsThere } from './agents.ts';

const WINDOW_MS = 30 * 86_400_000;

/** The team's hours, when nobody was there in them, and whether the person is the last who is. */
export function readCoverage(ctx: AgentCtx, { team }: { team: string }): Promise<CoverageResponse> {
	return ctx.db.team(team, async (tx) => {
		const { userId } = await requireMember(tx, ctx.actor.userId);
		const hours = (await findHours(tx)) ?? null;
		const now = ctx.now();
		const isOpen = hours !== null && isOpenAt(hours, now);
		const there = await agentsThere(tx, ctx.presence);
		const uncovered = await uncoveredSpans(tx, now - WINDOW_MS);
		const lengths = uncovered.map(({ from, to }) => (to ?? now) - Math.max(from, now - WINDOW_MS));
		return {
			hours,
			isOpen,
			closesAt: hours && closesAt(hours, now),
			isLast: isOpen && there.length === 1 && there[0] === userId,
			uncovered,
			uncoveredMs: Math.round(lengths.reduce((sum, ms) => sum + ms, 0))
		};
	});
}
