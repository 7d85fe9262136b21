import { savePasswordHash } from '../../store/user.ts';
import type { AgentCtx } from '../context.ts';
import { type EndedSessions, endSessions } from './end-sessions.ts';
import { hashPassword, refuseCommonPassword } from './password.ts';
import { requireUser } from './profile.ts';
import { requirePassword } from './require-password.ts';

/** Takes the current password for a new one, and ends every other session: it may not be the person's. */
export async function changePassword(
	ctx: AgentCtx,
	{ current, password }: { current: string; password: string }
): Promise<EndedSessions> {
	await requirePassword(ctx, current, 'current');
	const { id, email } = await requireUser(ctx);
	refuseCommonPassword(password, email);
	await savePasswordHash(ctx.db.person, id, await hashPassword(password));
	return endSessions(ctx, { id: null });
}
