import type { Me } from '#contract/auth.ts';
import { findConversation } from '../db/conversations.ts';
import { keepOnly } from '../db/lost.ts';
import { getCursor, isWhole } from '../db/meta.ts';
import { type Cache, openCache, openOutbox } from '../db/schema.ts';
import { closeNotices } from '../push/notices.ts';
import { pruneDrafts } from './drafts.ts';
import { tellTextLost, workspace } from './workspace.svelte.ts';

/**
 * Of teams and bots that the person has lost nothing stays on the device: the active team's sync sees to its own, this to
 * the teams that are kept beside it, and to what lies outside the databases.
 */
export async function forgetLost({ user, teams }: Me): Promise<void> {
	const cache = openCache(user.id);
	const outbox = openOutbox(user.id);
	try {
		const kept = await cache.teams.toCollection().primaryKeys();
		const others = kept.filter((id) => id !== workspace.current?.teamId);
		const known = new Map(teams.map(({ team: { id }, botIds }) => [id, botIds]));
		const count = await keepOnly({ cache, outbox }, { others, known });
		if (count > 0) tellTextLost(count);
		await forgetTraces({ cache, userId: user.id });
	} finally {
		cache.close();
		outbox.close();
	}
}

/** Of chats that are on this device no more, neither drafts nor notifications stay. */
export async function forgetTraces({
	cache,
	userId
}: {
	cache: Cache;
	userId: string;
}): Promise<void> {
	const teamIds = await cache.teams.toCollection().primaryKeys();
	// During a first sync a chat may be on its way.
	for (const id of teamIds) if (!isWhole(await getCursor(cache, id))) return;
	const isHeld = async (id: string) => (await findConversation(cache, id)) !== undefined;
	await pruneDrafts(userId, isHeld);
	const bots = new Set((await cache.bots.toCollection().primaryKeys()).map(([, id]) => id));
	// A push may be ahead of what has been fetched: of a bot that is still there, the chat will come.
	const isComing = (botId: string | null) => botId !== null && bots.has(botId);
	await closeNotices(async (id, { botId }) => !isComing(botId) && !(await isHeld(id))).catch(
		() => {}
	);
}
