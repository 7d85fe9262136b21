import type { EndedSessions } from '../domain/account/end-sessions.ts';
import type { HttpDeps } from './deps.ts';

/**
 * After sessions of a person have ended: every process is told, their streams close, and what their devices had
 * proved counts no more.
 */
export async function forgetEnded(
	{ sessions, presence }: Pick<HttpDeps, 'sessions' | 'presence'>,
	userId: string,
	{ digests, deviceIds }: EndedSessions
): Promise<void> {
	for (const digest of digests) sessions.revoke(digest);
	for (const id of deviceIds) await presence.forgetDevice(userId, id);
}
