import { describe, expect, test } from 'vitest';
import {
	closesAt,
	isOpenAt,
	isTimeZone,
	openSince,
	opensAt,
	startOfDay
} from '#contract/business-hours.ts';
import type { BusinessHours } from '#contract/coverage.ts';

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

describe('the next opening', () => {
	const office = hours({
		spans: [1, 2, 3, 4, 5].map((day) => ({ day, from: '09:00', to: '17:00' })),
		holidays: ['2026-01-12', '2026-01-13']
	});

	test('passes weekends and holidays over', () => {
		// Friday, 9 January 2026, after hours: Monday and Tuesday are holidays.
		expect(opensAt(office, at('2026-01-09T18:00:00Z'))).toBe(at('2026-01-14T09:00:00Z'));
		expect(opensAt(office, at('2026-01-14T10:00:00Z'))).toBeNull();
	});

	test('is none where no span is left', () => {
		expect(opensAt(hours({ spans: [] }), at('2026-01-09T18:00:00Z'))).toBeNull();
		const holidays = Array.from({ length: 60 }, (_, n) =>
			new Date(at('2026-01-01T00:00:00Z') + n * 86_400_000).toISOString().slice(0, 10)
		);
		expect(opensAt({ ...office, holidays }, at('2026-01-01T18:00:00Z'))).toBeNull();
	});

	test('comes between two spans of a day', () => {
		const spans = [
			{ day: 1, from: '09:00', to: '12:00' },
			{ day: 1, from: '13:30', to: '18:00' }
		];
		const given = hours({ timeZone: 'Asia/Kolkata', spans });
		expect(opensAt(given, at('2026-01-12T07:00:00Z'))).toBe(at('2026-01-12T08:00:00Z'));
		expect(closesAt(given, at('2026-01-12T05:00:00Z'))).toBe(at('2026-01-12T06:30:00Z'));
	});
});

describe('a change of the clocks', () => {
	test('forward leaves out the hour that is not', () => {
		// Lisbon goes from 01:00 to 02:00 on Sunday, 29 March 2026.
		const skipped = hours({ spans: [{ day: 7, from: '01:00', to: '02:00' }] });
		expect(isOpenAt(skipped, at('2026-03-29T00:59:00Z'))).toBe(false);
		expect(isOpenAt(skipped, at('2026-03-29T01:00:00Z'))).toBe(false);
		const across = hours({ spans: [{ day: 7, from: '00:30', to: '03:00' }] });
		expect(closesAt(across, at('2026-03-29T00:45:00Z'))).toBe(at('2026-03-29T02:00:00Z'));
	});

	test('back has the hour twice, and the hours go on through both', () => {
		// Lisbon goes from 02:00 back to 01:00 on Sunday, 25 October 2026, at 01:00 UTC.
		const night = hours({ spans: [{ day: 6, from: '22:00', to: '03:00' }] });
		expect(closesAt(night, at('2026-10-24T22:00:00Z'))).toBe(at('2026-10-25T03:00:00Z'));
		const twice = hours({ spans: [{ day: 7, from: '01:15', to: '01:45' }] });
		const first = opensAt(twice, at('2026-10-25T00:00:00Z')) as number;
		expect(first).toBe(at('2026-10-25T00:15:00Z'));
		const end = closesAt(twice, first) as number;
		expect(end).toBe(at('2026-10-25T00:45:00Z'));
		expect(opensAt(twice, end)).toBe(at('2026-10-25T01:15:00Z'));
	});

	test('of half an hour is one too', () => {
		// Lord Howe Island goes from 02:00 back to 01:30 on Sunday, 5 April 2026, at 15:00 UTC on Saturday.
		const given = hours({
			timeZone: 'Australia/Lord_Howe',
			spans: [{ day: 7, from: '01:00', to: '02:00' }]
		});
		expect(closesAt(given, at('2026-04-04T14:05:00Z'))).toBe(at('2026-04-04T15:30:00Z'));
	});

	test('does not move midnight, nor what has been open since', () => {
		const start = at('2026-03-29T00:00:00Z');
		expect(startOfDay('Europe/Lisbon', at('2026-03-29T15:00:00Z'))).toBe(start);
		expect(startOfDay('Asia/Tokyo', at('2026-03-29T15:30:00Z'))).toBe(at('2026-03-29T15:00:00Z'));
		const sunday = hours({ spans: [{ day: 7, from: '00:30', to: '12:00' }] });
		const now = at('2026-03-29T09:00:00Z');
		expect(openSince(sunday, now, start)).toBe(at('2026-03-29T00:30:00Z'));
		expect(openSince(sunday, now, now - 60_000)).toBe(now - 60_000);
	});
});
