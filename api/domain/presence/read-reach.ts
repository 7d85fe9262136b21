import type { Reach, ReachResponse } from '#contract/presence.ts';
import { type ReachRow, reachOfTeam } from '../../store/reach.ts';
import type { AgentCtx, PresenceAnswer } from '../context.ts';
import { requireMember } from '../team/access.ts';

/** For so long a proof that a device rings is believed. */
const PROOF_MS = 14 * 86_400_000;

/** Who of the team could be rung while offline. It says nothing about who is online. */
export function readReach(ctx: AgentCtx, { team }: { team: string }): Promise<ReachResponse> {
	return ctx.db.team(team, async (tx) => {
		await requireMember(tx, ctx.actor.userId);
		const presence = await ctx.presence.ofTeam(tx);
		const rows = await reachOfTeam(tx);
		const members = rows.map((row) => ({
			userId: row.userId,
			reach: reachOf(row, { presence: presence.get(row.userId), now: ctx.now() }),
			provedAt: row.provedAt
		}));
		return { members };
	});
}

/** Whoever is offline by hand has a switch of their own for that. */
function reachOf(
	row: ReachRow,
	{ presence, now }: { presence: PresenceAnswer | undefined; now: number }
): Reach {
	const isByHand = presence?.status === 'offline' && presence.cause === 'set by you';
	const allows = row.allowsOffline && (!isByHand || row.allowsByHand);
	if (!allows || !row.hasDevice) return 'no';
	return row.provedAt !== null && row.provedAt > now - PROOF_MS ? 'reachable' : 'unproved';
}
