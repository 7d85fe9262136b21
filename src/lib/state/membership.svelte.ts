import { live } from './live.svelte.ts';
import { session } from './session.svelte.ts';
import { workspace } from './workspace.svelte.ts';

/** What the sync says about the person's own row and the team, as one text to compare. */
const told = live(() => {
	const here = workspace.current;
	return async () => {
		if (!here) return '';
		const member = await here.cache.members.get([here.teamId, here.userId]);
		const team = await here.cache.teams.get(here.teamId);
		return member ? JSON.stringify([member.role, member.name, member.avatar, team]) : '';
	};
}, '');

/**
 * Reads who this is and what they may do anew when the sync tells of another role, name, picture or
 * brand, changed elsewhere. Returns what ends it.
 */
export function followMembership(): () => void {
	let before = '';
	return $effect.root(() => {
		$effect(() => {
			const now = told.value;
			if (before && now && now !== before) void session.refresh();
			before = now || before;
		});
	});
}
