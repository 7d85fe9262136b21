import type { InTeam, VisitorCtx } from '../context.ts';

/** Runs a verb in one transaction of the visitor's team. */
export const inTeam = <T>(
	ctx: VisitorCtx,
	work: (ctx: InTeam<VisitorCtx>) => Promise<T>
): Promise<T> => ctx.db.team(ctx.actor.teamId, (tx) => work({ ...ctx, tx }));
