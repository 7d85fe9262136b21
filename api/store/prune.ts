import type { Queries, TeamTx } from './db.ts';
import { type Sql, sql } from './sql.ts';

/** Deletes at most `limit` rows that are older than `before` (milliseconds since 1970); returns how many. */
type Step<Q extends Queries> = (q: Q, of: { before: number; limit: number }) => Promise<number>;

/** `isOld` speaks of a row as `r`. */
const inTeam =
	(table: Sql, isOld: (before: Date, teamId: string) => Sql): Step<TeamTx> =>
	(tx, { before, limit }) =>
		tx.run(sql`
			delete from ${table} where team_id = ${tx.teamId} and ctid = any (array(
				select r.ctid from ${table} r
				where r.team_id = ${tx.teamId} and ${isOld(new Date(before), tx.teamId)} limit ${limit}))`);

const ofPeople =
	(table: Sql, isOld: (before: Date) => Sql): Step<Queries> =>
	(q, { before, limit }) =>
		q.run(sql`
			delete from ${table} where ctid = any (array(
				select r.ctid from ${table} r where ${isOld(new Date(before))} limit ${limit}))`);

/** A deleted person's leftovers: what another process still wrote from its memory. Whatever its age. */
const ofNobody = () => sql`not exists (select from users u where u.id = r.user_id)`;

/** What is deleted within a team's scope, or a person's (mails about accounts), by what it is kept for. */
export const SCOPE_STEPS = {
	changes: inTeam(
		sql`changes`,
		// By the argument, not by the row's own team: so the floor is looked up once, not for each row.
		(_, teamId) => sql`r.version <= (select t.floor from teams t where t.id = ${teamId})`
	),
	mutations: inTeam(sql`mutations`, (before) => sql`r.created_at < ${before}`),
	mails: inTeam(sql`mails`, (before) => sql`r.created_at < ${before}`),
	invitations: inTeam(sql`invitations`, (before) => sql`r.expires_at < ${before}`),
	notifications: inTeam(sql`notification_events`, (before) => sql`r.at < ${before}`),
	ladders: inTeam(sql`ladders`, (before) => sql`coalesce(r.ended_at, r.started_at) < ${before}`),
	webhookCalls: inTeam(sql`webhook_calls`, (before) => sql`r.created_at < ${before}`),
	sightings: inTeam(sql`sightings`, (before) => sql`r.at < ${before}`),
	snoozes: inTeam(sql`snoozes`, (before) => sql`r.until < ${before}`),
	presenceLedger: inTeam(sql`presence_ledger`, (before) => sql`r.at < ${before}`),
	uncoveredSpans: inTeam(sql`uncovered_spans`, (before) => sql`r.ended_at < ${before}`),
	// The last mark before a moment says what was so then: the newest of the old ones stays.
	reachMarks: inTeam(
		sql`reach_marks`,
		(before) => sql`r.at < ${before} and exists (
			select from reach_marks n where n.team_id = r.team_id and n.user_id = r.user_id
				and n.at > r.at and n.at < ${before})`
	)
} satisfies Record<string, Step<TeamTx>>;

/** The same of people, whatever their teams. */
export const PERSON_STEPS = {
	emailChanges: ofPeople(sql`email_changes`, (before) => sql`r.expires_at < ${before}`),
	pushTests: ofPeople(sql`push_tests`, (before) => sql`r.sent_at < ${before}`),
	signedOutDevices: ofPeople(
		sql`devices`,
		(before) => sql`r.session_id is null and r.last_seen_at < ${before}`
	),
	accountDeletions: ofPeople(sql`account_deletions`, (before) => sql`r.at < ${before}`),
	leasesOfNobody: ofPeople(sql`leases`, ofNobody),
	spansOfNobody: ofPeople(sql`lease_spans`, ofNobody)
} satisfies Record<string, Step<Queries>>;

/** Has a client that stands before what happened since `before` begin anew; the next round deletes what it lacks. */
export async function raiseFloor(tx: TeamTx, before: number): Promise<void> {
	await tx.run(sql`
		update teams t set floor = greatest(t.floor, coalesce(
			(select c.version - 1 from changes c
				where c.team_id = t.id and c.version > t.floor and c.at >= ${new Date(before)}
				order by c.version limit 1), t.version))
		where t.id = ${tx.teamId}`);
}

/** The ids of all teams, and of people who were mailed about their accounts. */
export async function scopeIds(q: Queries): Promise<string[]> {
	const rows = await q.many<{ id: string }>(sql`select scopes() as id`);
	return rows.map((row) => row.id);
}
