import { liveQuery } from 'dexie';
import { createSubscriber } from 'svelte/reactivity';

class LiveValue<T> {
	#value: T;
	#track: () => void;
	constructor(query: () => T | Promise<T>, initial: T) {
		this.#value = initial;
		this.#track = createSubscriber((update) => {
			const begin = () =>
				liveQuery(query).subscribe({
					next: (value) => {
						this.#value = value;
						update();
					},
					// A closed or deleted database (sign-out in another tab) ends the query; the last value stands.
					error: () => {}
				});
			let subscription = begin();
			// Chromium hands a frozen page the news of other tabs, but no answer from its database: a query begun
			// then would keep its transaction open, and with it every other tab from writing.
			const stop = new AbortController();
			const on = (type: 'freeze' | 'resume', listener: () => void) =>
				document.addEventListener(type, listener, { signal: stop.signal });
			on('freeze', () => subscription.unsubscribe());
			on('resume', () => {
				subscription.unsubscribe();
				subscription = begin();
			});
			return () => {
				stop.abort();
				subscription.unsubscribe();
			};
		});
	}
	get value(): T {
		this.#track();
		return this.#value;
	}
}

/**
 * A Dexie live query as a rune-friendly object. `make` runs inside a `$derived`, so any rune it reads
 * makes the query anew; the function it returns runs later, outside tracking. Subscribed only while read.
 */
export function live<T>(make: () => () => T | Promise<T>, initial: T): { readonly value: T } {
	const current = $derived(new LiveValue(make(), initial));
	return {
		get value() {
			return current.value;
		}
	};
}
