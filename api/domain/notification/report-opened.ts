import { ackDelivery } from '../../store/notification-delivery.ts';
import type { AgentCtx } from '../context.ts';
import { requireMember } from '../team/access.ts';
import { noteProof, VALID_MS } from './acknowledge.ts';

/** The page that a notification led to says so, where no worker could. Repeating it changes nothing. */
export async function reportOpened(
	ctx: AgentCtx,
	{ teamId, deliveryId }: { teamId: string; deliveryId: string }
): Promise<void> {
	const { userId } = ctx.actor;
	const at = ctx.now();
	const ack = { state: 'opened', at, since: at - VALID_MS } as const;
	const row = await ctx.db.team(teamId, async (tx) => {
		await requireMember(tx, userId);
		return ackDelivery(tx, { id: deliveryId, userId }, ack);
	});
	if (row?.isFirst) await noteProof(ctx, row, ack);
}
