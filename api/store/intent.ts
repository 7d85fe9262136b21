import type { PresenceCause } from '#contract/entities.ts';
import type { Queries, TeamTx } from './db.ts';
import { sql } from './sql.ts';

/** An agent's word in one team. Times are milliseconds by a server's clock. */
export interface Intent {
	status: 'online' | 'offline';
	/** Of the last change; null before the first. */
	cause: PresenceCause | null;
	since: number;
	until: number | null;
	reason: string | null;
	/** The admin who set it; null where it is the agent's own word, or nobody's. */
	setBy: string | null;
	/** What it goes back to at `until`. */
	returnStatus: 'online' | 'offline';
	/** Of any of the person's devices, at the last change. */
	lastBeatAt: number | null;
}

export type OwnedIntent = Intent & { userId: string };

/** A member who has never said anything is offline since joining. */
const COLUMNS = sql`
	m.user_id as "userId", coalesce(i.status, 'offline') as status, i.cause,
	coalesce(i.since, m.joined_at) as since, i.until, i.reason, i.set_by as "setBy",
	coalesce(i.return_status, 'offline') as "returnStatus", i.last_beat_at as "lastBeatAt"`;

/** Everybody's intent in the transaction's team. */
export const intentsOfTeam = (tx: TeamTx): Promise<OwnedIntent[]> =>
	tx.many(sql`
		select ${COLUMNS} from members m left join intents i using (team_id, user_id)
		where m.team_id = ${tx.teamId}`);

/** These people's intents in the transaction's team; none of a stranger. */
export const intentsOf = (tx: TeamTx, userIds: string[]): Promise<OwnedIntent[]> =>
	tx.many(sql`
		select ${COLUMNS} from members m left join intents i using (team_id, user_id)
		where m.team_id = ${tx.teamId} and m.user_id = any (${userIds}::uuid[])`);

/** A member's intent, locked until the commit; it exists from then on. */
export async function lockIntent(tx: TeamTx, userId: string): Promise<OwnedIntent> {
	await tx.run(sql`
		insert into intents (team_id, user_id, status, since)
		select team_id, user_id, 'offline', joined_at from members
		where team_id = ${tx.teamId} and user_id = ${userId}
		on conflict do nothing`);
	return tx.one(sql`
		select ${COLUMNS} from intents i join members m using (team_id, user_id)
		where i.team_id = ${tx.teamId} and i.user_id = ${userId} for update of i`);
}

/** These members' intents, locked, without those that another transaction holds: it decides about them. */
export const lockFreeIntents = (tx: TeamTx, userIds: string[]): Promise<OwnedIntent[]> =>
	tx.many(sql`
		select ${COLUMNS} from intents i join members m using (team_id, user_id)
		where i.team_id = ${tx.teamId} and i.user_id = any (${userIds}::uuid[])
		order by i.user_id for update of i skip locked`);

/** Writes intents that exist. */
export async function saveIntents(tx: TeamTx, intents: OwnedIntent[]): Promise<void> {
	await tx.run(sql`
		update intents i set status = r.status, cause = r.cause, since = to_timestamp(r.since / 1000.0),
			until = to_timestamp(r.until / 1000.0), reason = r.reason,
			set_by = r."setBy", return_status = r."returnStatus", last_beat_at = to_timestamp(r."lastBeatAt" / 1000.0)
		from jsonb_to_recordset(${JSON.stringify(intents)}::jsonb) as r (
			"userId" uuid, status text, cause text, since float8, until float8, reason text,
			"setBy" uuid, "returnStatus" text, "lastBeatAt" float8)
		where i.team_id = ${tx.teamId} and i.user_id = r."userId"`);
}

/** Whose intent, and in which team: all that work across teams gets to see. */
export interface IntentKey {
	teamId: string;
	userId: string;
}

/** Where these people mean to be online. */
export const onlineIntentsOf = (q: Queries, userIds: string[]): Promise<IntentKey[]> =>
	q.many(sql`
		select team_id as "teamId", user_id as "userId" from online_intents_of(${userIds}::uuid[])`);

/** Online intents without any written proof beyond `cutoff`, and intents whose end time has come by `now`. */
export const intentsToSweep = (
	q: Queries,
	{ cutoff, now }: { cutoff: number; now: number }
): Promise<IntentKey[]> =>
	q.many(sql`
		select team_id as "teamId", user_id as "userId"
		from unproved_intents(to_timestamp(${cutoff}::float8 / 1000.0))
		union
		select team_id, user_id from due_intents(to_timestamp(${now}::float8 / 1000.0))`);
