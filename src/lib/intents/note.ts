import { queue, type Writer } from './queue.ts';

/** Writes what only colleagues see. */
export const note = (
	writer: Writer,
	{ conversationId, body }: { conversationId: string; body: string }
): Promise<void> =>
	queue(writer, { name: 'note', args: { conversationId, messageId: writer.newId(), body } });
