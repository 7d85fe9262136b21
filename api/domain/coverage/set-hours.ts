import { isTimeZone } from '#contract/business-hours.ts';
import type { HoursRequest } from '#contract/coverage.ts';
import { closeUncovered, saveHours } from '../../store/coverage.ts';
import { record } from '../audit/record.ts';
import type { AgentCtx } from '../context.ts';
import { DomainError } from '../errors.ts';
import { requireMember, requirePermission } from '../team/access.ts';

/** What is measured from now on; a span that was open under the old hours ends. */
export function setHours(ctx: AgentCtx, { teamId, hours }: HoursRequest): Promise<void> {
	return ctx.db.team(teamId, async (tx) => {
		requirePermission(await requireMember(tx, ctx.actor.userId), 'team.manage');
		if (hours && !isTimeZone(hours.timeZone))
			throw new DomainError('invalid', `There is no time zone ${hours.timeZone}.`, {
				field: 'hours.timeZone',
				remedy: 'Choose one such as Europe/Lisbon.'
			});
		await saveHours(tx, hours);
		await closeUncovered(tx, ctx.now());
		const { timeZone, spans, holidays } = hours ?? { timeZone: null, spans: [], holidays: [] };
		const details = { timeZone, spans: spans.length, holidays: holidays.length };
		await record({ ...ctx, tx }, { action: 'hours.changed', details });
	});
}
