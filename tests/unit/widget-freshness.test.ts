import { expect, test } from 'vitest';
import { freshFor } from '../../src/widget/freshness.ts';

function clocks() {
	const at = { monotonic: 1000, wall: 1_700_000_000_000 };
	const clock = { monotonic: () => at.monotonic, wall: () => at.wall };
	return {
		clock,
		pass(ms: number) {
			at.monotonic += ms;
			at.wall += ms;
		},
		sleep(ms: number) {
			at.wall += ms;
		},
		setWall(ms: number) {
			at.wall = ms;
		}
	};
}

test('an answer is believed until its time is over, and not a moment longer', () => {
	const time = clocks();
	const answer = freshFor(60_000, time.clock);
	time.pass(59_999);
	expect(answer.isFresh()).toBe(true);
	expect(answer.leftMs()).toBe(1);
	time.pass(1);
	expect(answer.isFresh()).toBe(false);
	expect(answer.leftMs()).toBe(0);
});

test('a machine that slept through it does not believe it', () => {
	const time = clocks();
	const answer = freshFor(60_000, time.clock);
	time.sleep(60_000);
	expect(answer.isFresh()).toBe(false);
	expect(answer.elapsedMs()).toBe(60_000);
});

test('a clock that is set back does not keep it alive', () => {
	const time = clocks();
	const answer = freshFor(60_000, time.clock);
	time.setWall(0);
	expect(answer.isFresh()).toBe(true);
	time.pass(60_000);
	expect(answer.isFresh()).toBe(false);
});

test.each([0, -5, Number.NaN])(
	'an answer that is valid for %s ms is never believed',
	(validForMs) => {
		expect(freshFor(validForMs, clocks().clock).isFresh()).toBe(false);
	}
);
