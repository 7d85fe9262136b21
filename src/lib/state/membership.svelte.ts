import { getCursor, isWhole } from '../db/meta.ts';
import { live } from './live.svelte.ts';
import { forgetTraces } from './lost.ts';
import { thisPage } from './page.svelte.ts';
import { session } from './session.svelte.ts';
import { onTextLost, workspace } from './workspace.svelte.ts';

interface Told {
	/** The person's own row, what they may do and see, and the team, as one text to compare. */
	facts: string;
	/** All that the person may see is here, not only the newest of it. */
	isWhole: boolean;
}
const NOTHING: Told = { facts: '', isWhole: false };

/** What the sync says. */
const told = live<Told>(() => {
	const here = workspace.current;
	return async () => {
		if (!here) return NOTHING;
		const { cache, teamId, userId } = here;
		const member = await cache.members.get([teamId, userId]);
		const team = await cache.teams.get(teamId);
		const access = await cache.meta.get(`access:${teamId}`);
		const botIds = await cache.bots.where('teamId').equals(teamId).primaryKeys();
		if (!member) return NOTHING;
		const { role, name, avatar } = member;
		// That nobody is online says nothing about what this person may do.
		const { uncoveredSince: _, ...brand } = team ?? {};
		const facts = JSON.stringify([teamId, role, name, avatar, access?.value, brand, botIds]);
		return { facts, isWhole: isWhole(await getCursor(cache, teamId)) };
	};
}, NOTHING);

/**
 * Reads who this is and what they may do anew when the sync tells of another role, name, picture, brand or bot, changed
 * elsewhere, and when the connection or the page is back. `tellLost`: so many unsent replies and notes went with chats
 * that the person may see no more. Returns what ends it.
 */
export function followMembership(tellLost: (count: number) => void): () => void {
	let before = '';
	let wasConnected = true;
	const stops = [onTextLost(tellLost), thisPage.on('resume', () => void session.refresh())];
	const stopEffects = $effect.root(() => {
		const settled = $derived(told.value.isWhole ? told.value.facts : '');
		$effect(() => {
			const { facts } = told.value;
			if (before && facts && facts !== before) void session.refresh();
			before = facts || before;
		});
		$effect(() => {
			// A sign-out or another team closes the databases, and sees to what is left itself.
			if (settled && workspace.current) void forgetTraces(workspace.current).catch(() => {});
		});
		$effect(() => {
			const { isConnected } = workspace.status;
			if (isConnected && !wasConnected) void session.refresh();
			wasConnected = isConnected;
		});
	});
	return () => {
		for (const stop of stops) stop();
		stopEffects();
	};
}
