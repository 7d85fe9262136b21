import type { Invitation, MemberRow } from '#contract/members.ts';

/** What has been asked for on the page and is not done yet. */
export type Question =
	| { kind: 'invite' }
	| { kind: 'change'; member: MemberRow }
	| { kind: 'transfer'; member: MemberRow }
	| { kind: 'remove'; member: MemberRow }
	| { kind: 'cancel'; invitation: Invitation };
