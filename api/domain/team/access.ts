import { Permission } from '#contract/entities.ts';
import type { TeamTx } from '../../store/db.ts';
import { findMembership, type RoleName } from '../../store/member.ts';
import { DomainError } from '../errors.ts';

export interface MemberAccess {
	userId: string;
	role: RoleName;
	/** Of a custom role. */
	roleName?: string | null;
	permissions: ReadonlySet<Permission>;
	/** The bots whose conversations the member may see. */
	botIds: 'all' | readonly string[];
}

const everything: ReadonlySet<Permission> = new Set(Permission.options);
const PERMISSIONS: Record<Exclude<RoleName, 'custom'>, ReadonlySet<Permission>> = {
	owner: everything,
	admin: everything,
	editor: new Set(['bot.manage', 'chat.view']),
	agent: new Set(['chat.handle', 'chat.view']),
	viewer: new Set(['chat.view'])
};

/** What a role may do; `custom`: the permissions that a custom role is made of. */
export const permissionsOf = (
	role: RoleName,
	custom: readonly Permission[] | null = null
): ReadonlySet<Permission> => (role === 'custom' ? new Set(custom) : PERMISSIONS[role]);

/** What the person may do in the transaction's team. A stranger is not told that the team exists. */
export async function requireMember(tx: TeamTx, userId: string): Promise<MemberAccess> {
	const access = await findAccess(tx, userId);
	if (access) return access;
	throw new DomainError('not_found', 'There is no such team, or you are not in it.', {
		remedy: 'Choose another team.'
	});
}

/** The same; undefined for a stranger. */
export async function findAccess(tx: TeamTx, userId: string): Promise<MemberAccess | undefined> {
	const member = await findMembership(tx, userId);
	if (!member) return undefined;
	const { role, roleName, customPermissions, hasAllBots, botIds } = member;
	const permissions = permissionsOf(role, customPermissions);
	return { userId, role, roleName, permissions, botIds: hasAllBots ? 'all' : botIds };
}

/** Throws `forbidden` where the member's role does not include the permission. */
export function requirePermission(access: MemberAccess, permission: Permission): void {
	if (access.permissions.has(permission)) return;
	throw new DomainError('forbidden', `Your role does not allow this (${permission}).`, {
		remedy: 'Ask an owner or admin of the team.'
	});
}

/** For what no role but the owner's may do. */
export function requireOwner(access: MemberAccess): void {
	if (access.role === 'owner') return;
	throw new DomainError('forbidden', 'Only an owner of the team may do this.', {
		remedy: 'Ask an owner of the team.'
	});
}

/** Whether the member may see conversations of the bot. */
export const canSeeBot = (access: MemberAccess, botId: string): boolean =>
	access.botIds === 'all' || access.botIds.includes(botId);
