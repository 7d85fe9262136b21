import type { Db, TeamTx } from '../../store/db.ts';
import { countWaiting } from '../../store/recipient.ts';
import { findPeople } from '../../store/user.ts';
import { canSeeBot, findAccess, type MemberAccess } from '../team/access.ts';

/**
 * How many chats of a team wait for each member's answer: nobody's, and their own, of the bots that they may see. None
 * wait for who may not answer.
 */
export async function waitingIn(tx: TeamTx): Promise<(member: MemberAccess) => number> {
	const waiting = await countWaiting(tx);
	return (member) => {
		const { userId, permissions } = member;
		if (!permissions.has('chat.handle')) return 0;
		const theirs = waiting.filter(
			({ botId, assigneeId }) =>
				canSeeBot(member, botId) && (assigneeId === null || assigneeId === userId)
		);
		return theirs.reduce((sum, { count }) => sum + count, 0);
	};
}

/** How many wait for each of these people in all their teams but this one. Not for within a transaction. */
export async function waitingElsewhere(
	db: Db,
	{ userIds, teamId }: { userIds: readonly string[]; teamId: string }
): Promise<(userId: string) => number> {
	const counts = new Map<string, number>();
	const people = userIds.length > 0 ? await findPeople(db.person, [...userIds]) : [];
	const memberships = people.flatMap(({ userId, teamIds }) =>
		teamIds.filter((id) => id !== teamId).map((id) => ({ id, userId }))
	);
	for (const [id, members] of Map.groupBy(memberships, (membership) => membership.id))
		await db.team(id, async (tx) => {
			const waitingFor = await waitingIn(tx);
			for (const { userId } of members) {
				const access = await findAccess(tx, userId);
				if (access) counts.set(userId, (counts.get(userId) ?? 0) + waitingFor(access));
			}
		});
	return (userId) => counts.get(userId) ?? 0;
}
