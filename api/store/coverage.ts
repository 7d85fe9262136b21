import type { BusinessHours } from '#contract/coverage.ts';
import type { Queries, TeamTx } from './db.ts';
import { sql } from './sql.ts';

export const findHours = (tx: TeamTx): Promise<BusinessHours | undefined> =>
	tx.maybe(sql`
		select time_zone as "timeZone", spans, holidays, holiday_names as "holidayNames"
		from business_hours
		where team_id = ${tx.teamId}`);

/** Null: the team has none any more. */
export async function saveHours(tx: TeamTx, hours: BusinessHours | null): Promise<void> {
	if (!hours) {
		await tx.run(sql`delete from business_hours where team_id = ${tx.teamId}`);
		return;
	}
	const [spans, holidays] = [JSON.stringify(hours.spans), JSON.stringify(hours.holidays)];
	const names = JSON.stringify(hours.holidayNames ?? []);
	await tx.run(sql`
		insert into business_hours (team_id, time_zone, spans, holidays, holiday_names)
		values (${tx.teamId}, ${hours.timeZone}, ${spans}::jsonb, ${holidays}::jsonb, ${names}::jsonb)
		on conflict (team_id) do update set time_zone = excluded.time_zone, spans = excluded.spans,
			holidays = excluded.holidays, holiday_names = excluded.holiday_names`);
}

export async function teamsWithHours(q: Queries): Promise<string[]> {
	const rows = await q.many<{ id: string }>(sql`select teams_with_hours() as id`);
	return rows.map((row) => row.id);
}

/** A time in business hours without anybody online. */
export interface UncoveredSpan {
	from: number;
	/** Null: it lasts. */
	to: number | null;
	isAlerted: boolean;
}

/** Those that reach beyond `since`, the newest first. */
export const uncoveredSpans = (tx: TeamTx, since: number): Promise<UncoveredSpan[]> =>
	tx.many(sql`
		select started_at as "from", ended_at as "to", alerted_at is not null as "isAlerted"
		from uncovered_spans
		where team_id = ${tx.teamId} and coalesce(ended_at, 'infinity') > ${new Date(since)}
		order by started_at desc limit 500`);

/** Whichever process comes first opens it. */
export async function openUncovered(tx: TeamTx, input: { id: string; at: number }): Promise<void> {
	await tx.run(sql`
		insert into uncovered_spans (team_id, id, started_at)
		values (${tx.teamId}, ${input.id}, ${new Date(input.at)}) on conflict do nothing`);
}

export async function closeUncovered(tx: TeamTx, at: number): Promise<void> {
	await tx.run(sql`
		update uncovered_spans set ended_at = greatest(started_at, ${new Date(at)})
		where team_id = ${tx.teamId} and ended_at is null`);
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
