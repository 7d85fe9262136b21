import { holdLadder } from '../../store/ladder.ts';
import type { AgentCtx } from '../context.ts';
import { openConversation } from '../conversation/open.ts';

/** A ladder takes no step for this long after somebody has typed. */
const HELD_MS = 30_000;

/** The agent types an answer: nobody else is rung for the moment. */
export async function type(
	ctx: AgentCtx,
	{ teamId, conversationId }: { teamId: string; conversationId: string }
): Promise<void> {
	await ctx.db.team(teamId, async (tx) => {
		await openConversation({ ...ctx, tx }, conversationId);
		const at = ctx.now();
		const detail = `An agent is writing: nobody else is rung for ${HELD_MS / 1000} s.`;
		await holdLadder(tx, conversationId, { at, until: at + HELD_MS, detail });
	});
}
