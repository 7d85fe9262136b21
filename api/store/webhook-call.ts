import type { TeamTx } from './db.ts';
import { sql } from './sql.ts';

export interface WebhookCallRow {
	id: string;
	/** Whose last step it is; null for a call made before that was kept. */
	ladderId: string | null;
	url: string;
	/** JSON, sent as it is: the signature is over these very bytes. */
	body: string;
}

export async function insertWebhookCall(
	tx: TeamTx,
	call: WebhookCallRow & { at: number }
): Promise<void> {
	await tx.run(sql`
		insert into webhook_calls (team_id, id, ladder_id, url, body, created_at) values
			(${tx.teamId}, ${call.id}, ${call.ladderId}, ${call.url}, ${call.body}, ${new Date(call.at)})`);
}

/** A call that is still to be made. */
export function findWaitingCall(
	tx: TeamTx,
	id: string
): Promise<(WebhookCallRow & { attempts: number }) | undefined> {
	return tx.maybe(sql`
		select id, ladder_id as "ladderId", url, body, attempts from webhook_calls
		where team_id = ${tx.teamId} and id = ${id} and state = 'waiting'`);
}

/** False where the call is waiting no longer. */
export async function noteCall(
	tx: TeamTx,
	id: string,
	result: {
		state: 'waiting' | 'sent' | 'failed';
		status: number | null;
		problem: string | null;
		at: number;
	}
): Promise<boolean> {
	const written = await tx.run(sql`
		update webhook_calls set state = ${result.state}, status = ${result.status},
			problem = ${result.problem}, attempts = attempts + 1, last_at = ${new Date(result.at)}
		where team_id = ${tx.teamId} and id = ${id} and state = 'waiting'`);
	return written === 1;
}

/** The team's webhook as it stands: since when calls to `url` are given up; undefined where the last one was taken. */
export function failingWebhook(
	tx: TeamTx,
	url: string
): Promise<{ problem: string; since: number; lastAt: number } | undefined> {
	return tx.maybe(sql`
		select problem, last_at as "lastAt", (
			select min(f.last_at) from webhook_calls f
			where f.team_id = ${tx.teamId} and f.url = ${url} and f.state = 'failed'
				and f.created_at > coalesce((
					select max(s.created_at) from webhook_calls s
					where s.team_id = ${tx.teamId} and s.url = ${url} and s.state = 'sent'),
					'-infinity')) as since
		from (
			select * from webhook_calls
			where team_id = ${tx.teamId} and url = ${url} and state <> 'waiting'
			order by created_at desc limit 1) newest
		where state = 'failed'`);
}
