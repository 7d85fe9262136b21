import { setStopped } from '../../store/device.ts';
import { deleteSubscription } from '../../store/push-subscription.ts';
import type { AgentCtx } from '../context.ts';
import { ringsChanged } from '../presence/note-reach.ts';

/**
 * Ends the pushes to one of the person's own devices until they enable them on it: its browser still holds what it
 * registered, and its next open does not bring it back. Without effect on what is not theirs.
 */
export async function removeSubscription(
	ctx: AgentCtx,
	{ deviceId }: { deviceId: string }
): Promise<void> {
	const { userId } = ctx.actor;
	await ctx.db.personTx(async (tx) => {
		// First, so that an open of the app at this moment either is refused or has what it saved deleted.
		await setStopped(tx, { userId, id: deviceId, isStopped: true });
		await deleteSubscription(tx, userId, deviceId);
	});
	await ringsChanged(ctx, userId);
}
