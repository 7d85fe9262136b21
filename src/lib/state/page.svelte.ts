import { newId } from '#contract/new-id.ts';
import type { Page, PageEvent } from '../sync/page.ts';

/** Touches that show a person is there. `mousemove` fires often; the listener only stores a number. */
const INPUTS = ['pointerdown', 'keydown', 'mousemove', 'touchstart', 'wheel'] as const;

/** Where each event of the port comes from. A page back from bfcache, a freeze or sleep resumes. */
const SOURCES: Record<PageEvent, [() => EventTarget, string, ((event: Event) => boolean)?][]> = {
	visibility: [[() => document, 'visibilitychange']],
	focus: [
		[() => window, 'focus'],
		[() => window, 'blur']
	],
	online: [[() => window, 'online']],
	offline: [[() => window, 'offline']],
	resume: [
		[() => document, 'resume'],
		[() => window, 'pageshow', (event) => (event as PageTransitionEvent).persisted],
		[sleeps, 'wake']
	],
	hide: [[() => window, 'pagehide']]
};

const TICK_MS = 1_000;
/** No visible page's timer is this late unless the machine has slept. */
const SLEPT_MS = 5_000;

let sleepWatch: EventTarget | undefined;

/** Says `wake` where the clock has jumped: timers stand still while a machine sleeps, and no event tells. */
function sleeps(): EventTarget {
	if (sleepWatch) return sleepWatch;
	const watch = new EventTarget();
	sleepWatch = watch;
	let last = Date.now();
	// Hidden pages' timers are late by policy; when one is seen again, its visibility says so.
	let wasVisible = false;
	setInterval(() => {
		const now = Date.now();
		const isVisible = document.visibilityState === 'visible';
		if (isVisible && wasVisible && now - last > TICK_MS + SLEPT_MS)
			watch.dispatchEvent(new Event('wake'));
		last = now;
		wasVisible = isVisible;
	}, TICK_MS);
	return watch;
}

let lastInputAt = performance.now();
let isWatchingInput = false;

function watchInput(): void {
	if (isWatchingInput) return;
	isWatchingInput = true;
	for (const input of INPUTS) {
		window.addEventListener(
			input,
			() => {
				lastInputAt = performance.now();
			},
			{ passive: true, capture: true }
		);
	}
}

/** The one DOM implementation of the Page port: the page this code runs in. */
export const thisPage: Page = {
	id: newId(),
	get visibility() {
		return document.visibilityState;
	},
	get isFocused() {
		return document.hasFocus();
	},
	get isOnline() {
		return navigator.onLine;
	},
	idleMs() {
		watchInput();
		return Math.round(performance.now() - lastInputAt);
	},
	now: () => performance.now(),
	on(event, listener) {
		const stop = new AbortController();
		for (const [target, type, counts] of SOURCES[event]) {
			const handle = (e: Event) => {
				if (!counts || counts(e)) listener();
			};
			target().addEventListener(type, handle, { signal: stop.signal });
		}
		return () => stop.abort();
	},
	after(ms, run) {
		const timer = setTimeout(run, ms);
		return () => clearTimeout(timer);
	},
	async hold(name, { steal, ifAvailable, signal }, work) {
		signal?.throwIfAborted();
		// Plain http in a local network has no locks: every page then works for itself.
		if (!navigator.locks) return work(true);
		const options: LockOptions = steal
			? { steal }
			: ifAvailable
				? { ifAvailable }
				: signal
					? { signal }
					: {};
		await navigator.locks.request(name, options, (lock) => work(lock !== null));
	},
	beacon(url, body) {
		const text = JSON.stringify(body);
		// Firefox loses a beacon with the last tab of a window, but not a request that is kept alive.
		if ('keepalive' in Request.prototype)
			fetch(url, { method: 'POST', body: text, keepalive: true }).catch(() => {});
		else navigator.sendBeacon(url, text);
	},
	postToWorker(message) {
		const worker = navigator.serviceWorker?.controller;
		worker?.postMessage(message);
		return Boolean(worker);
	},
	broadcast(name) {
		const channel = new BroadcastChannel(name);
		return {
			post: (message) => channel.postMessage(message),
			on(listener) {
				const handle = (event: MessageEvent) => listener(event.data);
				channel.addEventListener('message', handle);
				return () => channel.removeEventListener('message', handle);
			},
			close: () => channel.close()
		};
	}
};
