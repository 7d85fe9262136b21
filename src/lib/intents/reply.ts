import { queue, type Writer } from './queue.ts';

/** Answers the visitor. `baseSeq`: the newest message number that the writer had in sight. */
export const reply = (
	writer: Writer,
	{ conversationId, body, baseSeq }: { conversationId: string; body: string; baseSeq: number }
): Promise<void> =>
	queue(writer, {
		name: 'reply',
		args: { conversationId, messageId: writer.newId(), body, baseSeq }
	});
