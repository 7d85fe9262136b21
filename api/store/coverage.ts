import type { BusinessHours } from '#contract/coverage.ts';
import type { PresenceCause } from '#contract/entities.ts';
import type { Queries, TeamTx } from './db.ts';
import { sql } from './sql.ts';

/** Nothing before `savedAt` (milliseconds) is measured by these hours. */
export type HoursRow = BusinessHours & { savedAt: number };

export const findHours = (tx: TeamTx): Promise<HoursRow | undefined> =>
	tx.maybe(sql`
		select time_zone as "timeZone", spans, holidays, holiday_names as "holidayNames",
			saved_at as "savedAt"
		from business_hours where team_id = ${tx.teamId}`);

/** Null: the team has none any more. */
export async function saveHours(
	tx: TeamTx,
	hours: BusinessHours | null,
	at: number
): Promise<void> {
	if (!hours) {
		await tx.run(sql`delete from business_hours where team_id = ${tx.teamId}`);
		return;
	}
	const [spans, holidays] = [JSON.stringify(hours.spans), JSON.stringify(hours.holidays)];
	const names = JSON.stringify(hours.holidayNames ?? []);
	await tx.run(sql`
		insert into business_hours (team_id, time_zone, spans, holidays, holiday_names, saved_at)
		values (${tx.teamId}, ${hours.timeZone}, ${spans}::jsonb, ${holidays}::jsonb, ${names}::jsonb,
			${new Date(at)})
		on conflict (team_id) do update set time_zone = excluded.time_zone, spans = excluded.spans,
			holidays = excluded.holidays, holiday_names = excluded.holiday_names,
			saved_at = excluded.saved_at`);
}

/** Held until the transaction ends: who decides about a team's coverage does so alone. */
export async function lockHours(tx: TeamTx): Promise<void> {
	await tx.maybe(sql`select 1 from business_hours where team_id = ${tx.teamId} for update`);
}

export async function teamsWithHours(q: Queries): Promise<string[]> {
	const rows = await q.many<{ id: string }>(sql`select teams_with_hours() as id`);
	return rows.map((row) => row.id);
}

/** A time in business hours without anybody online. */
export interface UncoveredRow {
	from: number;
	/** Null: it lasts. */
	to: number | null;
	isAlerted: boolean;
	/** Who was online last; null: nobody was when the hours began. */
	lastId: string | null;
	cause: PresenceCause | null;
}

const COLUMNS = sql`
	started_at as "from", ended_at as "to", alerted_at is not null as "isAlerted", last_id as "lastId",
	cause`;

/** Those that reach beyond `since`, the newest first. */
export const uncoveredSpans = (tx: TeamTx, since: number): Promise<UncoveredRow[]> =>
	tx.many(sql`
		select ${COLUMNS} from uncovered_spans
		where team_id = ${tx.teamId} and coalesce(ended_at, 'infinity') > ${new Date(since)}
		order by started_at desc limit 500`);

/** The one that lasts. */
export const openSpan = (tx: TeamTx): Promise<UncoveredRow | undefined> =>
	tx.maybe(sql`
		select ${COLUMNS} from uncovered_spans where team_id = ${tx.teamId} and ended_at is null`);

/** When the last one ended; null where there was none. */
export async function lastUncoveredEnd(tx: TeamTx): Promise<number | null> {
	const row = await tx.one<{ at: number | null }>(sql`
		select max(ended_at) as at from uncovered_spans where team_id = ${tx.teamId}`);
	return row.at;
}

export async function openUncovered(
	tx: TeamTx,
	span: Pick<UncoveredRow, 'from' | 'lastId' | 'cause'> & { id: string }
): Promise<void> {
	await tx.run(sql`
		insert into uncovered_spans (team_id, id, started_at, last_id, cause)
		values (${tx.teamId}, ${span.id}, ${new Date(span.from)}, ${span.lastId}, ${span.cause})`);
	tx.changed({ entity: 'team', id: tx.teamId });
}

/** Ends the one that lasts; what has no length was none. */
export async function closeUncovered(tx: TeamTx, at: number): Promise<void> {
	const closed = await tx.run(sql`
		with none as (
			delete from uncovered_spans
			where team_id = ${tx.teamId} and ended_at is null and started_at >= ${new Date(at)}
			returning 1
		), ended as (
			update uncovered_spans set ended_at = ${new Date(at)}
			where team_id = ${tx.teamId} and ended_at is null and started_at < ${new Date(at)}
			returning 1
		)
		select from none union all select from ended`);
	if (closed > 0) tx.changed({ entity: 'team', id: tx.teamId });
}

/** True for the one caller that is to tell the admins about a span open since `before`. */
export async function takeAlert(
	tx: TeamTx,
	{ at, before }: { at: number; before: number }
): Promise<boolean> {
	const taken = await tx.run(sql`
		update uncovered_spans set alerted_at = ${new Date(at)}
		where team_id = ${tx.teamId} and ended_at is null and alerted_at is null
			and started_at <= ${new Date(before)}`);
	return taken > 0;
}
