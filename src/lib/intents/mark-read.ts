import { rowsOf } from '../db/outbox.ts';
import { readSeqs } from '../db/reads.ts';
import { queue, type Writer } from './queue.ts';

/** Says how far the person has read; nothing is queued where that is known already. */
export async function markRead(
	writer: Writer,
	{ conversationId, seq }: { conversationId: string; seq: number }
): Promise<void> {
	const { cache, outbox, teamId, userId } = writer;
	const known = await readSeqs(cache, { teamId, userId, ids: [conversationId] });
	if ((known.get(conversationId) ?? 0) >= seq) return;
	const rows = await rowsOf(outbox, teamId);
	const isQueued = rows.some(
		({ call }) =>
			call.name === 'read' && call.args.conversationId === conversationId && call.args.seq >= seq
	);
	if (!isQueued) await queue(writer, { name: 'read', args: { conversationId, seq } });
}
