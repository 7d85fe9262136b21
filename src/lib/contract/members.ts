import * as z from 'zod/mini';
import { Email, Name, NewPassword } from './auth.ts';
import { Permission, Presence, Role } from './entities.ts';
import { Id, Timestamp } from './ids.ts';
import { LIMITS } from './limits.ts';
import { Reach } from './presence.ts';

/** What somebody may do in a team: a role, with `roleId` a custom one, and the bots (null: all). */
const grant = {
	role: Role,
	roleId: z.nullable(Id),
	botIds: z.nullable(z.array(Id).check(z.maxLength(LIMITS.botsPerMember)))
};
const RoleName = z.string().check(z.trim(), z.minLength(1), z.maxLength(LIMITS.roleName));

export const TeamQuery = z.strictObject({ team: Id });
export const CreateTeamRequest = z.strictObject({
	name: z.string().check(z.trim(), z.minLength(1), z.maxLength(LIMITS.name))
});
export const TeamRequest = z.strictObject({ teamId: Id });

/** A role that a team made of permissions. */
export const CustomRole = z.object({ id: Id, name: z.string(), permissions: z.array(Permission) });
export type CustomRole = z.infer<typeof CustomRole>;
export const RolesResponse = z.object({ roles: z.array(CustomRole) });
export const SaveRoleRequest = z.strictObject({
	teamId: Id,
	id: Id,
	name: RoleName,
	permissions: z.array(Permission).check(z.minLength(1), z.maxLength(Permission.options.length))
});
export const RoleRequest = z.strictObject({ teamId: Id, id: Id });

export const MemberRow = z.object({
	userId: Id,
	name: z.string(),
	email: z.string(),
	avatar: z.nullable(z.string()),
	...grant,
	joinedAt: Timestamp,
	presence: Presence,
	reach: z.optional(Reach),
	/** Is `reachable`: for apps that know no more. */
	isReachable: z.boolean()
});
export type MemberRow = z.infer<typeof MemberRow>;
export const Invitation = z.object({
	id: Id,
	email: z.string(),
	...grant,
	/** Only those that can still be answered, resent or cancelled are listed. */
	isExpired: z.boolean(),
	createdAt: Timestamp,
	expiresAt: Timestamp
});
export type Invitation = z.infer<typeof Invitation>;
export const MembersResponse = z.object({
	members: z.array(MemberRow),
	invitations: z.array(Invitation)
});

export const UpdateMemberRequest = z.strictObject({ teamId: Id, userId: Id, ...grant });
export const MemberRequest = z.strictObject({ teamId: Id, userId: Id });

export const InviteRequest = z.strictObject({ teamId: Id, id: Id, email: Email, ...grant });
export const InvitationRequest = z.strictObject({ teamId: Id, id: Id });

/** What an invitation's link opens. `hasAccount`: sign in to accept it; else choose a password. */
export const ShownInvitation = z.object({
	teamName: z.string(),
	inviterName: z.string(),
	email: z.string(),
	role: Role,
	roleName: z.nullable(z.string()),
	hasAccount: z.boolean(),
	expiresAt: Timestamp
});
export type ShownInvitation = z.infer<typeof ShownInvitation>;
export const JoinRequest = z.strictObject({
	token: z.string().check(z.minLength(20), z.maxLength(200)),
	firstName: Name,
	lastName: Name,
	password: NewPassword
});

/** A mail that no mail server has taken. */
export const Mail = z.object({
	id: Id,
	recipient: z.string(),
	subject: z.string(),
	text: z.string(),
	/** `waiting`: is being sent; `kept`: there is no mail server; `failed`: it was refused, or nobody took it for half a day. */
	state: z.enum(['waiting', 'kept', 'failed']),
	problem: z.nullable(z.string()),
	createdAt: Timestamp
});
export type Mail = z.infer<typeof Mail>;
export const MailsResponse = z.object({ isMailServerSet: z.boolean(), mails: z.array(Mail) });
