import type { TeamSettingsRequest } from '#contract/brand.ts';
import type { Team } from '#contract/entities.ts';
import { findTeam, type TeamRow, updateTeam } from '../../store/team.ts';
import { record } from '../audit/record.ts';
import type { AgentCtx, InTeam } from '../context.ts';
import { requireMember, requirePermission } from './access.ts';

/** The team of somebody who may change its settings. */
export async function requireManagedTeam({ tx, actor }: InTeam<AgentCtx>): Promise<TeamRow> {
	requirePermission(await requireMember(tx, actor.userId), 'team.manage');
	const team = await findTeam(tx);
	if (!team) throw new Error('a member of a team without a row');
	return team;
}

/** Changes the team's name and what visitors see instead of, or around, its agents. */
export function updateSettings(
	ctx: AgentCtx,
	{ teamId, ...input }: TeamSettingsRequest
): Promise<Team> {
	return ctx.db.team(teamId, async (tx) => {
		const team = await requireManagedTeam({ ...ctx, tx });
		const brandName = input.brandName?.toWellFormed() ?? null;
		const settings = { ...input, name: input.name.toWellFormed(), brandName };
		await updateTeam(tx, settings);
		const subject = { id: teamId, name: settings.name };
		await record({ ...ctx, tx }, { action: 'team.changed', subject, details: settings });
		return { ...team, ...settings };
	});
}
