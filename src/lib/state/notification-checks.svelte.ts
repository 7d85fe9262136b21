import { untrack } from 'svelte';
import { connection } from './connection.svelte.ts';
import { notifications } from './notifications.svelte.ts';
import { thisPage } from './page.svelte.ts';
import { workspace } from './workspace.svelte.ts';

/** Pages are hidden and shown all the time, and what a browser holds seldom changes. */
const EVERY_MS = 60_000;

/**
 * Compares what this browser holds with the server’s record now, and whenever the page is seen again, comes back from
 * a freeze or is connected again: an installed app stays open for days, and a registration may end meanwhile. At most
 * once a minute; what could not be asked is asked again at the next of these. What was set is sent before the page is
 * left. Returns the way to stop.
 */
export function keepChecked(): () => void {
	let checked = { deviceId: '', at: 0 };
	let isWanted = false;
	let isUnderWay = false;
	let isOpening = true;

	// By the wall clock: others stand still while a phone sleeps. It may be set back, too.
	const isFresh = () =>
		checked.deviceId === workspace.current?.deviceId &&
		Math.abs(Date.now() - checked.at) < EVERY_MS;
	/** What comes during a check that fails, such as the connection, is reason for another. */
	async function look(): Promise<void> {
		isWanted = true;
		if (isUnderWay) return;
		isUnderWay = true;
		while (isWanted && !isFresh()) {
			isWanted = false;
			const asked = { deviceId: workspace.current?.deviceId ?? '', at: Date.now() };
			if (await notifications.check()) checked = asked;
		}
		isUnderWay = false;
	}
	const seen = () => {
		if (thisPage.visibility === 'visible' && connection.isConnected) void look();
	};
	const stops = [
		thisPage.on('visibility', seen),
		thisPage.on('resume', seen),
		thisPage.on('hide', notifications.leave),
		$effect.root(() => {
			$effect(() => {
				// Whoever joins a first team has a device from then on.
				if (!workspace.current || !(connection.isConnected || isOpening)) return;
				isOpening = false;
				untrack(() => void look());
			});
		})
	];
	return () => {
		for (const stop of stops) stop();
	};
}
