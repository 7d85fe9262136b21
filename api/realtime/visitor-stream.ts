import type { Context } from 'hono';
import type { VisitorCtx } from '../domain/context.ts';
import { createVisitorFollower } from '../domain/visitor/follow.ts';
import type { StreamDeps } from './agent-stream.ts';
import { createBell } from './bell.ts';
import { serveEvents } from './sse.ts';

/** Sends what the widget is to show as `event: state`, at once and whenever it changes. */
export function visitorStream(
	c: Context,
	{ realtime, deltas }: StreamDeps,
	ctx: VisitorCtx,
	start: { after: number }
): Response {
	const follower = createVisitorFollower(ctx, deltas, start);
	return serveEvents(c, ctx.log, async (out) => {
		const bell = createBell();
		let newest = 0;
		const stopListening = realtime.subscribe(ctx.actor.teamId, (version) => {
			newest = version;
			bell.ring();
		});
		try {
			while (!out.signal.aborted) {
				const state = await follower.next(newest);
				if (state) await out.send({ event: 'state', data: state });
				const isRung = await bell.wait(out.signal, follower.renewInMs());
				if (!isRung) follower.renew();
			}
		} finally {
			stopListening();
		}
	});
}
