import { record } from '../audit/record.ts';
import type { AgentCtx } from '../context.ts';
import { createTeam } from './create.ts';

/** A team of one's own beside those one is in. Returns its id. */
export async function addTeam(ctx: AgentCtx, input: { name: string }): Promise<string> {
	const teamId = ctx.newId();
	const name = input.name.toWellFormed();
	await ctx.db.team(teamId, async (tx) => {
		await createTeam(tx, { name, ownerId: ctx.actor.userId, botId: ctx.newId() });
		await record({ ...ctx, tx }, { action: 'team.created', subject: { id: teamId, name } });
	});
	return teamId;
}
