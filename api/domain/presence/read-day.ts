import type {
	DayQuery,
	DayResponse,
	LedgerRow,
	ReachMark,
	TeamDayQuery,
	TeamDayResponse
} from '#contract/presence.ts';
import type { TeamTx } from '../../store/db.ts';
import { leaseSpansOf } from '../../store/lease.ts';
import { ledgerOf, ledgerRowsBefore } from '../../store/ledger.ts';
import { membersOfTeam } from '../../store/member.ts';
import { reachMarksOf } from '../../store/reach.ts';
import type { AgentCtx } from '../context.ts';
import { DomainError } from '../errors.ts';
import { permissionsOf, requireMember } from '../team/access.ts';
import { requireReader } from './read-ledger.ts';

/** The longest day has a change of the clocks in it. */
const LONGEST_DAY_MS = 25 * 3_600_000;
/** More than anybody's day has, or a team's. */
const ROWS = 50_000;

interface Bounds {
	from: number;
	to: number;
}

function boundsOf(query: { from: string; to: string }): Bounds {
	const [from, to] = [Number(query.from), Number(query.to)];
	if (to <= from || to - from > LONGEST_DAY_MS)
		throw new DomainError('invalid', 'A day ends after it begins, within 25 hours.', {
			field: 'to',
			remedy: 'Send the day as two times in milliseconds.'
		});
	return { from, to };
}

/** What the picture of somebody's day is drawn from. */
export function readDay(ctx: AgentCtx, query: DayQuery): Promise<DayResponse> {
	const bounds = boundsOf(query);
	const userId = query.of ?? ctx.actor.userId;
	return ctx.db.team(query.team, async (tx) => {
		await requireReader(tx, ctx, userId);
		await requireMember(tx, userId);
		const [before] = await ledgerRowsBefore(tx, { userId, at: bounds.from });
		const rows = await ledgerOf(tx, { userId, ...bounds, limit: ROWS });
		const marks = await reachMarksOf(tx, { userIds: [userId], ...bounds });
		const leases = await leaseSpansOf(tx, { userId, ...bounds });
		return { ...drawnFrom({ before, rows, marks }), before: before ?? null, leases };
	});
}

/** The same of the whole team, without its devices. */
export function readTeamDay(ctx: AgentCtx, query: TeamDayQuery): Promise<TeamDayResponse> {
	const bounds = boundsOf(query);
	return ctx.db.team(query.team, async (tx) => {
		await requireReader(tx, ctx, 'everybody');
		const known = await readEverybody(tx, bounds);
		const members = await membersOfTeam(tx);
		const days = members.flatMap(({ userId, role, customPermissions }) => {
			const day = drawnFrom({
				before: known.before.get(userId)?.[0],
				rows: known.rows.get(userId) ?? [],
				marks: known.marks.get(userId) ?? []
			});
			const isAgent = permissionsOf(role, customPermissions).has('chat.handle');
			return isAgent || day.rows.length > 0 || day.status === 'online' ? [{ userId, ...day }] : [];
		});
		return { days };
	});
}

async function readEverybody(tx: TeamTx, { from, to }: Bounds) {
	const ownerOf = ({ userId }: { userId: string }) => userId;
	return {
		before: Map.groupBy(await ledgerRowsBefore(tx, { at: from }), ownerOf),
		rows: Map.groupBy(await ledgerOf(tx, { from, to, limit: ROWS }), ownerOf),
		marks: Map.groupBy(await reachMarksOf(tx, { userIds: 'everybody', from, to }), ownerOf)
	};
}

/** `rows`: the newest first, as the store has them. */
const drawnFrom = ({
	before,
	rows,
	marks
}: {
	before: LedgerRow | undefined;
	rows: LedgerRow[];
	marks: ReachMark[];
}) => ({
	status: before?.to === 'online' ? ('online' as const) : ('offline' as const),
	rows: rows.toReversed(),
	reach: marks.map(({ at, isReachable }) => ({ at, isReachable }))
});
