import { closesAt, isOpenAt, opensAt } from '#contract/business-hours.ts';
import type { BusinessHours, UncoveredSpan } from '#contract/coverage.ts';
import type { PresenceCause } from '#contract/entities.ts';

const DAY_MS = 86_400_000;

/** A time of a clock in the zone: "09:00". */
const clockIn = (timeZone: string, at: number): string =>
	new Intl.DateTimeFormat(undefined, { timeStyle: 'short', timeZone }).format(at);

/** "17:30" as the reader's clock shows it. */
export const clockText = (clock: string): string =>
	clockIn('UTC', Date.parse(`1970-01-01T${clock}Z`));

/** The zone as people read it: "Europe/Lisbon", "America/New York". */
export const zoneName = (timeZone: string): string => timeZone.replaceAll('_', ' ');

/** "today", "tomorrow", "Monday", "4 Jan": the day of a coming moment, by the calendar of the zone. */
function dayIn(timeZone: string, at: number, now: number): string {
	const format = (options: Intl.DateTimeFormatOptions, moment: number) =>
		new Intl.DateTimeFormat(undefined, { ...options, timeZone }).format(moment);
	const date = (moment: number) => format({ dateStyle: 'short' }, moment);
	if (date(at) === date(now)) return 'today';
	if (date(at) === date(now + DAY_MS)) return 'tomorrow';
	const isNear = at - now < 6 * DAY_MS;
	return format(isNear ? { weekday: 'long' } : { day: 'numeric', month: 'short' }, at);
}

/** Whether the team is open, and until or from when: by the code that measures. */
export function hoursSentence(hours: BusinessHours, now: number): string {
	const { timeZone } = hours;
	if (isOpenAt(hours, now)) {
		const end = closesAt(hours, now);
		if (end === null) return 'Open around the clock.';
		const day = dayIn(timeZone, end, now);
		return `Open until ${clockIn(timeZone, end)}${day === 'today' ? '' : ` ${day}`}.`;
	}
	const start = opensAt(hours, now);
	if (start === null) return 'Closed, with no opening ahead.';
	return `Closed now. Opens ${dayIn(timeZone, start, now)} at ${clockIn(timeZone, start)}.`;
}

/** "45 s", "12 min", "3 h 20 min". */
export function length(ms: number): string {
	const seconds = Math.round(ms / 1000);
	if (seconds < 60) return `${seconds} s`;
	const minutes = Math.round(seconds / 60);
	if (minutes < 60) return `${minutes} min`;
	const rest = minutes % 60;
	return rest === 0 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
}

const CAUSES: Record<PresenceCause, (name: string) => string> = {
	'set by you': (name) => `${name} went offline`,
	'heartbeat lost': (name) => `${name}’s devices fell silent`,
	'signed out': (name) => `${name} signed out`,
	'set by admin': (name) => `An admin set ${name} offline`,
	'end time reached': (name) => `The time that ${name} had set ended`,
	'came back': (name) => `${name} went offline`
};

/** Why nobody was there: who was last, and how that person went. */
export function whyUncovered({ lastName, cause }: UncoveredSpan): string {
	if (!cause) return 'Nobody was online when the hours began';
	return CAUSES[cause](lastName ?? 'Somebody who has left the team');
}
