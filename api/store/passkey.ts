import type { Passkey } from '#contract/profile.ts';
import type { Queries } from './db.ts';
import { sql } from './sql.ts';

export interface PasskeyRow {
	/** The credential's, base64url. */
	id: string;
	userId: string;
	/** COSE. */
	publicKey: Buffer;
	/** Of its signatures; stays 0 where a key is shared between devices. */
	counter: number;
	transports: string[];
}

/** False where the key is registered, whoever has it. `at`: milliseconds since 1970. */
export async function insertPasskey(
	q: Queries,
	key: PasskeyRow & { name: string; at: number }
): Promise<boolean> {
	const { id, userId, name, publicKey, counter, transports, at } = key;
	const written = await q.run(sql`
		insert into passkeys (id, user_id, name, public_key, counter, transports, created_at)
		values (${id}, ${userId}, ${name}, ${publicKey}, ${counter}, ${transports}::text[],
			${new Date(at)})
		on conflict do nothing`);
	return written === 1;
}

export const findPasskey = (q: Queries, id: string): Promise<PasskeyRow | undefined> =>
	q.maybe(sql`
		select id, user_id as "userId", public_key as "publicKey", counter, transports
		from passkeys where id = ${id}`);

/** The person's keys, the first added first. */
export const passkeysOf = (
	q: Queries,
	userId: string
): Promise<(Passkey & { transports: string[] })[]> =>
	q.many(sql`
		select id, name, transports, created_at as "createdAt", last_used_at as "lastUsedAt"
		from passkeys where user_id = ${userId} order by created_at, id`);

export async function notePasskeyUse(
	q: Queries,
	id: string,
	{ counter, at }: { counter: number; at: number }
): Promise<void> {
	await q.run(sql`
		update passkeys set counter = ${counter}, last_used_at = ${new Date(at)} where id = ${id}`);
}

/** False where the person has no such key. */
export async function renamePasskey(
	q: Queries,
	{ id, userId, name }: { id: string; userId: string; name: string }
): Promise<boolean> {
	const written = await q.run(sql`
		update passkeys set name = ${name} where id = ${id} and user_id = ${userId}`);
	return written === 1;
}

/** Returns the key's name; undefined where the person has no such key. */
export async function deletePasskey(
	q: Queries,
	{ id, userId }: { id: string; userId: string }
): Promise<string | undefined> {
	const row = await q.maybe<{ name: string }>(sql`
		delete from passkeys where id = ${id} and user_id = ${userId} returning name`);
	return row?.name;
}
