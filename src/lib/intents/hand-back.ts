import { queue, type Writer } from './queue.ts';

/** Lets the bot go on with it. */
export const handBack = (writer: Writer, conversationId: string): Promise<void> =>
	queue(writer, { name: 'hand_back', args: { conversationId } });
