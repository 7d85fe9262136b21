import type { ConfirmRequest } from '#contract/notifications.ts';
import { settleSeen } from '../../store/notification-delivery.ts';
import { lockEventsSeen } from '../../store/notification-event.ts';
import { saveSighting } from '../../store/sighting.ts';
import type { AgentCtx } from '../context.ts';
import { requireMember } from '../team/access.ts';

/** How the push side holds what a page may show, in its own words. */
export interface HoldRules {
	confirmMs: number;
	heldMs(kind: string): number;
	whileHeld: string;
	here: string;
	elsewhere: string;
}

/**
 * A page in front of the agent has shown the alert: the device is not rung, and the agent's others only if the
 * chat is still unread or unanswered after a while. What has left already stays as it is.
 */
export async function confirm(
	ctx: AgentCtx,
	rules: HoldRules,
	{ teamId, deviceId, conversationId, seq }: ConfirmRequest
): Promise<void> {
	const { userId } = ctx.actor;
	await ctx.db.team(teamId, async (tx) => {
		await requireMember(tx, userId);
		const at = ctx.now();
		await saveSighting(tx, { userId, deviceId, conversationId, seq, at });
		const since = at - rules.confirmMs;
		// Also waits for whoever is deciding at this moment, and will not have seen the line above.
		for (const { id, kind, at: eventAt } of await lockEventsSeen(tx, {
			conversationId,
			seq,
			since
		})) {
			const { whileHeld, here, elsewhere } = rules;
			const until = eventAt + rules.heldMs(kind);
			const seen = { eventId: id, userId, deviceId, at };
			await settleSeen(tx, seen, { whileHeld, here, elsewhere, until });
		}
	});
}
