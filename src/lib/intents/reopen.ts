import { queue, type Writer } from './queue.ts';

/** Takes a resolved conversation up again. */
export const reopen = (writer: Writer, conversationId: string): Promise<void> =>
	queue(writer, { name: 'reopen', args: { conversationId } });
