import type { Member } from '#contract/entities.ts';
import { clock } from './clock.svelte.ts';
import { live } from './live.svelte.ts';
import { workspace } from './workspace.svelte.ts';

const DAY_MS = 86_400_000;

const told = live(() => {
	const here = workspace.current;
	return async () => {
		if (!here) return null;
		const team = await here.cache.teams.get(here.teamId);
		const me = await here.cache.members.get([here.teamId, here.userId]);
		return { since: team?.uncoveredSince ?? null, asked: me?.asked ?? null };
	};
}, null);

/** What the sync says about the active team's coverage. */
export const uncovered = {
	/** Since when nobody has been online in business hours; null: somebody is, or need not be. */
	get since(): number | null {
		return told.value?.since ?? null;
	},
	/** The colleague who asks this person to take over, as long as that is needed. */
	get asked(): NonNullable<Member['asked']> | null {
		const asked = told.value?.asked ?? null;
		return asked && (asked.until ?? asked.at + DAY_MS) > clock.now ? asked : null;
	}
};
