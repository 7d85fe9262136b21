import { teamsOfUser } from '../../store/team.ts';
import { type Deed, record } from '../audit/record.ts';
import type { AgentCtx } from '../context.ts';

/**
 * Writes a change of the person into each of their teams, so that colleagues' apps and visitors'
 * widgets read the person again.
 */
export async function tellTeams(
	ctx: AgentCtx,
	deed: Pick<Deed, 'action' | 'details'>,
	name: string
): Promise<void> {
	const { userId: id } = ctx.actor;
	for (const teamId of await teamsOfUser(ctx.db.person, id))
		await ctx.db.team(teamId, async (tx) => {
			tx.changed({ entity: 'member', id });
			await record({ ...ctx, tx }, { ...deed, subject: { id, name } });
		});
}
