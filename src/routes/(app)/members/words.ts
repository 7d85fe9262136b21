import type { Bot } from '#contract/entities.ts';
import type { CustomRole, Invitation } from '#contract/members.ts';
import { ROLE_NAMES } from '$lib/components/role.ts';
import type { Grant } from '$lib/state/members.svelte.ts';
import { span } from '$lib/ui/time.ts';

export const roleWord = ({ role, roleId }: Grant, roles: readonly CustomRole[]): string =>
	roles.find(({ id }) => id === roleId)?.name ?? ROLE_NAMES[role];

export function botsWord({ botIds }: Grant, bots: readonly Bot[]): string {
	if (botIds === null) return 'All bots';
	if (botIds.length !== 1) return botIds.length === 0 ? 'No bots' : `${botIds.length} bots`;
	return bots.find(({ id }) => id === botIds[0])?.name ?? '1 bot';
}

export const expiryWord = ({ expiresAt }: Invitation, now: number): string =>
	expiresAt <= now ? `Expired ${span(now - expiresAt)} ago` : `Expires in ${span(expiresAt - now)}`;
