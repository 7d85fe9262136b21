import { createSubscriber } from 'svelte/reactivity';
import { getMeta } from '../db/meta.ts';
import { live } from './live.svelte.ts';
import { workspace } from './workspace.svelte.ts';

const tick = createSubscriber((update) => {
	const timer = setInterval(update, 1000);
	return () => clearInterval(timer);
});

const offset = live(() => {
	const cache = workspace.current?.cache;
	return async () => (cache && (await getMeta(cache, 'serverOffsetMs'))) ?? 0;
}, 0);

/** Milliseconds since 1970, ticking each second while something shows it. */
export const clock = {
	/** By this device. */
	get here(): number {
		tick();
		return Date.now();
	},
	/** By the server. */
	get now(): number {
		tick();
		return Date.now() + offset.value;
	}
};
