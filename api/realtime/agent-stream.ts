import type { Context } from 'hono';
import type { AgentCtx } from '../domain/context.ts';
import type { Deltas } from '../domain/sync/deltas.ts';
import { createFollower } from '../domain/sync/follow.ts';
import { createBell } from './bell.ts';
import type { Realtime } from './realtime.ts';
import { serveEvents } from './sse.ts';

export interface StreamDeps {
	realtime: Realtime;
	deltas: Deltas;
}

/**
 * Sends each page behind the cursor as `event: page`, with its cursor as the id, as it comes to be.
 * Ends with the session, and after a page that is to be pulled on from.
 */
export async function agentStream(
	c: Context,
	{ realtime, deltas }: StreamDeps,
	ctx: AgentCtx,
	{ teamId, cursor }: { teamId: string; cursor: string }
): Promise<Response> {
	const follower = createFollower(ctx, deltas, { teamId, cursor });
	const session = ctx.actor.sessionDigest.toString('hex');
	const bell = createBell();
	let newest = 0;
	const stopListening = realtime.subscribe(teamId, (version) => {
		newest = version;
		bell.ring();
	});
	// Before the stream begins, so that a stranger gets a status and not an empty stream.
	let page = await follower.next(newest).catch((error) => {
		stopListening();
		throw error;
	});
	return serveEvents(c, ctx.log, async (out) => {
		const stopRevoked = realtime.on('revoked', (digest) => digest === session && out.close());
		try {
			while (!out.signal.aborted) {
				if (page) await out.send({ event: 'page', data: page, id: page.cursor });
				if (follower.isEnded) return;
				if (!page?.hasMore && !follower.isBehind(newest)) await bell.wait(out.signal);
				if (!out.signal.aborted) page = await follower.next(newest);
			}
		} finally {
			stopRevoked();
			stopListening();
		}
	});
}
