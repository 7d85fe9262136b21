import type { Permission, Role } from '#contract/entities.ts';
import type { TeamTx } from './db.ts';
import { type Sql, sql } from './sql.ts';

export type RoleName = Role;

/** What somebody may do in a team. */
export interface Grant {
	role: RoleName;
	/** Of a custom role. */
	roleId: string | null;
	/** Null: all bots, also those to come. */
	botIds: readonly string[] | null;
}

export interface MembershipRow {
	role: RoleName;
	roleId: string | null;
	roleName: string | null;
	/** Of a custom role. */
	customPermissions: Permission[] | null;
	hasAllBots: boolean;
	/** The bots of the list; of no meaning where `hasAllBots`. */
	botIds: string[];
}

/** A member with the profile that colleagues see. */
export interface MemberRow extends MembershipRow {
	userId: string;
	email: string;
	firstName: string;
	lastName: string;
	avatar: string | null;
	/** Milliseconds since 1970. */
	joinedAt: number;
}

const membership = sql`m.role, m.role_id as "roleId", r.name as "roleName",
	r.permissions as "customPermissions", m.has_all_bots as "hasAllBots",
	array(
		select b.bot_id::text from member_bots b
		where b.team_id = m.team_id and b.user_id = m.user_id order by b.bot_id
	) as "botIds"`;
const joinRole = sql`left join roles r on r.team_id = m.team_id and r.id = m.role_id`;

const selectMembers = (tx: TeamTx, where: Sql) => sql`
	select u.id as "userId", u.email, u.first_name as "firstName", u.last_name as "lastName",
		u.avatar, m.joined_at as "joinedAt", ${membership}
	from members m join users u on u.id = m.user_id ${joinRole}
	where m.team_id = ${tx.teamId} and ${where} order by m.joined_at, m.user_id`;

async function writeBots(
	tx: TeamTx,
	userId: string,
	botIds: readonly string[] | null
): Promise<void> {
	await tx.run(sql`
		delete from member_bots where team_id = ${tx.teamId} and user_id = ${userId}`);
	if (botIds === null || botIds.length === 0) return;
	await tx.run(sql`
		insert into member_bots (team_id, user_id, bot_id)
		select team_id, ${userId}::uuid, id from bots
		where team_id = ${tx.teamId} and id = any(${botIds}::uuid[])`);
}

export async function insertMember(
	tx: TeamTx,
	userId: string,
	role: RoleName,
	{ roleId, botIds }: Pick<Grant, 'roleId' | 'botIds'> = { roleId: null, botIds: null }
): Promise<void> {
	await tx.run(sql`
		insert into members (team_id, user_id, role, role_id, has_all_bots)
		values (${tx.teamId}, ${userId}, ${role}, ${roleId}, ${botIds === null})`);
	if (botIds !== null) await writeBots(tx, userId, botIds);
	tx.changed({ entity: 'member', id: userId });
}

/** The change names its owner: what the member may see is another thing from then on. */
export async function updateMember(tx: TeamTx, userId: string, grant: Grant): Promise<void> {
	const { role, roleId, botIds } = grant;
	await tx.run(sql`
		update members set role = ${role}, role_id = ${roleId}, has_all_bots = ${botIds === null}
		where team_id = ${tx.teamId} and user_id = ${userId}`);
	await writeBots(tx, userId, botIds);
	tx.changed({ entity: 'member', id: userId, ownerId: userId });
}

/** Adds a bot to a member's list, where the member has one. */
export async function addMemberBot(tx: TeamTx, userId: string, botId: string): Promise<void> {
	await tx.run(sql`
		insert into member_bots (team_id, user_id, bot_id)
		select team_id, user_id, ${botId}::uuid from members
		where team_id = ${tx.teamId} and user_id = ${userId} and not has_all_bots`);
}

/** With everything that is kept about them in the team, but for what they wrote and the audit log. */
export async function deleteMember(tx: TeamTx, userId: string): Promise<void> {
	const theirs = sql`team_id = ${tx.teamId} and user_id = ${userId}`;
	for (const table of [
		...[sql`reads`, sql`mutations`, sql`presence_ledger`],
		...[sql`notification_deliveries`, sql`sightings`, sql`snoozes`],
		// Last: bots, presence and the like go with it by cascade.
		sql`members`
	])
		await tx.run(sql`delete from ${table} where ${theirs}`);
	tx.changed({ entity: 'member', id: userId, ownerId: userId, op: 'delete' });
}

/** Held until the transaction ends, so that two owners cannot both leave. */
export async function countOwners(tx: TeamTx, { without }: { without: string }): Promise<number> {
	const owners = await tx.many<{ id: string }>(sql`
		select user_id as id from members where team_id = ${tx.teamId} and role = 'owner'
		order by user_id for update`);
	return owners.filter(({ id }) => id !== without).length;
}

/** Who has a custom role. */
export async function membersOfRole(tx: TeamTx, roleId: string): Promise<string[]> {
	const rows = await tx.many<{ id: string }>(sql`
		select user_id as id from members where team_id = ${tx.teamId} and role_id = ${roleId}`);
	return rows.map((row) => row.id);
}

export function findMembership(tx: TeamTx, userId: string): Promise<MembershipRow | undefined> {
	return tx.maybe(sql`
		select ${membership} from members m ${joinRole}
		where m.team_id = ${tx.teamId} and m.user_id = ${userId}`);
}

export function findMember(tx: TeamTx, userId: string): Promise<MemberRow | undefined> {
	return tx.maybe(selectMembers(tx, sql`m.user_id = ${userId}`));
}

/** Everybody in the team, the first joined first. */
export function membersOfTeam(tx: TeamTx): Promise<MemberRow[]> {
	return tx.many(selectMembers(tx, sql`true`));
}
