import type { Message } from '#contract/entities.ts';
import type { Cache, OfTeam } from './schema.ts';

/** A conversation's thread, oldest first. */
export function messagesOf(
	cache: Cache,
	{ teamId, conversationId }: { teamId: string; conversationId: string }
): Promise<OfTeam<Message>[]> {
	return cache.messages
		.where('[teamId+conversationId+seq]')
		.between([teamId, conversationId, 0], [teamId, conversationId, Number.POSITIVE_INFINITY])
		.toArray();
}

/** Which of the given messages the cache has. */
export async function knownMessageIds(
	cache: Cache,
	{ teamId, ids }: { teamId: string; ids: string[] }
): Promise<Set<string>> {
	const rows = await cache.messages.bulkGet(ids.map((id) => [teamId, id]));
	return new Set(rows.flatMap((row) => (row ? [row.id] : [])));
}
