import type { Conversation } from '#contract/entities.ts';
import type { MutationCall } from '#contract/mutations.ts';
import type { OutboxRow } from '../db/schema.ts';

/** Rows that the person may take as done: on their way, or done by the server and not yet in the cache. */
const isUnderWay = (row: OutboxRow): boolean => row.state === 'queued' || row.state === 'sent';

/**
 * The conversation with the outbox's rows done, as the server will do them. Pass the rows of any
 * conversation in order, without texts that the cache has: those are in it already.
 */
export function withPending<C extends Conversation>(
	conversation: C,
	rows: OutboxRow[],
	userId: string
): C {
	let next = conversation;
	for (const row of rows) {
		if (row.call.args.conversationId !== conversation.id || !isUnderWay(row)) continue;
		next = { ...next, ...effectOf(row, next, userId) };
	}
	return next;
}

function effectOf(
	{ call, createdAt }: OutboxRow,
	{ assigneeId, lastMessageAt }: Conversation,
	userId: string
): Partial<Conversation> {
	switch (call.name) {
		case 'reply':
			return {
				state: 'unresolved',
				assigneeId: assigneeId ?? userId,
				preview: { authorKind: 'agent', authorId: userId, body: call.args.body },
				lastMessageAt: Math.max(lastMessageAt, createdAt)
			};
		case 'claim':
			return { assigneeId: assigneeId ?? userId };
		case 'assign':
			return { assigneeId: call.args.agentId };
		case 'resolve':
			return { state: 'resolved' };
		case 'reopen':
			return { state: 'unresolved' };
		case 'hand_back':
			return { state: 'bot', assigneeId: null };
		case 'note':
		case 'read':
			return {};
	}
}

/** How far the person has read, what is still to be told included. */
export function readSeqWithPending(seq: number, rows: OutboxRow[], conversationId: string): number {
	const reads = rows.flatMap(({ call }) => (isReadOf(call, conversationId) ? [call.args.seq] : []));
	return Math.max(seq, ...reads);
}

const isReadOf = (
	call: MutationCall,
	conversationId: string
): call is Extract<MutationCall, { name: 'read' }> =>
	call.name === 'read' && call.args.conversationId === conversationId;
