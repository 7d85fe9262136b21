import type { CustomRole, Invitation, MemberRow } from '#contract/members.ts';
import { reachWord } from '$lib/components/presence-reach.ts';
import { PRESENCE_WORDS } from '$lib/components/presence-words.ts';
import { ROLE_NAMES } from '$lib/components/role.ts';
import type { Grant } from '$lib/state/members.svelte.ts';
import { span } from '$lib/ui/time.ts';

export const roleWord = ({ role, roleId }: Grant, roles: readonly CustomRole[]): string =>
	roles.find(({ id }) => id === roleId)?.name ?? ROLE_NAMES[role];

/** Whether a ring reaches the member while offline. */
export const ringWord = ({ reach, isReachable, presence }: MemberRow): string =>
	reachWord(reach ?? (isReachable ? 'reachable' : 'no'), presence.status !== 'offline');

export const presenceWord = ({ presence: { status }, reach }: MemberRow): string =>
	status === 'offline' && reach === 'reachable' ? 'Reachable' : PRESENCE_WORDS[status];

export const expiryWord = ({ expiresAt }: Invitation, now: number): string =>
	expiresAt <= now ? `Expired ${span(now - expiresAt)} ago` : `Expires in ${span(expiresAt - now)}`;
