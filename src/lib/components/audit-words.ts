import type { AuditAction } from '#contract/audit.ts';

/** What each deed is called in the log. */
export const AUDIT_WORDS: Record<AuditAction, string> = {
	'team.created': 'Team created',
	'team.changed': 'Team changed',
	'role.created': 'Role created',
	'role.changed': 'Role changed',
	'role.deleted': 'Role deleted',
	'member.joined': 'Joined the team',
	'member.changed': 'Role or bots changed',
	'member.removed': 'Removed from the team',
	'member.left': 'Left the team',
	'member.renamed': 'Name changed',
	'member.picture_changed': 'Picture changed',
	'member.email_changed': 'Email address changed',
	'owner.transferred': 'Ownership transferred',
	'invitation.sent': 'Invited',
	'invitation.resent': 'Invited again',
	'invitation.cancelled': 'Invitation cancelled',
	'invitation.declined': 'Invitation declined',
	'bot.created': 'Bot created',
	'bot.changed': 'Bot changed',
	'bot.deleted': 'Bot deleted'
};
