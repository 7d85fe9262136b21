import type { BusinessHours } from '#contract/coverage.ts';
import { LIMITS } from '#contract/limits.ts';

export interface DraftSpan {
	from: string;
	to: string;
}
export interface DraftHoliday {
	date: string;
	name: string;
}

/** Business hours as they are edited: fields may be empty. */
export interface HoursDraft {
	/** Off: the team has none, and nothing is measured. */
	isOn: boolean;
	timeZone: string;
	/** Monday first. */
	days: DraftSpan[][];
	holidays: DraftHoliday[];
}

export const DAYS = [
	...['Monday', 'Tuesday', 'Wednesday', 'Thursday'],
	...['Friday', 'Saturday', 'Sunday']
] as const;

const byStart = (a: DraftSpan, b: DraftSpan) => a.from.localeCompare(b.from);
const OFFICE: DraftSpan = { from: '09:00', to: '17:00' };

/** `here`: the zone of this device, for a team that has no hours yet. */
export function draftOf(hours: BusinessHours | null, here: string): HoursDraft {
	if (!hours)
		return {
			isOn: false,
			timeZone: here,
			days: DAYS.map((_, n) => (n < 5 ? [{ ...OFFICE }] : [])),
			holidays: []
		};
	const names = new Map(hours.holidayNames?.map(({ date, name }) => [date, name]));
	return {
		isOn: true,
		timeZone: hours.timeZone,
		days: DAYS.map((_, n) =>
			hours.spans
				.filter(({ day }) => day === n + 1)
				.map(({ from, to }) => ({ from, to }))
				.sort(byStart)
		),
		holidays: hours.holidays.toSorted().map((date) => ({ date, name: names.get(date) ?? '' }))
	};
}

/** What is sent: null for a team that has no hours. */
export function hoursOf({ isOn, timeZone, days, holidays }: HoursDraft): BusinessHours | null {
	if (!isOn) return null;
	const named = holidays.filter(({ name }) => name.trim());
	return {
		timeZone,
		spans: days.flatMap((spans, n) => spans.map(({ from, to }) => ({ day: n + 1, from, to }))),
		holidays: holidays.map(({ date }) => date),
		holidayNames: named.map(({ date, name }) => ({ date, name: name.trim() }))
	};
}

/** A new span of a day: after the last one, or office hours. */
export function nextSpan(spans: readonly DraftSpan[]): DraftSpan {
	const last = spans.at(-1);
	if (!last?.to || last.to <= last.from) return { ...OFFICE };
	const hour = Number(last.to.slice(0, 2));
	if (hour >= 22) return { from: '', to: '' };
	const clock = (at: number) => `${String(at).padStart(2, '0')}:00`;
	return { from: clock(hour + 1), to: clock(Math.min(23, hour + 4)) };
}

const minutesOf = (clock: string): number => {
	const [hours = 0, minutes = 0] = clock.split(':').map(Number);
	return hours * 60 + minutes;
};
const lengthOf = ({ from, to }: DraftSpan): number =>
	minutesOf(to) - minutesOf(from) + (to <= from ? 24 * 60 : 0);
const isWhole = ({ from, to }: DraftSpan): boolean => from !== '' && to !== '';

/** Whether a span goes on into the next day. */
export const isOvernight = (span: DraftSpan): boolean => isWhole(span) && span.to <= span.from;

/** What is wrong, by field: `2.0` is the first span of Wednesday, `holiday.1` the second holiday. */
export function problemsOf({ isOn, days, holidays }: HoursDraft): Map<string, string> {
	const problems = new Map<string, string>();
	if (!isOn) return problems;
	days.forEach((spans, day) => {
		spans.forEach((span, n) => {
			if (!isWhole(span)) problems.set(`${day}.${n}`, 'A time is missing. Fill in both.');
			else if (spans.slice(0, n).some((other) => overlap(other, span)))
				problems.set(`${day}.${n}`, 'This overlaps with another time of the day. Change one.');
		});
	});
	holidays.forEach(({ date }, n) => {
		const isTwice = holidays.slice(0, n).some((other) => other.date === date);
		if (!date) problems.set(`holiday.${n}`, 'The date is missing. Choose one.');
		else if (isTwice) problems.set(`holiday.${n}`, 'This day is listed twice. Remove one.');
	});
	if (days.flat().length > LIMITS.businessSpans)
		problems.set('', `There are more than ${LIMITS.businessSpans} times. Remove some.`);
	return problems;
}

function overlap(a: DraftSpan, b: DraftSpan): boolean {
	if (!isWhole(a)) return false;
	const [start, other] = [minutesOf(a.from), minutesOf(b.from)];
	return start < other + lengthOf(b) && other < start + lengthOf(a);
}
