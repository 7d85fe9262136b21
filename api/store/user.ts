import type { Queries } from './db.ts';
import { sql } from './sql.ts';

export interface UserRow {
	id: string;
	email: string;
	firstName: string;
	lastName: string;
	avatar: string | null;
	isAutoReturn: boolean;
	/** The team that opens first; null: the one joined first. */
	defaultTeamId: string | null;
}

/** False where the email address is taken. Whoever is the install's first is its operator. */
export async function insertUser(
	q: Queries,
	user: Pick<UserRow, 'id' | 'email' | 'firstName' | 'lastName'> & { passwordHash: string }
): Promise<boolean> {
	const written = await q.run(sql`
		insert into users (id, email, password_hash, first_name, last_name, is_operator)
		values (${user.id}, ${user.email}, ${user.passwordHash}, ${user.firstName}, ${user.lastName},
			not exists (select from users))
		on conflict (email) do nothing`);
	return written === 1;
}

export function findUser(q: Queries, id: string): Promise<UserRow | undefined> {
	return q.maybe(sql`
		select id, email, first_name as "firstName", last_name as "lastName", avatar,
			is_auto_return as "isAutoReturn", default_team_id as "defaultTeamId"
		from users where id = ${id}`);
}

/** Whether the person made the install's first account, and so runs the server. */
export async function isOperator(q: Queries, id: string): Promise<boolean> {
	const row = await q.maybe(sql`select 1 from users where id = ${id} and is_operator`);
	return row !== undefined;
}

/** What a beat asks of a person: the setting, and the ids of their teams, the first joined first. */
export interface PersonRow {
	userId: string;
	isAutoReturn: boolean;
	teamIds: string[];
}

export const findPeople = (q: Queries, userIds: string[]): Promise<PersonRow[]> =>
	q.many(sql`
		select id as "userId", is_auto_return as "isAutoReturn",
			array(select teams_of_user(id)::text) as "teamIds"
		from users where id = any (${userIds}::uuid[])`);

export async function setAutoReturn(
	q: Queries,
	userId: string,
	isAutoReturn: boolean
): Promise<void> {
	await q.run(sql`update users set is_auto_return = ${isAutoReturn} where id = ${userId}`);
}

/** `email` in lower case, as the contract's Email gives it. */
export function findCredentials(
	q: Queries,
	email: string
): Promise<{ id: string; passwordHash: string } | undefined> {
	return q.maybe(sql`
		select id, password_hash as "passwordHash" from users where email = ${email}`);
}

/** Undefined where there is no such person. */
export async function findPasswordHash(q: Queries, id: string): Promise<string | undefined> {
	const row = await q.maybe<{ passwordHash: string }>(sql`
		select password_hash as "passwordHash" from users where id = ${id}`);
	return row?.passwordHash;
}

export async function savePasswordHash(
	q: Queries,
	id: string,
	passwordHash: string
): Promise<void> {
	await q.run(sql`update users set password_hash = ${passwordHash} where id = ${id}`);
}

export async function saveNames(
	q: Queries,
	id: string,
	{ firstName, lastName }: Pick<UserRow, 'firstName' | 'lastName'>
): Promise<void> {
	await q.run(sql`
		update users set first_name = ${firstName}, last_name = ${lastName} where id = ${id}`);
}

/** False where another person has the address. */
export async function saveEmail(q: Queries, id: string, email: string): Promise<boolean> {
	const written = await q.run(sql`
		update users set email = ${email} where id = ${id}
			and not exists (select from users u where u.email = ${email} and u.id <> ${id})`);
	return written === 1;
}

/** Returns the hash of the picture before. */
export async function saveUserAvatar(
	q: Queries,
	id: string,
	avatar: string | null
): Promise<string | null> {
	const row = await q.maybe<{ avatar: string | null }>(sql`
		with before as (select avatar from users where id = ${id} for update)
		update users set avatar = ${avatar} from before where id = ${id} returning before.avatar`);
	return row?.avatar ?? null;
}

export async function saveDefaultTeam(q: Queries, id: string, teamId: string): Promise<void> {
	await q.run(sql`update users set default_team_id = ${teamId} where id = ${id}`);
}

/** With everything that is the person's own, by cascade; not their memberships. */
export async function deleteUser(q: Queries, id: string): Promise<void> {
	await q.run(sql`delete from users where id = ${id}`);
}

/** Why somebody left, without who. */
export async function insertAccountDeletion(
	q: Queries,
	{ id, reason, at }: { id: string; reason: string; at: number }
): Promise<void> {
	await q.run(sql`
		insert into account_deletions (id, reason, at) values (${id}, ${reason}, ${new Date(at)})`);
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
