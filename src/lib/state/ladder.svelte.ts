import {
	type AssumedPresence,
	DryRunResponse,
	TeamNotificationSettings,
	type TeamSettingsRequest
} from '#contract/notifications.ts';
import { request } from '../sync/request.ts';
import { get } from './api.ts';
import { Loaded } from './loaded.svelte.ts';
import { session } from './session.svelte.ts';

const path = '/api/notifications/team';
const team = () => session.team?.id ?? null;
const settings = new Loaded(team, (id) => get(`${path}?team=${id}`, TeamNotificationSettings));

/** Who is rung when nobody answers: the active team's settings, for those who manage it. */
export const ladder = {
	settings,
	/** Shows the change at once, and takes it back where the server refuses. Throws ApiFailure or Offline. */
	async save(change: Partial<Omit<TeamSettingsRequest, 'teamId'>>): Promise<void> {
		const before = settings.value;
		const teamId = team();
		if (!before || !teamId) return;
		const { webhookSecret, isMailServerSet, isSecretUnreadable, ...rest } = before;
		const wanted = { ...rest, ...change };
		settings.set({ ...wanted, webhookSecret, isMailServerSet, isSecretUnreadable });
		try {
			const body = { ...wanted, teamId };
			settings.set(await request({ method: 'PUT', path, body, schema: TeamNotificationSettings }));
		} catch (failure) {
			settings.set(before);
			throw failure;
		}
	},
	/** Who would be rung if a chat for the bot came then; now without `at`. Throws ApiFailure or Offline. */
	dryRun(asked: {
		botId: string;
		at: number | null;
		presence: AssumedPresence;
	}): Promise<DryRunResponse> {
		const { botId, at, presence } = asked;
		const when = at === null ? {} : { at: String(at) };
		const query = new URLSearchParams({ team: team() ?? '', bot: botId, presence, ...when });
		return get(`/api/notifications/dry-run?${query}`, DryRunResponse);
	}
};
