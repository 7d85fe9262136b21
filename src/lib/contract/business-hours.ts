import type { BusinessHours } from './coverage.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Clocks change at full quarters of an hour, everywhere. */
const QUARTER_MS = 15 * MINUTE_MS;
/** Hours that do not end within so long do not end. */
const LONGEST_OPEN_MS = 8 * DAY_MS;
const LONGEST_CLOSED_MS = 40 * DAY_MS;

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

const toMinute = (at: number) => Math.floor(at / MINUTE_MS) * MINUTE_MS;

/** How far the zone's clocks are ahead of UTC at that moment, in milliseconds. */
function offsetAt(timeZone: string, at: number): number {
	const parts = clockOf(timeZone).formatToParts(at);
	const part = (type: string) => Number(parts.find((p) => p.type === type)?.value);
	const wall = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'));
	return wall - toMinute(at);
}

/** Minutes since midnight of a time of day such as 22:30. */
export const minuteOf = (clock: string): number => {
	const [hours = 0, minutes = 0] = clock.split(':').map(Number);
	return hours * 60 + minutes;
};

/** The hours as they are looked up: spans in minutes by weekday, 0 is Sunday. */
interface Week {
	days: { from: number; to: number }[][];
	holidays: ReadonlySet<string>;
}

function weekOf({ spans, holidays }: BusinessHours): Week {
	const days: Week['days'] = Array.from({ length: 7 }, () => []);
	for (const { day, from, to } of spans)
		days[day % 7]?.push({ from: minuteOf(from), to: minuteOf(to) });
	return { days, holidays: new Set(holidays) };
}

/** The spans that begin on the date of a wall clock, which is told as if it were UTC. */
function spansOn({ days, holidays }: Week, midnight: number) {
	const date = new Date(midnight);
	return holidays.has(date.toISOString().slice(0, 10)) ? [] : (days[date.getUTCDay()] ?? []);
}

/** By the wall clock. A span belongs to the local day on which it begins. */
function isOpenOn(week: Week, wall: number): boolean {
	const midnight = Math.floor(wall / DAY_MS) * DAY_MS;
	const minute = Math.floor((wall - midnight) / MINUTE_MS);
	return (
		spansOn(week, midnight).some(({ from, to }) => minute >= from && (to <= from || minute < to)) ||
		spansOn(week, midnight - DAY_MS).some(({ from, to }) => to <= from && minute < to)
	);
}

/** Whether somebody is to be there at `at`, in milliseconds. */
export const isOpenAt = (hours: BusinessHours, at: number): boolean =>
	isOpenOn(weekOf(hours), at + offsetAt(hours.timeZone, at));

/** The first full minute after `at` at which the hours are (not) open; null where none comes in time. */
function nextAt(
	hours: BusinessHours,
	at: number,
	{ isOpen, withinMs }: { isOpen: boolean; withinMs: number }
): number | null {
	const week = weekOf(hours);
	let offset = offsetAt(hours.timeZone, at);
	for (let next = toMinute(at) + MINUTE_MS; next <= at + withinMs; next += MINUTE_MS) {
		if (next % QUARTER_MS === 0) offset = offsetAt(hours.timeZone, next);
		if (isOpenOn(week, next + offset) === isOpen) return next;
	}
	return null;
}

/** When the hours that are open at `at` end; null while closed, and where they do not end within a week. */
export const closesAt = (hours: BusinessHours, at: number): number | null =>
	isOpenAt(hours, at) ? nextAt(hours, at, { isOpen: false, withinMs: LONGEST_OPEN_MS }) : null;

/** When hours that are closed at `at` begin; null while open, and where none begin within weeks. */
export const opensAt = (hours: BusinessHours, at: number): number | null =>
	hours.spans.length === 0 || isOpenAt(hours, at)
		? null
		: nextAt(hours, at, { isOpen: true, withinMs: LONGEST_CLOSED_MS });

/** Since when the hours that are open at `at` are open, looking no further back than `notBefore`. */
export function openSince(hours: BusinessHours, at: number, notBefore: number): number {
	const week = weekOf(hours);
	let since = toMinute(at);
	for (let next = since; next > notBefore; next -= MINUTE_MS) {
		if (!isOpenOn(week, next + offsetAt(hours.timeZone, next))) return since;
		since = next;
	}
	return notBefore;
}

/** When the local day began on which `at` lies. */
export function startOfDay(timeZone: string, at: number): number {
	const wall = at + offsetAt(timeZone, at);
	const midnight = Math.floor(wall / DAY_MS) * DAY_MS;
	const guess = midnight - offsetAt(timeZone, at);
	// The clocks may have changed since midnight.
	return midnight - offsetAt(timeZone, guess);
}
