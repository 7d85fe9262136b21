import { untrack } from 'svelte';
import type { ReachResponse } from '#contract/presence.ts';
import { getMeta, setMeta } from '../db/meta.ts';
import { askReach, setMemberOffline } from '../presence/ask.ts';
import { ApiFailure, Offline } from '../sync/failures.ts';
import { clock } from './clock.svelte.ts';
import { inbox } from './inbox.svelte.ts';
import { live } from './live.svelte.ts';
import { thisPage } from './page.svelte.ts';
import { session } from './session.svelte.ts';
import { workspace } from './workspace.svelte.ts';

export type Reached = ReachResponse['members'][number];

/** A proof ages, and a device's first ring is no news of the team's: asked for this often while somebody looks. */
const ASK_EVERY_MS = 60_000;
/** Changes come in flocks. */
const SETTLE_MS = 100;

const kept = live(() => {
	const here = workspace.current;
	return async () => here && (await getMeta(here.cache, `reach:${here.teamId}`));
}, undefined);
/** A question of this page has had no answer. An answer is there once it can be read, which is a moment later. */
let isUnanswered = $state(false);
/** Questions are numbered: an answer that a later one has overtaken is old. */
let asked = 0;
let told = 0;
const byId = $derived(new Map(kept.value?.members.map((row) => [row.userId, row])));

async function ask(): Promise<void> {
	const here = workspace.current;
	if (!here) return;
	const number = ++asked;
	try {
		const { members } = await askReach(here.teamId);
		// The cache of a team that was left is closed.
		if (here !== workspace.current || number < told) return;
		told = number;
		await setMeta(here.cache, `reach:${here.teamId}`, { at: here.wallNow(), members });
	} catch (error) {
		// What was known stands, with its time.
		isUnanswered = true;
		if (!(error instanceof ApiFailure || error instanceof Offline)) throw error;
	}
}

/** Asks with every change of a member, at every look, and now and then. Returns the way to stop. */
function follow(): () => void {
	let cancel = () => {};
	const askIn = (ms: number) => {
		cancel();
		cancel = thisPage.after(ms, () => {
			if (thisPage.visibility === 'visible') void ask();
			askIn(ASK_EVERY_MS);
		});
	};
	const look = () => askIn(SETTLE_MS);
	const stops = [thisPage.on('visibility', look), thisPage.on('resume', look)];
	const stop = $effect.root(() => {
		$effect(() => {
			void [workspace.current, workspace.status.isConnected, inbox.members];
			untrack(look);
		});
	});
	return () => {
		for (const each of [...stops, stop, cancel]) each();
		cancel();
	};
}

/** What is known of the team's people beyond the sync: whether a ring reaches them. */
export const colleagues = {
	/** Kept on the device; undefined of somebody about whom the server never said. */
	reachOf: (userId: string): Reached | undefined => byId.get(userId),
	/** Something is known, or nothing can be: until then a list would change its order at once. */
	get isReady(): boolean {
		return isUnanswered || kept.value !== undefined;
	},
	/** When the server said it last, by its own clock; null before the first time. */
	get asOf(): number | null {
		return kept.value ? kept.value.at + clock.now - clock.here : null;
	},
	follow,
	/** For admins. Throws ApiFailure or Offline. */
	async setOffline(userId: string, reason: string): Promise<void> {
		const teamId = session.team?.id;
		if (teamId) await setMemberOffline({ teamId, userId, reason });
	}
};
