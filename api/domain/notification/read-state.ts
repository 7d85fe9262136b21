import {
	DEFAULT_PREFERENCES,
	type NotificationPreferences,
	type PushDevice
} from '#contract/push.ts';
import { findPreferences } from '../../store/push-preference.ts';
import { type DeviceRow, devicesOf } from '../../store/push-subscription.ts';
import type { AgentCtx } from '../context.ts';
import { expiryOf } from './expiry.ts';
import { healthOf } from './health.ts';

/** The signed-in person's own devices, with their last proofs, and switches. */
export async function readState(
	ctx: AgentCtx
): Promise<{ devices: PushDevice[]; preferences: NotificationPreferences }> {
	const { userId } = ctx.actor;
	const now = ctx.now();
	const devices = (await devicesOf(ctx.db.person, [userId], now)).map((row) => shown(row, now));
	const preferences = await findPreferences(ctx.db.person, userId);
	return { devices, preferences: preferences ?? DEFAULT_PREFERENCES };
}

const shown = (row: DeviceRow, now: number): PushDevice => ({
	id: row.id,
	name: row.name,
	isSubscribed: row.endpoint !== null,
	state: row.state,
	lastSeenAt: row.lastSeenAt,
	lastAcceptedAt: row.lastAcceptedAt,
	lastShownAt: row.lastShownAt,
	lastShownLatencyMs: row.lastShownLatencyMs,
	lastOpenedAt: row.lastOpenedAt,
	lastRungAt: row.lastRungAt,
	health: healthOf(row, now),
	expiry: expiryOf(row, now)
});
