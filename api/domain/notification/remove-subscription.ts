import { deleteSubscription } from '../../store/push-subscription.ts';
import type { AgentCtx } from '../context.ts';

/** Ends the pushes to one of the person's own devices; without effect where there is none. */
export async function removeSubscription(
	ctx: AgentCtx,
	{ deviceId }: { deviceId: string }
): Promise<void> {
	await deleteSubscription(ctx.db.person, ctx.actor.userId, deviceId);
}
