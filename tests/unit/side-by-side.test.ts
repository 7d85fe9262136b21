import { expect, test, vi } from 'vitest';
import { sideBySide } from '../../api/push/lanes.ts';

/** Pieces of work that end when they are told to. */
function pieces(count: number) {
	const work = sideBySide();
	const ends = Array.from({ length: count }, () => Promise.withResolvers<void>());
	for (const { promise } of ends) work.start(() => promise);
	return { work, ends };
}

test('as many as may be left hold nothing up', async () => {
	const { work, ends } = pieces(3);
	const log: string[] = [];
	const waited = work.left(1).then(() => log.push('one is left'));
	ends[0]?.resolve();
	await ends[0]?.promise;
	log.push('two are left');
	ends[2]?.resolve();
	await waited;
	expect(log).toEqual(['two are left', 'one is left']);
	await work.left(1);
	ends[1]?.resolve();
	await work.left(0);
});

test('what fails is told, and what runs beside it is waited for', async () => {
	const { work, ends } = pieces(2);
	ends[0]?.reject(new Error('first'));
	await expect(work.left(1)).rejects.toThrow('first');
	const rest = work.left(0);
	ends[1]?.reject(new Error('second'));
	await expect(rest).rejects.toThrow('first');
});

test('whether all is over is known within the time that is given', async () => {
	vi.useFakeTimers();
	try {
		const { work, ends } = pieces(1);
		const first = work.isOverWithin(1_000);
		await vi.advanceTimersByTimeAsync(1_000);
		expect(await first).toBe(false);
		const second = work.isOverWithin(1_000);
		ends[0]?.resolve();
		expect(await second).toBe(true);
		expect(await work.isOverWithin(1_000)).toBe(true);
	} finally {
		vi.useRealTimers();
	}
});
