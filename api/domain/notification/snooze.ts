import { createHash } from 'node:crypto';
import { SNOOZE_MS, type SnoozeRequest } from '#contract/notifications.ts';
import { findByAck, teamOfAck } from '../../store/notification-delivery.ts';
import { insertNotificationEvent, lockNotificationEvent } from '../../store/notification-event.ts';
import { saveSnooze } from '../../store/snooze.ts';
import type { Ctx } from '../context.ts';
import { noSuchPush, VALID_MS } from './acknowledge.ts';

/**
 * From the notification itself, by its token: the person hears nothing of the chat for ten minutes from the press,
 * then once more if it still waits. `id` makes a repeat harmless.
 */
export async function snooze(
	ctx: Ctx<{ kind: 'nobody' }>,
	{ token, id, waitedMs }: SnoozeRequest
): Promise<void> {
	const digest = createHash('sha256').update(token).digest();
	const now = ctx.now();
	const teamId = await teamOfAck(ctx.db.person, digest);
	if (!teamId) throw noSuchPush();
	await ctx.db.team(teamId, async (tx) => {
		const delivery = await findByAck(tx, digest, now - VALID_MS);
		const about = delivery && (await lockNotificationEvent(tx, delivery.eventId));
		if (!delivery || !about) throw noSuchPush();
		const { userId } = delivery;
		const { kind, conversationId, messageId } = about;
		const until = now + Math.max(0, SNOOZE_MS - waitedMs);
		const again = { id, kind, conversationId, messageId, at: now, dueAt: until };
		if (!(await insertNotificationEvent(tx, { ...again, targetIds: [userId] }))) return;
		await saveSnooze(tx, { conversationId, userId, until });
		await ctx.enqueue(tx, { name: 'notify', data: { teamId, eventId: id } });
	});
}
