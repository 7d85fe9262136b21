import { isTimeZone, minuteOf } from './business-hours.ts';
import type { QuietHours } from './notifications.ts';

/** Minutes since midnight on the wall clock of the time zone, which is one. */
function wallMinutes(timeZone: string, at: number): number {
	const format = new Intl.DateTimeFormat('en-GB', {
		timeZone,
		hour: '2-digit',
		minute: '2-digit',
		hourCycle: 'h23'
	});
	return minuteOf(format.format(at));
}

/** Whether the person wants to be left alone at `at`. In doubt (a time zone unknown here) it is not quiet. */
export function isQuiet({ isOn, from, until, timeZone }: QuietHours, at: number): boolean {
	if (!isOn || from === until || !isTimeZone(timeZone)) return false;
	const [start, end, now] = [minuteOf(from), minuteOf(until), wallMinutes(timeZone, at)];
	return start < end ? now >= start && now < end : now >= start || now < end;
}
