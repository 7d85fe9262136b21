import { expect, test } from 'vitest';
import { offlineChoices, untilTime } from '../../src/lib/components/offline-choices.ts';
import { ago, dayLabel, isSameDay, rowTime, span, timer } from '../../src/lib/ui/time.ts';

const MINUTE = 60_000;
const at = (day: number, hours: number, minutes = 0): number =>
	new Date(2026, 5, day, hours, minutes).getTime();

test.each([
	[0, '0:00'],
	[19_999, '0:19'],
	[161_000, '2:41'],
	[3_729_000, '1:02:09'],
	[-500, '0:00']
])('a wait of %i ms reads %s', (ms, expected) => {
	expect(timer(ms)).toBe(expected);
});

test.each([
	[4_400, '4 s'],
	[59 * MINUTE, '59 min'],
	[25 * 60 * MINUTE, '1 day'],
	[49 * 60 * MINUTE, '2 days']
])('%i ms ago reads %s', (ms, expected) => {
	expect(span(ms)).toBe(expected);
});

test.each([
	[30_000, /^just now$/],
	[12 * MINUTE, /^12 min ago$/],
	[5 * 60 * MINUTE, /^5 h ago$/],
	[26 * 60 * MINUTE, /^yesterday at 1:00/]
])('something %i ms ago is told as %s', (ms, expected) => {
	expect(ago(at(14, 15) - ms, at(14, 15))).toMatch(expected);
});

test('a row is new for a minute, then shows the time, then the date', () => {
	const now = at(14, 15);
	expect(rowTime(now - 59_000, now)).toBe('now');
	expect(rowTime(at(14, 9), now)).toMatch(/9:00/);
	expect(rowTime(at(13, 23), now)).toMatch(/13/);
});

test('a day ends at midnight, not a day later', () => {
	expect(isSameDay(at(14, 0), at(14, 23, 59))).toBe(true);
	expect(isSameDay(at(14, 23, 59), at(15, 0))).toBe(false);
	expect(dayLabel(at(14, 23, 59), at(15, 0, 1))).toBe('Yesterday');
});

test('lunch lasts at least three quarters of an hour and ends at a half or full hour', () => {
	const now = at(14, 13, 5);
	const lunch = offlineChoices(now, (end) => new Date(end).toTimeString().slice(0, 5))[1];
	expect(lunch).toEqual({
		label: 'Lunch until 14:00',
		untilMs: 55 * MINUTE,
		reason: 'Lunch'
	});
});

test('a time that has passed today means tomorrow', () => {
	expect(untilTime('14:30', at(14, 13))).toBe(90 * MINUTE);
	expect(untilTime('12:00', at(14, 13))).toBe(23 * 60 * MINUTE);
});
