import { BotSettings, BotsResponse, DeletedBot } from '#contract/bots.ts';
import { newId } from '#contract/new-id.ts';
import { request } from '../sync/request.ts';
import { get, tell } from './api.ts';
import { Loaded } from './loaded.svelte.ts';
import { session } from './session.svelte.ts';

const path = '/api/bots';
const team = () => session.team?.id ?? null;
const list = new Loaded<BotSettings[]>(team, async (id) => {
	const answer = await get(`${path}?team=${id}`, BotsResponse);
	return answer.bots.toSorted((a, b) => a.name.localeCompare(b.name));
});

/** The active team's bots, for those who manage them. All of it throws ApiFailure or Offline. */
export const bots = {
	list,
	/** Undefined while the list is not here, or where the bot is not in it. */
	find: (id: string): BotSettings | undefined => list.value?.find((bot) => bot.id === id),
	/** Returns the new bot's id. */
	async create(name: string): Promise<string> {
		const body = { teamId: team(), id: newId(), name };
		const bot = await request({ method: 'POST', path, body, schema: BotSettings });
		await list.load();
		return bot.id;
	},
	/** All but the picture. */
	async save({ avatar: _, ...bot }: BotSettings): Promise<void> {
		const body = { ...bot, teamId: team() };
		await request({ method: 'PUT', path, body, schema: BotSettings });
		await list.load();
	},
	/** Null takes the picture away. */
	async setPicture(id: string, file: Blob | null): Promise<void> {
		if (file) await tell('PUT', `${path}/avatar?team=${team()}&bot=${id}`, file);
		else await tell('DELETE', `${path}/avatar`, { teamId: team(), id });
		await list.load();
	},
	/** With its visitors and their chats; says how many went. */
	async remove(id: string): Promise<DeletedBot> {
		const body = { teamId: team(), id };
		const gone = await request({ method: 'DELETE', path, body, schema: DeletedBot });
		await list.load();
		return gone;
	}
};
