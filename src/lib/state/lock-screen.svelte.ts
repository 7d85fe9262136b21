import { type Privacy, SettingsResponse } from '#contract/notifications.ts';
import { get } from './api.ts';
import { Loaded } from './loaded.svelte.ts';
import { thisPage } from './page.svelte.ts';
import { session } from './session.svelte.ts';

const limits = new Loaded(
	() => session.me?.user.id ?? null,
	async () => (await get('/api/push/settings', SettingsResponse)).teams
);

/** A notification waits no longer for the answer, and then shows least. */
const PATIENCE_MS = 2_000;

const of = (teamId: string | undefined) =>
	limits.value?.find((team) => team.teamId === teamId)?.maxPrivacy;

/** What a team lets a lock screen show; more than that it never does, whatever the person chose. */
export const lockScreen = {
	load: () => limits.load(),
	/** Of the active team. */
	get most(): Privacy {
		return of(session.team?.id) ?? 'full';
	},
	/** Of a team at this moment: somebody may have changed it since. */
	async mostOf(teamId: string): Promise<Privacy> {
		const late = new Promise<void>((resolve) => {
			thisPage.after(PATIENCE_MS, resolve);
		});
		await Promise.race([limits.load(), late]);
		return of(teamId) ?? 'nothing';
	}
};
