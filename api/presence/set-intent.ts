import type { IntentRequest } from '#contract/presence.ts';
import type { AgentCtx, PresenceAnswer } from '../domain/context.ts';
import { refuseLast } from '../domain/coverage/last-one.ts';
import { requireMember, requirePermission } from '../domain/team/access.ts';
import type { TeamTx } from '../store/db.ts';
import { upsertDevice } from '../store/device.ts';
import { lockIntent } from '../store/intent.ts';
import { saveShares, sharesOf } from '../store/lease.ts';
import { merge, presenceOf, proveBeat, wish } from './core.ts';
import type { SweepDeps } from './sweep.ts';
import { writeTransitions } from './write.ts';

/**
 * Writes an agent's word for one team. Every such request proves the device as a beat does, and its
 * lease is taken in the same transaction, so nobody is ever online without one.
 */
export function setIntent(
	ctx: AgentCtx,
	input: IntentRequest,
	deps: SweepDeps
): Promise<PresenceAnswer> {
	const { userId } = ctx.actor;
	return ctx.db.team(input.teamId, async (tx) => {
		requirePermission(await requireMember(tx, userId), 'chat.handle');
		if (input.status === 'offline' && input.unlessLast) await refuseLast({ ...ctx, tx });
		await nameDevice(tx, ctx, input);
		const now = deps.now();
		const beat = { deviceId: input.deviceId, pages: [input.page] };
		const proved = proveBeat(beat, now, deps.settings);
		const { userId: _, ...intent } = await lockIntent(tx, userId);
		await saveShares(
			tx,
			proved.map((share) => ({ ...share, userId }))
		);
		const before = merge(await sharesOf(tx, [userId]), deps.shares.of(userId));
		const shares = deps.leases.count(tx.teamId, merge(before, proved));
		const transition = wish({ intent, shares, now }, wantedBy(input, now));
		if (transition) await writeTransitions(tx, [{ ...transition, userId }]);
		tx.afterCommit(() => {
			deps.shares.add(userId, proved);
			deps.intents.drop(userId);
		});
		const known = { intent: transition?.after ?? intent, shares, now, isQuiet: false };
		return presenceOf(known, deps.settings);
	});
}

const wantedBy = (input: IntentRequest, now: number) => ({
	status: input.status,
	until: input.untilMs === undefined ? null : now + input.untilMs,
	reason: input.reason || null
});

/** The ledger names the device, so it gets a record here at the latest. */
async function nameDevice(tx: TeamTx, ctx: AgentCtx, input: IntentRequest): Promise<void> {
	if (input.deviceName === undefined) return;
	const { userId, sessionDigest } = ctx.actor;
	await upsertDevice(tx, {
		id: input.deviceId,
		userId,
		sessionDigest,
		name: input.deviceName,
		seenAt: ctx.now()
	});
}
