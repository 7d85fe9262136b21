import { queue, type Writer } from './queue.ts';

/** Ends it; the bot answers again from here on. */
export const resolve = (writer: Writer, conversationId: string): Promise<void> =>
	queue(writer, { name: 'resolve', args: { conversationId } });
