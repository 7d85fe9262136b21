import { describe, expect, test } from 'vitest';
import { BusinessHours, TeamLeases } from '#contract/coverage.ts';
import {
	draftOf,
	type HoursDraft,
	hoursOf,
	isOvernight,
	nextSpan,
	problemsOf
} from '../../src/routes/(app)/coverage/draft.ts';
import {
	leaseProblemsOf,
	leasesDraftOf,
	leasesOf
} from '../../src/routes/(app)/coverage/leases.ts';
import { hoursSentence, length, whyUncovered } from '../../src/routes/(app)/coverage/words.ts';

const HOURS: BusinessHours = {
	timeZone: 'Europe/Lisbon',
	spans: [
		{ day: 1, from: '09:00', to: '12:00' },
		{ day: 1, from: '13:00', to: '18:00' },
		{ day: 5, from: '22:00', to: '06:00' }
	],
	holidays: ['2026-12-25', '2027-01-01'],
	holidayNames: [{ date: '2026-12-25', name: 'Christmas' }]
};
const draft = (change: (draft: HoursDraft) => void): HoursDraft => {
	const made = draftOf(HOURS, 'UTC');
	change(made);
	return made;
};

describe('hours as they are edited', () => {
	test('are sent as they came', () => {
		expect(hoursOf(draftOf(HOURS, 'UTC'))).toEqual(HOURS);
		expect(BusinessHours.safeParse(hoursOf(draftOf(HOURS, 'UTC'))).success).toBe(true);
		expect(problemsOf(draftOf(HOURS, 'UTC')).size).toBe(0);
	});

	test('begin with an office week where the team is, and are none until switched on', () => {
		const fresh = draftOf(null, 'Asia/Tokyo');
		expect(hoursOf(fresh)).toBeNull();
		const hours = hoursOf({ ...fresh, isOn: true });
		expect(hours?.timeZone).toBe('Asia/Tokyo');
		expect(hours?.spans).toHaveLength(5);
	});

	test.each<[string, (draft: HoursDraft) => void, string]>([
		['a time that is missing', (d) => d.days[2]?.push({ from: '09:00', to: '' }), '2.0'],
		['two that overlap', (d) => d.days[0]?.push({ from: '11:00', to: '13:30' }), '0.2'],
		['one within a night', (d) => d.days[4]?.push({ from: '23:00', to: '23:30' }), '4.1'],
		['a holiday without a date', (d) => d.holidays.push({ date: '', name: 'x' }), 'holiday.2'],
		[
			'the same holiday twice',
			(d) => d.holidays.push({ date: '2026-12-25', name: '' }),
			'holiday.2'
		]
	])('say what is wrong about %s', (_, change, field) => {
		const problems = problemsOf(draft(change));
		expect([...problems.keys()]).toEqual([field]);
		expect(problems.get(field)).toMatch(/^[A-Z].*\. [A-Z].*\.$/);
	});

	test('let times follow each other without a gap, and offer one after the last', () => {
		expect(problemsOf(draft((d) => d.days[0]?.push({ from: '12:00', to: '13:00' }))).size).toBe(0);
		expect(nextSpan([{ from: '09:00', to: '12:00' }])).toEqual({ from: '13:00', to: '16:00' });
		expect(nextSpan([{ from: '18:00', to: '23:30' }])).toEqual({ from: '', to: '' });
		expect(isOvernight({ from: '22:00', to: '06:00' })).toBe(true);
		expect(isOvernight({ from: '22:00', to: '' })).toBe(false);
	});
});

describe('the sentence about the hours', () => {
	const at = (iso: string) => Date.parse(iso);

	test('says until when they are open, or when they open', () => {
		expect(hoursSentence(HOURS, at('2026-11-23T10:00:00Z'))).toMatch(/^Open until 12:00/);
		expect(hoursSentence(HOURS, at('2026-11-23T12:30:00Z'))).toMatch(
			/^Closed now\. Opens today at 0?1:00 PM\.$|^Closed now\. Opens today at 13:00\.$/
		);
		expect(hoursSentence(HOURS, at('2026-11-24T12:00:00Z'))).toMatch(/Opens Friday at/);
		expect(hoursSentence(HOURS, at('2026-11-27T23:00:00Z'))).toMatch(
			/^Open until 0?6:00.* tomorrow/
		);
		expect(hoursSentence({ ...HOURS, spans: [] }, 0)).toBe('Closed, with no opening ahead.');
	});
});

test('a time without anybody says how long, who was last and why', () => {
	expect([12_000, 61_000, 3_600_000, 12_000_000].map(length)).toEqual([
		...['12 s', '1 min', '1 h', '3 h 20 min']
	]);
	const span = { from: 0, to: null, isAlerted: false };
	expect(whyUncovered({ ...span, lastName: 'Ana', cause: 'heartbeat lost' })).toBe(
		'Ana’s devices fell silent'
	);
	expect(whyUncovered({ ...span, lastName: null, cause: null })).toBe(
		'Nobody was online when the hours began'
	);
	expect(whyUncovered({ ...span, lastName: null, cause: 'signed out' })).toBe(
		'Somebody who has left the team signed out'
	);
});

test('numbers are sent within their bounds, and the least as none', () => {
	expect(leasesOf(leasesDraftOf(null))).toBeNull();
	const longer = { visibleS: 120, hiddenS: 400 };
	expect(leasesOf(leasesDraftOf(longer))).toEqual(longer);
	for (const [visibleS, hiddenS] of [
		...[['74', '200'] as const, ['75', '199'] as const, ['601', '200'] as const],
		...[['', '200'] as const, ['80.5', '200'] as const, ['x', '200'] as const]
	]) {
		const typed = { visibleS, hiddenS };
		expect(leaseProblemsOf(typed).size, visibleS).toBe(1);
		expect(TeamLeases.safeParse(leasesOf(typed)).success).toBe(false);
	}
	expect(leaseProblemsOf({ visibleS: '75', hiddenS: '1800' }).size).toBe(0);
});
