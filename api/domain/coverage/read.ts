import { closesAt, isOpenAt, startOfDay } from '#contract/business-hours.ts';
import type { CoverageResponse } from '#contract/coverage.ts';
import { findHours, type UncoveredRow, uncoveredSpans } from '../../store/coverage.ts';
import type { TeamTx } from '../../store/db.ts';
import { findLeases } from '../../store/presence-team-settings.ts';
import type { AgentCtx } from '../context.ts';
import { isOfflineByHand, reachOfMembers } from '../presence/reach.ts';
import { requireMember } from '../team/access.ts';
import { colleagueName } from '../team/name.ts';
import { type Agent, agentsOf, isThere } from './agents.ts';

const DAY_MS = 86_400_000;
const WINDOW_MS = 30 * DAY_MS;

/** The team's hours, when nobody was there in them, and whether the person is the last who is. */
export function readCoverage(ctx: AgentCtx, { team }: { team: string }): Promise<CoverageResponse> {
	return ctx.db.team(team, async (tx) => {
		const { userId } = await requireMember(tx, ctx.actor.userId);
		const found = await findHours(tx);
		const now = ctx.now();
		const agents = await agentsOf(tx, ctx.presence);
		const there = agents.filter(isThere);
		const isOpen = found !== undefined && isOpenAt(found, now);
		const uncovered = await uncoveredSpans(tx, now - WINDOW_MS);
		const since = (from: number) => lengthOf(uncovered, { from, to: now });
		const { savedAt: _, ...hours } = found ?? { savedAt: 0 };
		return {
			hours: 'timeZone' in hours ? hours : null,
			isOpen,
			closesAt: found && isOpen ? closesAt(found, now) : null,
			isLast: isOpen && there.length === 1 && there[0]?.member.userId === userId,
			uncovered: uncovered.map((span) => told(span, agents)),
			uncoveredMs: since(now - WINDOW_MS),
			uncoveredTodayMs: since(startOfDay(found?.timeZone ?? 'UTC', now)),
			uncoveredWeekMs: since(now - 7 * DAY_MS),
			reachableCount: await reachableCount(tx, agents, now),
			leases: (await findLeases(tx)) ?? null
		};
	});
}

/** How much of a time the spans cover, in whole milliseconds. */
function lengthOf(
	spans: readonly UncoveredRow[],
	{ from, to }: { from: number; to: number }
): number {
	const lengths = spans.map((span) => Math.min(span.to ?? to, to) - Math.max(span.from, from));
	return Math.round(lengths.reduce((sum, ms) => sum + Math.max(0, ms), 0));
}

function told({ lastId, ...span }: UncoveredRow, agents: readonly Agent[]) {
	const last = agents.find(({ member }) => member.userId === lastId);
	return { ...span, lastName: last ? colleagueName(last.member) : null };
}

async function reachableCount(tx: TeamTx, agents: readonly Agent[], now: number): Promise<number> {
	const away = agents.filter((agent) => !isThere(agent));
	const presences = new Map(away.map(({ member, presence }) => [member.userId, presence]));
	const answers = await reachOfMembers(tx, {
		userIds: [...presences.keys()],
		isByHand: (userId) => isOfflineByHand(presences.get(userId)),
		now
	});
	return [...answers.values()].filter(({ reach }) => reach === 'reachable').length;
}
