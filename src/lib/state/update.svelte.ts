import type { Workbox } from 'workbox-window';
import { tellWorker } from './workspace.svelte.ts';

let isWaiting = $state(false);
/** Another tab has let the new version take over: this page still runs the old one. */
let isOutdated = $state(false);
let workbox: Workbox | null = null;

export const update = {
	/** A new version is installed and waits for the person's word: a reload in mid-sentence is no update. */
	get isWaiting(): boolean {
		return isWaiting || isOutdated;
	},
	/** Lets the new version take over; the page reloads once it has. */
	apply(): void {
		if (isOutdated) {
			location.reload();
			return;
		}
		workbox?.addEventListener('controlling', () => location.reload());
		workbox?.messageSkipWaiting();
	}
};

/** Registers the service worker, once for each load. Without one (development, plain http) the app still works. */
export async function registerWorker(): Promise<void> {
	if (workbox || import.meta.env.DEV || !('serviceWorker' in navigator)) return;
	const { Workbox } = await import('workbox-window');
	workbox = new Workbox('/service-worker.js');
	workbox.addEventListener('waiting', () => {
		isWaiting = true;
	});
	// The first worker takes over a page that was opened without one: that is no update.
	let isUpdate = navigator.serviceWorker.controller !== null;
	navigator.serviceWorker.addEventListener('controllerchange', () => {
		isOutdated = isUpdate;
		isUpdate = true;
		tellWorker();
	});
	await workbox.register();
}
