const HOUR_MS = 3_600_000;

export interface OfflineChoice {
	label: string;
	untilMs: number;
	reason?: string;
}

/** The quick ends of being offline: an hour, and lunch to the next half or full hour in 45 minutes or later. */
export function offlineChoices(now: number, clockTime: (at: number) => string): OfflineChoice[] {
	const half = HOUR_MS / 2;
	const lunchEnd = Math.ceil((now + HOUR_MS * 0.75) / half) * half;
	return [
		{ label: '1 hour', untilMs: HOUR_MS },
		{ label: `Lunch until ${clockTime(lunchEnd)}`, untilMs: lunchEnd - now, reason: 'Lunch' }
	];
}

/** Milliseconds from `now` to the next time a clock shows `time` ("14:30"). */
export function untilTime(time: string, now: number): number {
	const [hours = 0, minutes = 0] = time.split(':').map(Number);
	const end = new Date(now);
	end.setHours(hours, minutes, 0, 0);
	if (end.getTime() <= now) end.setDate(end.getDate() + 1);
	return end.getTime() - now;
}
