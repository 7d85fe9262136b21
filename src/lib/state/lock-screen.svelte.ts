import { type Privacy, SettingsResponse } from '#contract/notifications.ts';
import { get } from './api.ts';
import { Loaded } from './loaded.svelte.ts';
import { session } from './session.svelte.ts';

const limits = new Loaded(
	() => session.me?.user.id ?? null,
	async () => (await get('/api/push/settings', SettingsResponse)).teams
);

/** What the active team lets a lock screen show; more than that it never does, whatever the person chose. */
export const lockScreen = {
	load: () => limits.load(),
	get most(): Privacy {
		return limits.value?.find(({ teamId }) => teamId === session.team?.id)?.maxPrivacy ?? 'full';
	}
};
