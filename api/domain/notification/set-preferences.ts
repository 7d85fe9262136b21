import type { NotificationPreferences } from '#contract/push.ts';
import { savePreferences } from '../../store/push-preference.ts';
import type { AgentCtx } from '../context.ts';
import { ringsChanged } from '../presence/note-reach.ts';

/** The signed-in person's own switches. */
export async function setPreferences(
	ctx: AgentCtx,
	preferences: NotificationPreferences
): Promise<NotificationPreferences> {
	await savePreferences(ctx.db.person, ctx.actor.userId, preferences);
	await ringsChanged(ctx, ctx.actor.userId);
	return preferences;
}
