import { describe, expect, test } from 'vitest';
import type { BusinessHours } from '#contract/presence.ts';
import { closesAt, isOpenAt, isTimeZone } from '../../api/domain/coverage/hours.ts';

const at = (iso: string) => Date.parse(iso);
const hours = (given: Partial<BusinessHours>): BusinessHours => ({
	timeZone: 'Europe/Lisbon',
	spans: [{ day: 1, from: '09:00', to: '17:00' }],
	holidays: [],
	...given
});

describe('business hours', () => {
	test('are the team’s own, in winter and in summer', () => {
		// Lisbon is at UTC in winter and an hour ahead in summer; both days are Mondays.
		expect(isOpenAt(hours({}), at('2026-01-12T08:59:59Z'))).toBe(false);
		expect(isOpenAt(hours({}), at('2026-01-12T09:00:00Z'))).toBe(true);
		expect(isOpenAt(hours({}), at('2026-01-12T16:59:59Z'))).toBe(true);
		expect(isOpenAt(hours({}), at('2026-01-12T17:00:00Z'))).toBe(false);
		expect(isOpenAt(hours({}), at('2026-07-13T08:00:00Z'))).toBe(true);
		expect(isOpenAt(hours({}), at('2026-07-13T16:00:00Z'))).toBe(false);
		expect(isOpenAt(hours({}), at('2026-01-13T10:00:00Z'))).toBe(false);
	});

	test('overnight belong to the day on which they begin', () => {
		const night = hours({
			timeZone: 'Asia/Tokyo',
			spans: [{ day: 5, from: '22:00', to: '06:00' }]
		});
		// Friday 22:00 in Tokyo is Friday 13:00 UTC.
		expect(isOpenAt(night, at('2026-01-16T12:59:00Z'))).toBe(false);
		expect(isOpenAt(night, at('2026-01-16T13:00:00Z'))).toBe(true);
		expect(isOpenAt(night, at('2026-01-16T20:59:00Z'))).toBe(true);
		expect(isOpenAt(night, at('2026-01-16T21:00:00Z'))).toBe(false);
		expect(isOpenAt(night, at('2026-01-15T20:00:00Z'))).toBe(false);
	});

	test('do not begin on a holiday, but a night before runs into it', () => {
		const spans = [1, 2].map((day) => ({ day, from: '22:00', to: '06:00' }));
		const given = hours({ timeZone: 'UTC', spans, holidays: ['2026-01-13'] });
		expect(isOpenAt(given, at('2026-01-13T05:00:00Z'))).toBe(true);
		expect(isOpenAt(given, at('2026-01-13T23:00:00Z'))).toBe(false);
		expect(isOpenAt(given, at('2026-01-14T01:00:00Z'))).toBe(false);
	});

	test('the same time twice is a whole day', () => {
		const spans = [{ day: 1, from: '08:00', to: '08:00' }];
		const given = hours({ timeZone: 'UTC', spans });
		expect(isOpenAt(given, at('2026-01-13T07:59:00Z'))).toBe(true);
		expect(isOpenAt(given, at('2026-01-13T08:00:00Z'))).toBe(false);
	});

	test('say when they close, over a change of the clocks too', () => {
		expect(closesAt(hours({}), at('2026-01-12T10:00:30Z'))).toBe(at('2026-01-12T17:00:00Z'));
		expect(closesAt(hours({}), at('2026-01-12T18:00:00Z'))).toBeNull();
		// The clocks go forward at 01:00 on Sunday, 29 March 2026.
		const night = hours({ spans: [{ day: 6, from: '22:00', to: '06:00' }] });
		expect(closesAt(night, at('2026-03-28T23:00:00Z'))).toBe(at('2026-03-29T05:00:00Z'));
	});

	test('know a time zone when they see one', () => {
		expect(isTimeZone('America/New_York')).toBe(true);
		expect(isTimeZone('Atlantis')).toBe(false);
	});
});
