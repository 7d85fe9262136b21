import type { LedgerQuery, LedgerRow } from '#contract/presence.ts';
import type { TeamTx } from '../../store/db.ts';
import { ledgerOf } from '../../store/ledger.ts';
import { membersOfTeam } from '../../store/member.ts';
import type { AgentCtx } from '../context.ts';
import { csvOf } from '../csv.ts';
import { requireMember, requirePermission } from '../team/access.ts';
import { colleagueName } from '../team/name.ts';

const ROWS = 200;
const EXPORT_ROWS = 50_000;

/** Anybody may read their own; a colleague's and the team's need `log.view`. */
export async function requireReader(tx: TeamTx, ctx: AgentCtx, of: string): Promise<void> {
	const access = await requireMember(tx, ctx.actor.userId);
	if (of !== ctx.actor.userId) requirePermission(access, 'log.view');
}

/** Changes of presence, the newest first. */
export function readLedger(ctx: AgentCtx, { team, of }: LedgerQuery): Promise<LedgerRow[]> {
	return read(ctx, { team, of: of ?? ctx.actor.userId, limit: ROWS });
}

const read = (ctx: AgentCtx, { team, of, limit }: { team: string; of: string; limit: number }) =>
	ctx.db.team(team, async (tx) => {
		await requireReader(tx, ctx, of);
		return ledgerOf(tx, { userId: of === 'everybody' ? undefined : of, limit });
	});

const COLUMNS = [
	'at',
	'name',
	'user id',
	'from',
	'to',
	'cause',
	'by',
	'reason',
	'until',
	'device',
	'last beat',
	'visibility'
];

/** The same as CSV. Times are ISO 8601 in UTC. */
export function exportLedger(ctx: AgentCtx, { team, of }: LedgerQuery): Promise<string> {
	return ctx.db.team(team, async (tx) => {
		const whose = of ?? ctx.actor.userId;
		await requireReader(tx, ctx, whose);
		const userId = whose === 'everybody' ? undefined : whose;
		const rows = await ledgerOf(tx, { userId, limit: EXPORT_ROWS });
		const names = new Map((await membersOfTeam(tx)).map((m) => [m.userId, colleagueName(m)]));
		const time = (at: number | null | undefined) => (at ? new Date(at).toISOString() : '');
		const cells = rows.map((row) => [
			time(row.at),
			names.get(row.userId) ?? '',
			row.userId,
			row.from,
			row.to,
			row.cause,
			row.byName ?? '',
			row.reason ?? '',
			time(row.until),
			row.deviceName ?? '',
			time(row.lastBeatAt),
			row.visibility ?? ''
		]);
		return csvOf([COLUMNS, ...cells]);
	});
}
