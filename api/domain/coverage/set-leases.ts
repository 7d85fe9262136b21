import type { LeasesRequest } from '#contract/coverage.ts';
import { saveLeases } from '../../store/presence-team-settings.ts';
import { record } from '../audit/record.ts';
import type { AgentCtx } from '../context.ts';
import { requireManagedTeam } from '../team/update.ts';

/** For how long the team believes a beat; null is the least again. The contract holds it within safe bounds. */
export function setLeases(ctx: AgentCtx, { teamId, leases }: LeasesRequest): Promise<void> {
	return ctx.db.team(teamId, async (tx) => {
		const { name } = await requireManagedTeam({ ...ctx, tx });
		await saveLeases(tx, leases);
		const subject = { id: teamId, name };
		await record({ ...ctx, tx }, { action: 'leases.changed', subject, details: { leases } });
	});
}
