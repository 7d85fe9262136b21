import type { BusinessHours, TeamLeases } from '#contract/coverage.ts';
import { askCoverage } from '../presence/ask.ts';
import { tell } from './api.ts';
import { Loaded } from './loaded.svelte.ts';
import { session } from './session.svelte.ts';

const team = () => session.team?.id ?? null;
const current = new Loaded(team, askCoverage);

/** When somebody is to be there in the active team, and when nobody was. All of it throws ApiFailure or Offline. */
export const coverage = {
	current,
	/** Null: the team has no business hours, and nothing is measured. */
	async saveHours(hours: BusinessHours | null): Promise<void> {
		await tell('PUT', '/api/presence/hours', { teamId: team(), hours });
		await current.load();
	},
	/** Null: the least that is safe. */
	async saveLeases(leases: TeamLeases | null): Promise<void> {
		await tell('PUT', '/api/presence/leases', { teamId: team(), leases });
		await current.load();
	}
};
