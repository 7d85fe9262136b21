import type { CustomRole } from '#contract/members.ts';
import type { TeamTx } from './db.ts';
import { sql } from './sql.ts';

/** The roles that the team has made, the first made first. */
export const rolesOfTeam = (tx: TeamTx): Promise<CustomRole[]> =>
	tx.many(sql`
		select id, name, permissions from roles
		where team_id = ${tx.teamId} order by created_at, id`);

export const findRole = (tx: TeamTx, id: string): Promise<CustomRole | undefined> =>
	tx.maybe(sql`
		select id, name, permissions from roles where team_id = ${tx.teamId} and id = ${id}`);

/** Makes the role, or changes it. */
export async function saveRole(tx: TeamTx, { id, name, permissions }: CustomRole): Promise<void> {
	await tx.run(sql`
		insert into roles (team_id, id, name, permissions)
		values (${tx.teamId}, ${id}, ${name}, ${permissions}::text[])
		on conflict (team_id, id) do update set name = excluded.name,
			permissions = excluded.permissions`);
}

/** False where a member or an open invitation has it. */
export async function deleteRole(tx: TeamTx, id: string): Promise<boolean> {
	await tx.run(sql`
		delete from invitations
		where team_id = ${tx.teamId} and role_id = ${id} and state <> 'pending'`);
	const written = await tx.run(sql`
		delete from roles r where team_id = ${tx.teamId} and id = ${id}
			and not exists (select from members m where m.team_id = r.team_id and m.role_id = r.id)
			and not exists (select from invitations i where i.team_id = r.team_id and i.role_id = r.id)`);
	return written === 1;
}
