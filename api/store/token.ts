import type { Queries } from './db.ts';
import { sql } from './sql.ts';

/** The owner link; a question to any passkey; one to a person who adds a passkey; a link for a new password. */
export type TokenPurpose = 'owner' | 'passkey' | `passkey of ${string}` | `password of ${string}`;

/** Only the digest of a one-time token is kept. `expiresAt`: milliseconds since 1970. */
export async function insertToken(
	q: Queries,
	token: { digest: Buffer; purpose: TokenPurpose; expiresAt: number }
): Promise<void> {
	await q.run(sql`
		insert into one_time_tokens (digest, purpose, expires_at)
		values (${token.digest}, ${token.purpose}, ${new Date(token.expiresAt)})`);
}

/** Nobody asks for these any more. `now`: milliseconds since 1970. */
export async function deleteExpiredTokens(q: Queries, now: number): Promise<void> {
	await q.run(sql`delete from one_time_tokens where expires_at <= ${new Date(now)}`);
}

/** Takes a token that is still valid: true once. */
export async function takeToken(
	q: Queries,
	token: { digest: Buffer; purpose: TokenPurpose; now: number }
): Promise<boolean> {
	const taken = await q.run(sql`
		delete from one_time_tokens where digest = ${token.digest}
			and purpose = ${token.purpose} and expires_at > ${new Date(token.now)}`);
	return taken === 1;
}

/** Whether a token would be taken, without taking it. */
export async function hasToken(
	q: Queries,
	token: { digest: Buffer; purpose: TokenPurpose; now: number }
): Promise<boolean> {
	const row = await q.maybe(sql`
		select 1 from one_time_tokens where digest = ${token.digest}
			and purpose = ${token.purpose} and expires_at > ${new Date(token.now)}`);
	return row !== undefined;
}

/** Whose new password a link is for that is still valid; does not take it. */
export async function ownerOfReset(
	q: Queries,
	{ digest, now }: { digest: Buffer; now: number }
): Promise<string | undefined> {
	const row = await q.maybe<{ userId: string }>(sql`
		select split_part(purpose, ' of ', 2) as "userId" from one_time_tokens
		where digest = ${digest} and purpose like 'password of %' and expires_at > ${new Date(now)}`);
	return row?.userId;
}

/** Links for a new password that were sent to the person open nothing any more. */
export async function deleteResets(q: Queries, userId: string): Promise<void> {
	const purpose: TokenPurpose = `password of ${userId}`;
	await q.run(sql`delete from one_time_tokens where purpose = ${purpose}`);
}
