import type { TeamTx } from './db.ts';
import { sql } from './sql.ts';

export type RoleName = 'owner' | 'admin' | 'editor' | 'agent' | 'viewer';

export interface MembershipRow {
	role: RoleName;
	hasAllBots: boolean;
	/** The bots of the list; of no meaning where `hasAllBots`. */
	botIds: string[];
}

/** A member with the profile that colleagues see. */
export interface MemberRow {
	userId: string;
	email: string;
	firstName: string;
	lastName: string;
	avatar: string | null;
	role: RoleName;
	hasAllBots: boolean;
}

export async function insertMember(tx: TeamTx, userId: string, role: RoleName): Promise<void> {
	await tx.run(sql`
		insert into members (team_id, user_id, role) values (${tx.teamId}, ${userId}, ${role})`);
	tx.changed({ entity: 'member', id: userId });
}

export function findMembership(tx: TeamTx, userId: string): Promise<MembershipRow | undefined> {
	return tx.maybe(sql`
		select m.role, m.has_all_bots as "hasAllBots",
			array(
				select b.bot_id::text from member_bots b
				where b.team_id = m.team_id and b.user_id = m.user_id order by b.bot_id
			) as "botIds"
		from members m where m.team_id = ${tx.teamId} and m.user_id = ${userId}`);
}

/** Everybody in the team, the first joined first. */
export function membersOfTeam(tx: TeamTx): Promise<MemberRow[]> {
	return tx.many(sql`
		select u.id as "userId", u.email, u.first_name as "firstName", u.last_name as "lastName",
			u.avatar, m.role, m.has_all_bots as "hasAllBots"
		from members m join users u on u.id = m.user_id
		where m.team_id = ${tx.teamId} order by m.joined_at, m.user_id`);
}
