import type { NotificationPreferences, PushDevice } from '#contract/push.ts';
import { findPreferences } from '../../store/push-preference.ts';
import { listPushDevices } from '../../store/push-subscription.ts';
import type { AgentCtx } from '../context.ts';
import { DEFAULT_PREFERENCES } from './preferences.ts';

/** The signed-in person's own devices, with their last proofs, and switches. */
export async function readState(
	ctx: AgentCtx
): Promise<{ devices: PushDevice[]; preferences: NotificationPreferences }> {
	const { userId } = ctx.actor;
	const devices = await listPushDevices(ctx.db.person, userId);
	const preferences = await findPreferences(ctx.db.person, userId);
	return { devices, preferences: preferences ?? DEFAULT_PREFERENCES };
}
