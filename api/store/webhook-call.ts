import type { TeamTx } from './db.ts';
import { sql } from './sql.ts';

export interface WebhookCallRow {
	id: string;
	url: string;
	/** JSON, sent as it is: the signature is over these very bytes. */
	body: string;
}

export async function insertWebhookCall(
	tx: TeamTx,
	call: WebhookCallRow & { at: number }
): Promise<void> {
	await tx.run(sql`
		insert into webhook_calls (team_id, id, url, body, created_at)
		values (${tx.teamId}, ${call.id}, ${call.url}, ${call.body}, ${new Date(call.at)})`);
}

/** A call that is still to be made. */
export function findWaitingCall(
	tx: TeamTx,
	id: string
): Promise<(WebhookCallRow & { attempts: number }) | undefined> {
	return tx.maybe(sql`
		select id, url, body, attempts from webhook_calls
		where team_id = ${tx.teamId} and id = ${id} and state = 'waiting'`);
}

export async function noteCall(
	tx: TeamTx,
	id: string,
	result: {
		state: 'waiting' | 'sent' | 'failed';
		status: number | null;
		problem: string | null;
		at: number;
	}
): Promise<void> {
	await tx.run(sql`
		update webhook_calls set state = ${result.state}, status = ${result.status},
			problem = ${result.problem}, attempts = attempts + 1, last_at = ${new Date(result.at)}
		where team_id = ${tx.teamId} and id = ${id}`);
}
