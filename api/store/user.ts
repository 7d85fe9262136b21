import type { Queries } from './db.ts';
import { sql } from './sql.ts';

export interface UserRow {
	id: string;
	email: string;
	firstName: string;
	lastName: string;
	avatar: string | null;
	isAutoReturn: boolean;
}

/** False where the email address is taken. */
export async function insertUser(
	q: Queries,
	user: Pick<UserRow, 'id' | 'email' | 'firstName' | 'lastName'> & { passwordHash: string }
): Promise<boolean> {
	const written = await q.run(sql`
		insert into users (id, email, password_hash, first_name, last_name)
		values (${user.id}, ${user.email}, ${user.passwordHash}, ${user.firstName}, ${user.lastName})
		on conflict (email) do nothing`);
	return written === 1;
}

export function findUser(q: Queries, id: string): Promise<UserRow | undefined> {
	return q.maybe(sql`
		select id, email, first_name as "firstName", last_name as "lastName", avatar,
			is_auto_return as "isAutoReturn"
		from users where id = ${id}`);
}

/** `email` in lower case, as the contract's Email gives it. */
export function findCredentials(
	q: Queries,
	email: string
): Promise<{ id: string; passwordHash: string } | undefined> {
	return q.maybe(sql`
		select id, password_hash as "passwordHash" from users where email = ${email}`);
}

/** Name and picture of people, whether or not they are still in the team. */
export async function facesOf(
	q: Queries,
	userIds: readonly string[]
): Promise<{ userId: string; firstName: string; lastName: string; avatar: string | null }[]> {
	if (userIds.length === 0) return [];
	return q.many(sql`
		select id as "userId", first_name as "firstName", last_name as "lastName", avatar
		from users where id = any(${userIds}::uuid[])`);
}
