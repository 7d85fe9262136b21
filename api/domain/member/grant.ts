import type { Permission } from '#contract/entities.ts';
import { botsOfTeam } from '../../store/bot.ts';
import type { TeamTx } from '../../store/db.ts';
import type { Grant, MemberRow } from '../../store/member.ts';
import { findRole } from '../../store/role.ts';
import { DomainError } from '../errors.ts';
import { noRole } from '../role/delete.ts';
import {
	canSeeBot,
	type MemberAccess,
	permissionsOf,
	requireOwner,
	requirePermission
} from '../team/access.ts';

const invalid = (field: string, message: string, remedy: string) =>
	new DomainError('invalid', message, { field, remedy });

/** Throws unless the giver has all that they give: permissions, bots, ownership. */
export async function requireGrantable(
	tx: TeamTx,
	giver: MemberAccess,
	grant: Grant
): Promise<void> {
	if (grant.role === 'owner') {
		requireOwner(giver);
		if (grant.botIds !== null)
			throw invalid('botIds', 'An owner has access to all bots.', 'Give access to all bots.');
	}
	for (const permission of await permissionsIn(tx, grant)) requirePermission(giver, permission);
	await requireBots(tx, giver, grant.botIds);
}

async function permissionsIn(tx: TeamTx, { role, roleId }: Grant): Promise<Iterable<Permission>> {
	if ((role === 'custom') !== (roleId !== null))
		throw invalid(
			'roleId',
			'A custom role goes with its id, and no other role does.',
			'Choose the role again.'
		);
	if (roleId === null) return permissionsOf(role);
	const custom = await findRole(tx, roleId);
	if (!custom) throw noRole();
	return custom.permissions;
}

async function requireBots(
	tx: TeamTx,
	giver: MemberAccess,
	botIds: Grant['botIds']
): Promise<void> {
	if (botIds === null) {
		if (giver.botIds === 'all') return;
		throw new DomainError('forbidden', 'You have no access to all bots yourself.', {
			field: 'botIds',
			remedy: 'Choose among your bots.'
		});
	}
	const known = new Set((await botsOfTeam(tx)).map((bot) => bot.id));
	if (botIds.every((id) => known.has(id) && canSeeBot(giver, id))) return;
	throw invalid('botIds', 'One of these bots is not there.', 'Choose among the bots of the list.');
}

/** Throws unless the giver has at least what the member has: nobody rules over those above them. */
export function requireAbove(giver: MemberAccess, member: MemberRow): void {
	if (member.role === 'owner') requireOwner(giver);
	for (const permission of permissionsOf(member.role, member.customPermissions))
		requirePermission(giver, permission);
}
