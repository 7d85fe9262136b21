import * as z from 'zod/mini';
import { Id, Timestamp } from './ids.ts';

export const AuditAction = z.enum([
	'team.created',
	'team.changed',
	'role.created',
	'role.changed',
	'role.deleted',
	'member.joined',
	'member.changed',
	'member.removed',
	'member.left',
	'member.renamed',
	'member.picture_changed',
	'member.email_changed',
	'member.offline_set',
	'owner.transferred',
	'account.password_changed',
	'account.password_reset',
	'account.email_change_asked',
	'account.email_change_cancelled',
	'account.passkey_added',
	'account.passkey_renamed',
	'account.passkey_removed',
	'account.sessions_ended',
	'account.deleted',
	'invitation.sent',
	'invitation.resent',
	'invitation.cancelled',
	'invitation.declined',
	'bot.created',
	'bot.changed',
	'bot.deleted',
	'notifications.changed',
	'hours.changed',
	'leases.changed'
]);
export type AuditAction = z.infer<typeof AuditAction>;

/** Who did what to whom or what, when, and from where. Names are those of that time. */
export const AuditEntry = z.object({
	id: Id,
	at: Timestamp,
	/** Null: the server itself. */
	actorId: z.nullable(Id),
	actorName: z.string(),
	action: AuditAction,
	subjectId: z.nullable(Id),
	subjectName: z.nullable(z.string()),
	/** What it was changed to, by field. */
	details: z.record(z.string(), z.unknown()),
	/** The address it came from; of IPv6 the network. */
	address: z.string()
});
export type AuditEntry = z.infer<typeof AuditEntry>;

const millis = z.string().check(z.regex(/^\d{1,14}$/, 'must be milliseconds since 1970'));

/** `before`: the id of the last entry of the page before. `until` is exclusive. */
export const AuditQuery = z.strictObject({
	team: Id,
	actor: z.optional(Id),
	action: z.optional(AuditAction),
	from: z.optional(millis),
	until: z.optional(millis),
	before: z.optional(Id)
});
export type AuditQuery = z.infer<typeof AuditQuery>;
export const AuditResponse = z.object({ entries: z.array(AuditEntry), hasMore: z.boolean() });
