import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLoops, type Watch } from '../../api/jobs/loops.ts';

const LONG_MS = 250;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Two loops, and five at most. `begin`: a loop takes a batch, which lasts until what it returns is called. */
async function world() {
	const watches = new Map<string, Watch>();
	/** What the next one's start waits for; what could not be started. */
	const around = { opens: Promise.resolve(), failures: [] as unknown[] };
	const loops = createLoops({
		...{ few: 2, most: 5 },
		async open(watch) {
			await around.opens;
			const id = `loop ${watches.size + 1}`;
			watches.set(id, watch);
			return id;
		},
		close: () => {},
		failed: (error) => void around.failures.push(error)
	});
	await loops.start();
	const begin = (n: number) => {
		const { promise, resolve } = Promise.withResolvers<void>();
		const done = watches.get(`loop ${n}`)?.(() => promise);
		return async () => {
			resolve();
			await done;
		};
	};
	const later = () => vi.advanceTimersByTimeAsync(LONG_MS);
	return {
		around,
		loops,
		begin,
		later,
		there: () => [...loops.ids].map((id) => Number(id.slice(5)))
	};
}

test('there are as many as there were as long as one is free, or soon will be', async () => {
	const { begin, later, there } = await world();
	begin(1);
	await later();
	const end = begin(2);
	await end();
	await later();
	expect(there()).toEqual([1, 2]);
});

test('one more takes what comes while every one has its batch for long, up to a limit', async () => {
	const { begin, later, there } = await world();
	begin(1);
	begin(2);
	await vi.advanceTimersByTimeAsync(LONG_MS - 1);
	expect(there()).toEqual([1, 2]);
	await later();
	expect(there()).toEqual([1, 2, 3]);
	for (const n of [3, 4, 5]) {
		begin(n);
		await later();
	}
	expect(there()).toEqual([1, 2, 3, 4, 5]);
});

test('those that are no longer needed go, and one is always free', async () => {
	const { begin, later, there } = await world();
	const ends = [];
	for (const n of [1, 2, 3, 4]) {
		ends.push(begin(n));
		await later();
	}
	expect(there()).toEqual([1, 2, 3, 4, 5]);
	for (const end of ends) await end();
	expect(there()).toEqual([4, 5]);
});

test('none is added at the end', async () => {
	const { loops, begin, later, there } = await world();
	begin(1);
	begin(2);
	loops.stop();
	await later();
	expect(there()).toEqual([1, 2]);
});

test('one that is still being started counts, and one that cannot be started is told and tried again', async () => {
	const { around, begin, later, there } = await world();
	const started = Promise.withResolvers<void>();
	around.opens = started.promise;
	begin(1);
	const end = begin(2);
	await later();
	const reason = new Error('no connection');
	started.reject(reason);
	await later();
	expect([there(), around.failures]).toEqual([[1, 2], [reason]]);
	around.opens = Promise.resolve();
	await end();
	begin(2);
	await later();
	expect(there()).toEqual([1, 2, 3]);
});
