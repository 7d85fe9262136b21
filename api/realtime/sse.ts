import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Log } from '../domain/context.ts';
import { DomainError } from '../domain/errors.ts';

/** An open stream of server-sent events. */
export interface Outlet {
	send(message: { event: string; data: unknown; id?: string }): Promise<void>;
	/** Fires when the reader is gone or the stream is closed. */
	readonly signal: AbortSignal;
	close(): void;
}

/** Below every proxy's usual idle time-out, and a third of what clients take for silence. */
const KEEP_ALIVE_MS = 15_000;
// Then the client connects again, and with that proves its session again.
const LIFE_MS = 60 * 60_000;

/**
 * Answers with a stream that lasts as long as `run`, which ends when the signal fires. A comment
 * now and then keeps it open. That access has ended closes it silently: the next request is told.
 */
export function serveEvents(c: Context, log: Log, run: (out: Outlet) => Promise<void>): Response {
	c.header('X-Accel-Buffering', 'no');
	return streamSSE(c, async (stream) => {
		const ended = new AbortController();
		const close = () => ended.abort();
		stream.onAbort(close);
		const comment = () => void stream.write(':\n\n').catch(close);
		const keepAlive = setInterval(comment, KEEP_ALIVE_MS);
		const life = setTimeout(close, LIFE_MS);
		// A first byte sends the headers, so that the reader knows it is connected.
		comment();
		try {
			await run({
				signal: ended.signal,
				close,
				send: ({ event, data, id }) =>
					stream.writeSSE({ event, data: JSON.stringify(data), ...(id !== undefined && { id }) })
			});
		} catch (error) {
			if (!(error instanceof DomainError))
				log.error({ err: error, path: c.req.path }, 'a stream broke');
		} finally {
			clearInterval(keepAlive);
			clearTimeout(life);
		}
	});
}
