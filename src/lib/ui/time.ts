const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const clockWithSeconds = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const date = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'long' });
const longDate = new Intl.DateTimeFormat(undefined, { dateStyle: 'long' });
const DAY_MS = 86_400_000;

const startOfDay = (at: number): number => new Date(at).setHours(0, 0, 0, 0);
/** Whole days between two moments' dates; rounded, because a day of a time change is not 24 hours. */
const daysBetween = (at: number, now: number): number =>
	Math.round((startOfDay(now) - startOfDay(at)) / DAY_MS);

/** "14:05", in the reader's own clock. */
export const clockTime = (at: number): string => clock.format(at);
/** "14:05:07", for evidence. */
export const exactTime = (at: number): string => clockWithSeconds.format(at);

/** A duration as a timer: "0:19", "12:04", "1:02:09". */
export function timer(ms: number): string {
	const seconds = Math.max(0, Math.floor(ms / 1000));
	const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
	const [hours = 0, minutes = 0, rest = 0] = parts;
	const tail = `${hours ? String(minutes).padStart(2, '0') : minutes}:${String(rest).padStart(2, '0')}`;
	return hours ? `${hours}:${tail}` : tail;
}

/** A row's time: "now", a clock time today, else the date. */
export function rowTime(at: number, now: number): string {
	if (now - at < 60_000) return 'now';
	return daysBetween(at, now) === 0 ? clockTime(at) : date.format(at);
}

/** "today at 14:05", "yesterday at 9:10", "Tuesday at 9:10", "3 Jun at 9:10". */
export function moment(at: number, now: number): string {
	return `${day(at, now)} at ${clockTime(at)}`;
}

/** "just now", "12 min ago", "3 h ago"; from a day on as `moment`. */
export function ago(at: number, now: number): string {
	if (now - at < 60_000) return 'just now';
	return now - at < DAY_MS ? `${span(now - at)} ago` : moment(at, now);
}

/** "today", "yesterday", "Tuesday", "3 Jun". */
export function day(at: number, now: number): string {
	const days = daysBetween(at, now);
	if (days === 0) return 'today';
	if (days === 1) return 'yesterday';
	return days < 7 ? weekday.format(at) : date.format(at);
}

/** The separator over a day's messages. */
export function dayLabel(at: number, now: number): string {
	const days = daysBetween(at, now);
	if (days === 0) return 'Today';
	if (days === 1) return 'Yesterday';
	return days < 7 ? weekday.format(at) : longDate.format(at);
}

export const isSameDay = (a: number, b: number): boolean => startOfDay(a) === startOfDay(b);

/** "4 s", "12 min", "3 h", "2 days". */
export function span(ms: number): string {
	const seconds = Math.max(0, Math.round(ms / 1000));
	if (seconds < 60) return `${seconds} s`;
	if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
	if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
	const days = Math.floor(seconds / 86_400);
	return days === 1 ? '1 day' : `${days} days`;
}
