import type { Queries } from './db.ts';
import { sql } from './sql.ts';

export interface EmailChange {
	userId: string;
	email: string;
	/** Milliseconds since 1970. */
	expiresAt: number;
}

/** A person has one at a time: a new one takes the place of the one before. */
export async function saveEmailChange(
	q: Queries,
	{ userId, email, expiresAt, digest }: EmailChange & { digest: Buffer }
): Promise<void> {
	await q.run(sql`
		insert into email_changes (user_id, email, digest, expires_at)
		values (${userId}, ${email}, ${digest}, ${new Date(expiresAt)})
		on conflict (user_id) do update set email = excluded.email, digest = excluded.digest,
			expires_at = excluded.expires_at`);
}

const columns = sql`user_id as "userId", email, expires_at as "expiresAt"`;

export const findEmailChange = (q: Queries, userId: string): Promise<EmailChange | undefined> =>
	q.maybe(sql`select ${columns} from email_changes where user_id = ${userId}`);

/** Takes the change that the token belongs to: there once. */
export const takeEmailChange = (q: Queries, digest: Buffer): Promise<EmailChange | undefined> =>
	q.maybe(sql`delete from email_changes where digest = ${digest} returning ${columns}`);

/** False where the person has none. */
export async function deleteEmailChange(q: Queries, userId: string): Promise<boolean> {
	return (await q.run(sql`delete from email_changes where user_id = ${userId}`)) > 0;
}
