import type { AgentCtx } from '../domain/context.ts';
import { DomainError } from '../domain/errors.ts';
import { requireMember, requirePermission } from '../domain/team/access.ts';
import { recipientsOfTeam } from '../store/recipient.ts';
import { startTest, type TestDeps } from './test.ts';

/** Sends a test to every registered device of one member, or of everybody in the team. */
export async function testBoard(
	deps: TestDeps,
	ctx: AgentCtx,
	{ teamId, userId }: { teamId: string; userId: string | null }
): Promise<{ tests: { testId: string; userId: string; deviceId: string }[] }> {
	const members = await ctx.db.team(teamId, async (tx) => {
		requirePermission(await requireMember(tx, ctx.actor.userId), 'team.manage');
		return recipientsOfTeam(tx, ctx.now());
	});
	const live = members
		.filter((member) => userId === null || member.userId === userId)
		.flatMap((member) =>
			member.devices
				.filter(({ subscription, isSessionAlive }) => subscription === 'live' && isSessionAlive)
				.map(({ deviceId }) => ({ userId: member.userId, deviceId }))
		);
	const tests = await Promise.all(
		live.map(async (device) => {
			try {
				const { deliveryId } = await startTest(deps, { ...device, afterMs: 0 });
				return [{ ...device, testId: deliveryId }];
			} catch (error) {
				// Its registration ended at this moment.
				if (error instanceof DomainError) return [];
				throw error;
			}
		})
	);
	return { tests: tests.flat() };
}
