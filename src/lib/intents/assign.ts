import { queue, type Writer } from './queue.ts';

/** Gives the conversation to somebody, or to nobody. `expectedId`: who had it when the person chose. */
export const assign = (
	writer: Writer,
	args: { conversationId: string; agentId: string | null; expectedId: string | null }
): Promise<void> => queue(writer, { name: 'assign', args });
