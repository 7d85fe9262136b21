import { createHash } from 'node:crypto';
import type { AckRequest } from '#contract/push.ts';
import { ackDelivery, teamOfAck } from '../../store/notification-delivery.ts';
import { noteOpened, noteShown } from '../../store/push-subscription.ts';
import { type AckedRow, ackPushTest } from '../../store/push-test.ts';
import type { Ctx } from '../context.ts';
import { DomainError } from '../errors.ts';
import { ringsChanged } from '../presence/note-reach.ts';
import { PROVED_MS } from './health.ts';

/** The longest a push lives, and a week more for a device that was away. */
export const VALID_MS = (4 * 3600 + 7 * 86_400) * 1000;

/**
 * Notes that a push was shown or opened. Whoever holds the token may: it came encrypted for one browser, whose
 * session may have ended since. Repeating it changes nothing.
 */
export async function acknowledge(
	ctx: Ctx<{ kind: 'nobody' }>,
	{ token, state, waitedMs = 0 }: AckRequest
): Promise<void> {
	const digest = createHash('sha256').update(token).digest();
	const now = ctx.now();
	const since = now - VALID_MS;
	const ack = { state, at: Math.max(since, now - waitedMs), since };
	const teamId = await teamOfAck(ctx.db.person, digest);
	const row = teamId
		? await ctx.db.team(teamId, (tx) => ackDelivery(tx, { digest }, ack))
		: await ackPushTest(ctx.db.person, digest, ack);
	if (!row) throw noSuchPush();
	if (row.isFirst) await noteProof(ctx, row, state);
}

export const noSuchPush = () =>
	new DomainError('not_found', 'This token belongs to no notification.', {
		remedy: 'Nothing needs to be done.'
	});

/** Carries a first sign of a push over to its device. One that was not proved before is news to colleagues. */
export async function noteProof(
	ctx: Pick<Ctx, 'db' | 'now' | 'presence'>,
	{ deviceId, sentAt, at }: AckedRow,
	state: AckRequest['state']
): Promise<void> {
	const { person } = ctx.db;
	const latencyMs = sentAt === null ? null : at - sentAt;
	const before =
		state === 'opened'
			? await noteOpened(person, { deviceId, sentAt, at })
			: await noteShown(person, { deviceId, sentAt, at, latencyMs });
	if (!before) return;
	const wasProved = before.provedAt !== null && at - before.provedAt < PROVED_MS;
	if (before.isSilent || !wasProved) await ringsChanged(ctx, before.userId);
}
