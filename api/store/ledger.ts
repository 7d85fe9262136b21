import type { LedgerRow } from '#contract/presence.ts';
import type { TeamTx } from './db.ts';
import { sql } from './sql.ts';

export type NewLedgerRow = Omit<LedgerRow, 'deviceName' | 'byName'> & {
	deviceId: string | null;
	/** The admin who did it. */
	byId: string | null;
};

/** Writes rows; names are kept as they are now, since devices and people may be forgotten later. */
export async function insertLedger(tx: TeamTx, rows: NewLedgerRow[]): Promise<void> {
	await tx.run(sql`
		insert into presence_ledger (team_id, id, user_id, at, from_status, to_status, cause,
			device_name, last_beat_at, visibility, by_name, reason, until)
		select ${tx.teamId}, r.id, r."userId", to_timestamp(r.at / 1000.0), r."from", r."to", r.cause,
			d.name, to_timestamp(r."lastBeatAt" / 1000.0), r.visibility,
			coalesce(nullif(trim(b.first_name || ' ' || b.last_name), ''), b.email), r.reason,
			to_timestamp(r.until / 1000.0)
		from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (
			id uuid, "userId" uuid, at float8, "from" text, "to" text, cause text, "deviceId" uuid,
			"lastBeatAt" float8, visibility text, "byId" uuid, reason text, until float8)
		left join devices d on d.id = r."deviceId" and d.user_id = r."userId"
		left join users b on b.id = r."byId"`);
}

const COLUMNS = sql`
	id, user_id as "userId", at, from_status as "from", to_status as "to", cause,
	device_name as "deviceName", last_beat_at as "lastBeatAt", visibility, by_name as "byName", reason, until`;

/** Which rows: newest first, of one member or of everybody. Times are milliseconds. */
export interface LedgerFilter {
	userId?: string | undefined;
	from?: number | undefined;
	to?: number | undefined;
	limit: number;
}

export function ledgerOf(tx: TeamTx, filter: LedgerFilter): Promise<LedgerRow[]> {
	const { userId = null, limit } = filter;
	const [from, to] = [filter.from, filter.to].map((at) => (at === undefined ? null : new Date(at)));
	return tx.many(sql`
		select ${COLUMNS} from presence_ledger
		where team_id = ${tx.teamId} and (${userId}::uuid is null or user_id = ${userId})
			and (${from}::timestamptz is null or at >= ${from})
			and (${to}::timestamptz is null or at < ${to})
		order by at desc, id desc limit ${limit}`);
}

/** The last row before a moment: of one member, or of each. */
export const ledgerRowsBefore = (
	tx: TeamTx,
	{ userId = null, at }: { userId?: string | null; at: number }
): Promise<LedgerRow[]> =>
	tx.many(sql`
		select distinct on (user_id) ${COLUMNS} from presence_ledger
		where team_id = ${tx.teamId} and (${userId}::uuid is null or user_id = ${userId})
			and at < ${new Date(at)}
		order by user_id, at desc, id desc`);
