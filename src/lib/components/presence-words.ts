import type { PresenceState } from '$lib/state/presence.svelte.ts';

export const PRESENCE_WORDS: Record<PresenceState['status'], string> = {
	online: 'Online',
	offline: 'Offline',
	checking: 'Checking',
	'not connected': 'Not connected'
};

/** Offline without having asked for it, and so told with a way back. */
export const isTakenOffline = ({
	status,
	cause
}: Pick<PresenceState, 'status' | 'cause'>): boolean =>
	status === 'offline' && (cause === 'heartbeat lost' || cause === 'set by admin');

/** The dot of a status; only what the server has proved is green. */
export function dotOf(status: PresenceState['status']): 'online' | 'offline' | 'checking' {
	return status === 'online' || status === 'offline' ? status : 'checking';
}
