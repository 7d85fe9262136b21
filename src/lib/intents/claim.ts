import { queue, type Writer } from './queue.ts';

/** Takes a conversation that nobody has. Whoever is second is told who was first. */
export const claim = (writer: Writer, conversationId: string): Promise<void> =>
	queue(writer, { name: 'claim', args: { conversationId } });
