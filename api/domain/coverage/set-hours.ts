import { closesAt, isTimeZone } from '#contract/business-hours.ts';
import type { BusinessHours, HoursRequest } from '#contract/coverage.ts';
import { closeUncovered, findHours, lockHours, openSpan, saveHours } from '../../store/coverage.ts';
import { record } from '../audit/record.ts';
import type { AgentCtx } from '../context.ts';
import { DomainError } from '../errors.ts';
import { requireManagedTeam } from '../team/update.ts';

/** What is measured from now on; a span that was open under the old hours ends, with them at the latest. */
export function setHours(ctx: AgentCtx, { teamId, hours }: HoursRequest): Promise<void> {
	return ctx.db.team(teamId, async (tx) => {
		const { name } = await requireManagedTeam({ ...ctx, tx });
		if (hours) refuseBad(hours);
		await lockHours(tx);
		const [before, span, now] = [await findHours(tx), await openSpan(tx), ctx.now()];
		const end = before && span ? closesAt(before, span.from) : null;
		await closeUncovered(tx, Math.min(now, end ?? now));
		await saveHours(tx, hours, now);
		const { timeZone, spans, holidays } = hours ?? { timeZone: null, spans: [], holidays: [] };
		const details = { timeZone, spans: spans.length, holidays: holidays.length };
		await record(
			{ ...ctx, tx },
			{ action: 'hours.changed', subject: { id: teamId, name }, details }
		);
	});
}

function refuseBad({ timeZone, holidays }: BusinessHours): void {
	if (!isTimeZone(timeZone))
		throw new DomainError('invalid', `There is no time zone ${timeZone}.`, {
			field: 'hours.timeZone',
			remedy: 'Choose one such as Europe/Lisbon.'
		});
	const n = holidays.findIndex((date) => !isDate(date));
	if (n >= 0)
		throw new DomainError('invalid', `There is no day ${holidays[n]}.`, {
			field: `hours.holidays.${n}`,
			remedy: 'Choose a day of the calendar.'
		});
}

const isDate = (date: string): boolean => {
	const at = Date.parse(`${date}T00:00:00Z`);
	return !Number.isNaN(at) && new Date(at).toISOString().startsWith(date);
};
