import type { Presence } from '#contract/entities.ts';
import type { KeptWish } from '../db/schema.ts';

/** The shortest end time the server takes. */
const MIN_UNTIL_MS = 60_000;

/**
 * What is left to ask for when the connection is back; null when it is wanted no longer: its end has come,
 * the agent is offline already, or the agent's word was changed elsewhere meanwhile.
 */
export function stillWanted(
	wish: KeptWish,
	{ presence, now }: { presence: Presence; now: number }
): { untilMs?: number; reason?: string } | null {
	const isChanged = wish.since !== null && wish.since !== presence.since;
	if (isChanged || presence.status === 'offline') return null;
	const reason = wish.reason === undefined ? {} : { reason: wish.reason };
	if (wish.untilMs === undefined) return reason;
	const untilMs = Math.round(wish.untilMs - (now - wish.madeAt));
	return untilMs < MIN_UNTIL_MS ? null : { ...reason, untilMs };
}
