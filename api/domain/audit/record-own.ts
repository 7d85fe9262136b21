import { teamsOfUser } from '../../store/team.ts';
import { findUser } from '../../store/user.ts';
import type { AgentCtx } from '../context.ts';
import { colleagueName } from '../team/name.ts';
import { type Deed, record } from './record.ts';

/**
 * Writes what a person did to their own account into the log of each of their teams: an account that changes
 * hands concerns them all. No address, name of a key or place goes along but where the request came from.
 */
export async function recordOwn(
	ctx: AgentCtx,
	deed: Pick<Deed, 'action' | 'details'>
): Promise<void> {
	const { userId: id } = ctx.actor;
	const user = await findUser(ctx.db.person, id);
	if (!user) return;
	const subject = { id, name: colleagueName(user) };
	for (const teamId of await teamsOfUser(ctx.db.person, id))
		await ctx.db.team(teamId, (tx) => record({ ...ctx, tx }, { ...deed, subject }));
}
