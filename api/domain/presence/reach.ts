import type { Reach } from '#contract/presence.ts';
import { newestProof } from '#contract/proof.ts';
import { DEFAULT_PREFERENCES } from '#contract/push.ts';
import { isQuiet } from '#contract/quiet-hours.ts';
import type { TeamTx } from '../../store/db.ts';
import { type DeviceRow, devicesOf } from '../../store/push-subscription.ts';
import { type RingRow, ringRowsOf } from '../../store/reach.ts';
import type { PresenceAnswer } from '../context.ts';
import { healthOf } from '../notification/health.ts';
import { DEFAULT_SETTINGS } from '../notification/preferences.ts';
import { permissionsOf } from '../team/access.ts';

/** What is known about a ring to one member. */
export interface ReachAnswer {
	isAgent: boolean;
	reach: Reach;
	/** When a device that still counts was last proved, in milliseconds. */
	provedAt: number | null;
}

/** Whether somebody who is offline chose it: that has a switch of its own. */
export const isOfflineByHand = (
	presence: Pick<PresenceAnswer, 'status' | 'cause'> | undefined
): boolean => presence?.status === 'offline' && presence.cause === 'set by you';

/**
 * Whether a ring while offline would reach these members at `now`: the one rule for every place that says so. It takes
 * an agent who lets a chat ring, and a device whose registration holds, on which somebody is signed in, and on which a
 * push was shown, opened or confirmed in the last 14 days.
 */
export async function reachOfMembers(
	tx: TeamTx,
	{ userIds, isByHand, now }: ReachQuestion
): Promise<Map<string, ReachAnswer>> {
	const rows = await ringRowsOf(tx, userIds);
	const ids = rows.map(({ userId }) => userId);
	const devices = Map.groupBy(await devicesOf(tx, ids, now), ({ userId }) => userId);
	return new Map(
		rows.map((row) => {
			const about = { devices: devices.get(row.userId) ?? [], isByHand: isByHand(row.userId), now };
			return [row.userId, reachOf(row, about)];
		})
	);
}

export interface ReachQuestion {
	userIds: readonly string[] | 'everybody';
	isByHand: (userId: string) => boolean;
	/** Milliseconds since 1970. */
	now: number;
}

function reachOf(
	row: RingRow,
	about: { devices: readonly DeviceRow[]; isByHand: boolean; now: number }
): ReachAnswer {
	const { devices, now } = about;
	const isAgent = permissionsOf(row.role, row.customPermissions).has('chat.handle');
	const ringing = devices.filter(({ isSignedOut }) => !isSignedOut);
	const healths = ringing.map((device) => healthOf(device, now));
	const proofs = ringing.flatMap((device, n) =>
		healths[n] === 'proved' ? (newestProof(device)?.at ?? []) : []
	);
	const provedAt = proofs.length > 0 ? Math.max(...proofs) : null;
	if (!isAgent || !letsRing(row, about)) return { isAgent, reach: 'no', provedAt };
	if (provedAt !== null) return { isAgent, reach: 'reachable', provedAt };
	const isOpen = healths.some((health) => health === 'unproved' || health === 'not confirmed');
	return { isAgent, reach: isOpen ? 'unproved' : 'no', provedAt };
}

function letsRing(row: RingRow, { isByHand, now }: { isByHand: boolean; now: number }): boolean {
	const { pushOffline, pushOfflineByHand } = row.preferences ?? DEFAULT_PREFERENCES;
	const { events, quietHours } = row.settings ?? DEFAULT_SETTINGS;
	if (!pushOffline || (isByHand && !pushOfflineByHand)) return false;
	return events.escalation.push && !isQuiet(quietHours, now);
}
