import type { LedgerRow } from '#contract/presence.ts';
import type { TeamTx } from './db.ts';
import { sql } from './sql.ts';

export type NewLedgerRow = Omit<LedgerRow, 'deviceName'> & { deviceId: string | null };

/** Writes rows; a device's name is kept as it is now, since the device may be forgotten later. */
export async function insertLedger(tx: TeamTx, rows: NewLedgerRow[]): Promise<void> {
	await tx.run(sql`
		insert into presence_ledger (team_id, id, user_id, at, from_status, to_status, cause,
			device_name, last_beat_at, visibility)
		select ${tx.teamId}, r.id, r."userId", to_timestamp(r.at / 1000.0), r."from", r."to", r.cause,
			d.name, to_timestamp(r."lastBeatAt" / 1000.0), r.visibility
		from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (
			id uuid, "userId" uuid, at float8, "from" text, "to" text, cause text, "deviceId" uuid,
			"lastBeatAt" float8, visibility text)
		left join devices d on d.id = r."deviceId" and d.user_id = r."userId"`);
}

/** A member's newest rows, newest first. */
export const ledgerOf = (tx: TeamTx, userId: string, limit: number): Promise<LedgerRow[]> =>
	tx.many(sql`
		select id, user_id as "userId", at, from_status as "from", to_status as "to", cause,
			device_name as "deviceName", last_beat_at as "lastBeatAt", visibility
		from presence_ledger where team_id = ${tx.teamId} and user_id = ${userId}
		order by at desc, id desc limit ${limit}`);
