import type { Queries, TeamTx } from './db.ts';
import type { Grant } from './member.ts';
import { sql } from './sql.ts';

export type InvitationState = 'pending' | 'accepted' | 'declined' | 'cancelled';

export interface InvitationRow extends Grant {
	id: string;
	email: string;
	state: InvitationState;
	invitedBy: string;
	/** Milliseconds since 1970. */
	createdAt: number;
	expiresAt: number;
}

const columns = sql`id, email, role, role_id as "roleId", bot_ids::text[] as "botIds", state,
	invited_by as "invitedBy", created_at as "createdAt", expires_at as "expiresAt"`;

/** False where the address has a pending one already. `digest`: of the token in the mail. */
export async function insertInvitation(
	tx: TeamTx,
	invitation: Omit<InvitationRow, 'state'> & { digest: Buffer }
): Promise<boolean> {
	const { id, email, role, roleId, botIds, invitedBy, createdAt, expiresAt, digest } = invitation;
	const written = await tx.run(sql`
		insert into invitations (team_id, id, email, role, role_id, bot_ids, digest, invited_by,
			created_at, expires_at)
		values (${tx.teamId}, ${id}, ${email}, ${role}, ${roleId}, ${botIds}::uuid[], ${digest},
			${invitedBy}, ${new Date(createdAt)}, ${new Date(expiresAt)})
		on conflict do nothing`);
	return written === 1;
}

/** A link of its own for the newest mail: the one before opens nothing any more. */
export async function renewInvitation(
	tx: TeamTx,
	id: string,
	{ digest, expiresAt }: { digest: Buffer; expiresAt: number }
): Promise<void> {
	await tx.run(sql`
		update invitations set digest = ${digest}, expires_at = ${new Date(expiresAt)}
		where team_id = ${tx.teamId} and id = ${id}`);
}

export async function endInvitation(
	tx: TeamTx,
	id: string,
	state: Exclude<InvitationState, 'pending'>
): Promise<void> {
	await tx.run(sql`
		update invitations set state = ${state} where team_id = ${tx.teamId} and id = ${id}`);
}

/** Held until the transaction ends, so that it is answered once. */
export const lockInvitation = (tx: TeamTx, id: string): Promise<InvitationRow | undefined> =>
	tx.maybe(sql`
		select ${columns} from invitations where team_id = ${tx.teamId} and id = ${id} for update`);

/** The same by the token's digest. */
export const lockInvitationOf = (tx: TeamTx, digest: Buffer): Promise<InvitationRow | undefined> =>
	tx.maybe(sql`
		select ${columns} from invitations
		where team_id = ${tx.teamId} and digest = ${digest} for update`);

/** Those that nobody has answered, the newest first. */
export const pendingInvitations = (tx: TeamTx): Promise<InvitationRow[]> =>
	tx.many(sql`
		select ${columns} from invitations where team_id = ${tx.teamId} and state = 'pending'
		order by created_at desc, id desc`);

export async function teamOfInvitation(q: Queries, digest: Buffer): Promise<string | undefined> {
	const row = await q.maybe<{ id: string | null }>(sql`
		select team_of_invitation(${digest}) as id`);
	return row?.id ?? undefined;
}
