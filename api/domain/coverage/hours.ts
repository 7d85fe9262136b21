import type { BusinessHours } from '#contract/presence.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;

const clocks = new Map<string, Intl.DateTimeFormat>();

/** Throws RangeError for a zone that nobody knows. */
function clockOf(timeZone: string): Intl.DateTimeFormat {
	const known = clocks.get(timeZone);
	if (known) return known;
	const clock = new Intl.DateTimeFormat('en-GB', {
		timeZone,
		hourCycle: 'h23',
		year: 'numeric',
		month: '2-digit',
		day: '2-digit',
		hour: '2-digit',
		minute: '2-digit'
	});
	clocks.set(timeZone, clock);
	return clock;
}

export function isTimeZone(timeZone: string): boolean {
	try {
		clockOf(timeZone);
		return true;
	} catch {
		return false;
	}
}

interface LocalDay {
	/** "2026-11-22". */
	date: string;
	/** 1 is Monday. */
	day: number;
}

/** A calendar date as UTC midnight: only a way to count days. */
function localDay(midnight: number): LocalDay {
	const date = new Date(midnight);
	return { date: date.toISOString().slice(0, 10), day: date.getUTCDay() || 7 };
}

const minuteOf = (clock: string): number => {
	const [hours = 0, minutes = 0] = clock.split(':').map(Number);
	return hours * 60 + minutes;
};

/** Whether somebody is to be there at `at`, in milliseconds. A span belongs to the local day on which it begins. */
export function isOpenAt(hours: BusinessHours, at: number): boolean {
	const parts = clockOf(hours.timeZone).formatToParts(at);
	const part = (type: string) => Number(parts.find((p) => p.type === type)?.value);
	const midnight = Date.UTC(part('year'), part('month') - 1, part('day'));
	const minute = part('hour') * 60 + part('minute');
	const [today, yesterday] = [localDay(midnight), localDay(midnight - DAY_MINUTES * MINUTE_MS)];
	return hours.spans.some((span) => {
		const [from, to] = [minuteOf(span.from), minuteOf(span.to)];
		const isOvernight = to <= from;
		const beginsOn = ({ day, date }: LocalDay) =>
			span.day === day && !hours.holidays.includes(date);
		if (beginsOn(today) && minute >= from && (isOvernight || minute < to)) return true;
		return isOvernight && beginsOn(yesterday) && minute < to;
	});
}

/** When the hours that are open at `at` end; null while closed, and where they do not end within a week. */
export function closesAt(hours: BusinessHours, at: number): number | null {
	if (!isOpenAt(hours, at)) return null;
	const first = Math.floor(at / MINUTE_MS) * MINUTE_MS;
	for (let n = 1; n <= 7 * DAY_MINUTES; n++)
		if (!isOpenAt(hours, first + n * MINUTE_MS)) return first + n * MINUTE_MS;
	return null;
}
