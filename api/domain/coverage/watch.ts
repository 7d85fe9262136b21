import { closesAt, isOpenAt, openSince } from '#contract/business-hours.ts';
import {
	closeUncovered,
	findHours,
	type HoursRow,
	lastUncoveredEnd,
	lockHours,
	openSpan,
	openUncovered,
	takeAlert,
	type UncoveredRow
} from '../../store/coverage.ts';
import type { TeamTx } from '../../store/db.ts';
import type { Ctx } from '../context.ts';
import { type Agent, agentsOf, isThere } from './agents.ts';
import { tellAdmins } from './tell-admins.ts';

/** A reload or a change of shift is no alarm; with the round of the watch it is still told within a minute. */
const ALERT_AFTER_MS = 20_000;

/** How a team stands: its hours, the span that lasts, and who answers visitors. */
interface Standing {
	hours: HoursRow | undefined;
	span: UncoveredRow | undefined;
	agents: Agent[];
}

/**
 * Measures whether somebody is there in the team's hours, and tells its admins where nobody is. Any number of
 * processes may do so, and none for a while: a span begins and ends when it happened, not when it was seen.
 */
export function watchCoverage(
	ctx: Ctx,
	{ teamId, publicOrigin }: { teamId: string; publicOrigin: string }
): Promise<void> {
	return ctx.db.team(teamId, async (tx) => {
		const at = ctx.now();
		const look = async (): Promise<Standing> => {
			const [hours, span] = [await findHours(tx), await openSpan(tx)];
			// Who is there at night is nobody's business, in most rounds of most teams.
			const isAsked = span !== undefined || (hours !== undefined && isOpenAt(hours, at));
			return { hours, span, agents: isAsked ? await agentsOf(tx, ctx.presence) : [] };
		};
		let seen = await look();
		if (isToChange(seen, at)) {
			// Another process may be writing the same: what is so is read again behind it.
			await lockHours(tx);
			seen = await look();
			await settle({ ...ctx, tx }, seen, at);
		}
		const isTold = await takeAlert(tx, { at, before: at - ALERT_AFTER_MS });
		if (isTold && seen.hours) await tellAdmins({ ...ctx, tx }, { hours: seen.hours, publicOrigin });
	});
}

const isNeeded = ({ hours }: Standing, at: number): boolean =>
	hours !== undefined && isOpenAt(hours, at);

const isMissed = (standing: Standing, at: number): boolean =>
	isNeeded(standing, at) && !standing.agents.some(isThere);

/** When the hours in which the span began were over; null: they go on. */
function endOfHours({ hours, span }: Standing, at: number): number | null {
	if (!span) return null;
	if (!hours || !isOpenAt(hours, span.from)) return at;
	const end = closesAt(hours, span.from);
	return end !== null && end <= at ? end : null;
}

const isToChange = (standing: Standing, at: number): boolean =>
	endOfHours(standing, at) !== null || isMissed(standing, at) !== (standing.span !== undefined);

async function settle(
	{ tx, newId }: Pick<Ctx, 'newId'> & { tx: TeamTx },
	standing: Standing,
	at: number
): Promise<void> {
	const { hours, agents } = standing;
	const over = endOfHours(standing, at);
	if (over !== null) await closeUncovered(tx, over);
	const span = over === null ? standing.span : undefined;
	if (isMissed(standing, at)) {
		if (!span && hours) {
			const begun = beginningOf(hours, agents, at);
			const from = Math.max(begun.from, (await lastUncoveredEnd(tx)) ?? 0);
			await openUncovered(tx, { ...begun, from, id: newId() });
		}
	} else if (span) await closeUncovered(tx, Math.min(at, arrivalOf(agents, at)));
}

/** When somebody was there again. */
const arrivalOf = (agents: readonly Agent[], at: number): number =>
	Math.min(at, ...agents.filter(isThere).map(({ presence }) => presence?.since ?? at));

/** Since when nobody has been there, and who was last: in these hours, and as far back as they were measured. */
function beginningOf(
	hours: HoursRow,
	agents: readonly Agent[],
	at: number
): Pick<UncoveredRow, 'from' | 'lastId' | 'cause'> {
	const last = agents
		// Who never went online has no cause to be offline.
		.filter(({ presence }) => presence?.cause)
		.toSorted((a, b) => (b.presence?.since ?? 0) - (a.presence?.since ?? 0))[0];
	const leftAt = Math.min(at, last?.presence?.since ?? 0);
	const openedAt = openSince(hours, at, Math.max(leftAt, hours.savedAt));
	if (leftAt >= openedAt && last?.presence)
		return { from: leftAt, lastId: last.member.userId, cause: last.presence.cause };
	return { from: openedAt, lastId: null, cause: null };
}
