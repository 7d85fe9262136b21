import { expect, test } from 'vitest';
import { type ServerEvent, serverEvents } from '../../src/widget/frame/server-events.ts';

/** A body that arrives in these pieces. */
const body = (...pieces: string[]): ReadableStream<Uint8Array> =>
	new ReadableStream({
		start(controller) {
			for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
			controller.close();
		}
	});

async function read(...pieces: string[]): Promise<{ events: ServerEvent[]; alive: number }> {
	const events: ServerEvent[] = [];
	let alive = 0;
	for await (const event of serverEvents(body(...pieces), () => alive++)) events.push(event);
	return { events, alive };
}

test('an event may arrive in any pieces', async () => {
	const { events } = await read('eve', 'nt: state\nda', 'ta: {"a":1}', '\n', '\n');
	expect(events).toEqual([{ event: 'state', data: '{"a":1}' }]);
});

test('lines of data are joined, and an event without a name is a message', async () => {
	const { events } = await read('data: a\ndata:b\r\n\r\n');
	expect(events).toEqual([{ event: 'message', data: 'a\nb' }]);
});

test('comments are signs of life and nothing else', async () => {
	expect(await read(':\n\n', ': ping\n\n')).toEqual({ events: [], alive: 2 });
});

test('what is cut off at the end is not believed', async () => {
	expect((await read('event: state\ndata: {"a"')).events).toEqual([]);
});
