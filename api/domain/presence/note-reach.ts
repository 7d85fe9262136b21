import type { TeamTx } from '../../store/db.ts';
import { insertReachMarks } from '../../store/reach.ts';
import { teamsOfUser } from '../../store/team.ts';
import type { Ctx } from '../context.ts';
import { isOfflineByHand, reachOfMembers } from './reach.ts';

/** Keeps whether these members, who are offline from `at` on, can be rung: a day's picture shows it later. */
export async function noteReach(
	tx: TeamTx,
	{ members, at }: { members: readonly { userId: string; isByHand: boolean }[]; at: number }
): Promise<void> {
	if (members.length === 0) return;
	const byHand = new Set(members.flatMap(({ userId, isByHand }) => (isByHand ? [userId] : [])));
	const userIds = members.map(({ userId }) => userId);
	const isByHand = (userId: string) => byHand.has(userId);
	const answers = await reachOfMembers(tx, { userIds, isByHand, now: at });
	const marks = [...answers].map(([userId, { reach }]) => ({
		userId,
		at,
		isReachable: reach === 'reachable'
	}));
	await insertReachMarks(tx, marks);
}

/** What rings the person is another than before: their teams look again, and where they are offline it is kept. */
export async function ringsChanged(
	ctx: Pick<Ctx, 'db' | 'now' | 'presence'>,
	userId: string
): Promise<void> {
	for (const teamId of await teamsOfUser(ctx.db.person, userId))
		await ctx.db.team(teamId, async (tx) => {
			const presence = (await ctx.presence.ofTeam(tx)).get(userId);
			const isByHand = isOfflineByHand(presence);
			if (presence?.status === 'offline')
				await noteReach(tx, { members: [{ userId, isByHand }], at: ctx.now() });
			tx.changed({ entity: 'member', id: userId });
		});
}
