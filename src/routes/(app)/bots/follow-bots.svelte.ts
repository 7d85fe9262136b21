import { untrack } from 'svelte';
import { bots } from '$lib/state/bots.svelte.ts';
import { inbox } from '$lib/state/inbox.svelte.ts';

/** Reads the list again when the sync tells of a bot that came, went or changed. Call it while a component is made. */
export function followBots(): void {
	let before: string | null = null;
	$effect(() => {
		const now = JSON.stringify(inbox.bots);
		if (before !== null && now !== before) void untrack(() => bots.list.load());
		before = now;
	});
}
