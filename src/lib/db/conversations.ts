import type { Conversation, ConversationState } from '#contract/entities.ts';
import type { Cache, OfTeam } from './schema.ts';

/** The conversations of a team in one state, newest message first. */
export function conversationsIn(
	cache: Cache,
	{ teamId, state, limit }: { teamId: string; state: ConversationState; limit: number }
): Promise<OfTeam<Conversation>[]> {
	return cache.conversations
		.where('[teamId+state+lastMessageAt]')
		.between([teamId, state, 0], [teamId, state, Number.POSITIVE_INFINITY])
		.reverse()
		.limit(limit)
		.toArray();
}

/** Those of the given conversations that the cache has. */
export async function conversationsById(
	cache: Cache,
	{ teamId, ids }: { teamId: string; ids: string[] }
): Promise<OfTeam<Conversation>[]> {
	const rows = await cache.conversations.bulkGet(ids.map((id) => [teamId, id]));
	return rows.filter((row) => row !== undefined);
}

/** The conversation, whichever of the kept teams it is of. */
export async function findConversation(
	cache: Cache,
	id: string
): Promise<OfTeam<Conversation> | undefined> {
	const teamIds = await cache.teams.toCollection().primaryKeys();
	const rows = await cache.conversations.bulkGet(teamIds.map((teamId) => [teamId, id]));
	return rows.find((row) => row !== undefined);
}

/** Removes conversations with their messages and reads. Call it inside a transaction over the three. */
export async function removeConversations(
	cache: Cache,
	{ teamId, ids }: { teamId: string; ids: string[] }
): Promise<void> {
	for (const id of ids) {
		await cache.messages.where('[teamId+conversationId]').equals([teamId, id]).delete();
		await cache.reads.where('[teamId+conversationId]').equals([teamId, id]).delete();
	}
	await cache.conversations.bulkDelete(ids.map((id) => [teamId, id]));
}

/** Removes every conversation of bots that are not in `botIds`; returns which. */
export async function removeOutOfScope(
	cache: Cache,
	{ teamId, botIds }: { teamId: string; botIds: readonly string[] }
): Promise<string[]> {
	const removed: string[] = [];
	const known = await cache.conversations
		.where('[teamId+botId]')
		.between([teamId, ''], [teamId, '\uffff'])
		.uniqueKeys();
	for (const key of known) {
		const [, botId] = key as unknown as [string, string];
		if (botIds.includes(botId)) continue;
		const keys = await cache.conversations
			.where('[teamId+botId]')
			.equals([teamId, botId])
			.primaryKeys();
		const ids = keys.map(([, id]) => id);
		await removeConversations(cache, { teamId, ids });
		removed.push(...ids);
	}
	return removed;
}
