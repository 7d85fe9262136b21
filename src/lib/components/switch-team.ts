import { session } from '$lib/state/session.svelte.ts';
import { unsaved } from './unsaved.svelte.ts';

/** Opens another of the person's teams, unless they would rather keep what is not saved in this one. */
export async function switchTeam(id: string): Promise<void> {
	if (id !== session.team?.id && (await unsaved.mayGo())) await session.switchTeam(id);
}
