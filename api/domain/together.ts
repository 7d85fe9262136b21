import { setImmediate as nextTick } from 'node:timers/promises';

/**
 * Does in one go what is asked for in one tick, or while the work before is under way: the more there is, the less
 * each costs. What is answered was done after it was asked for.
 */
export function together<T, R>(work: (items: T[]) => Promise<R>): (item: T) => Promise<R> {
	let waiting: { items: T[]; done: Promise<R> } | undefined;
	let running: Promise<unknown> = Promise.resolve();

	function open(items: T[]): Promise<R> {
		const done = Promise.allSettled([running, nextTick()]).then(() => {
			waiting = undefined;
			return work(items);
		});
		running = done;
		return done;
	}

	return (item) => {
		if (!waiting) {
			const items: T[] = [];
			waiting = { items, done: open(items) };
		}
		waiting.items.push(item);
		return waiting.done;
	};
}
