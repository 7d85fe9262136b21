import type { QuietHours } from '#contract/notifications.ts';

const minutesOf = (time: string): number => {
	const [hours = 0, minutes = 0] = time.split(':').map(Number);
	return hours * 60 + minutes;
};

/** Minutes since midnight on the wall clock of the time zone; throws RangeError for a zone that is none. */
function wallMinutes(timeZone: string, at: number): number {
	const format = new Intl.DateTimeFormat('en-GB', {
		timeZone,
		hour: '2-digit',
		minute: '2-digit',
		hourCycle: 'h23'
	});
	return minutesOf(format.format(at));
}

export function isTimeZone(timeZone: string): boolean {
	try {
		wallMinutes(timeZone, 0);
		return true;
	} catch {
		return false;
	}
}

/** Whether the person wants to be left alone at `at`. In doubt (a time zone unknown here) it is not quiet. */
export function isQuiet({ isOn, from, until, timeZone }: QuietHours, at: number): boolean {
	if (!isOn || from === until || !isTimeZone(timeZone)) return false;
	const [start, end, now] = [minutesOf(from), minutesOf(until), wallMinutes(timeZone, at)];
	return start < end ? now >= start && now < end : now >= start || now < end;
}
