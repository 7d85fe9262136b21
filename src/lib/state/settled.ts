import { findConversation } from '../db/conversations.ts';
import { readSeqs } from '../db/reads.ts';
import { closeNotices } from '../push/notices.ts';
import { workspace } from './workspace.svelte.ts';

/**
 * What was read or answered elsewhere needs no notification here any more, whichever of the person's teams it is of. Of
 * those that are not open it goes by what was fetched last.
 */
export async function closeSettled(): Promise<void> {
	const here = workspace.current;
	if (!here) return;
	const { cache, userId } = here;
	await closeNotices(async (id, told) => {
		const conversation = await findConversation(cache, id);
		// A push may be ahead of what has been fetched, which then says nothing about it.
		if (!conversation || conversation.seq < told.seq) return false;
		const { teamId, state, seq, assigneeId } = conversation;
		const read = (await readSeqs(cache, { teamId, userId, ids: [id] })).get(id) ?? 0;
		// A mention is for the person whosever chat it is, and however that ends, until they have read it.
		if (told.kind === 'mention') return read >= (told.seq || seq);
		const isOthers = assigneeId !== null && assigneeId !== userId;
		// A chat that still waits may have been read.
		const isRead = read >= seq && !(told.kind === 'unanswered' && state === 'pending');
		return isRead || state === 'bot' || state === 'resolved' || isOthers;
	}).catch(() => {});
}
