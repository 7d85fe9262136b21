const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** "just now", "12 min ago", "3 h ago", "2 days ago": right in every time zone. Times in milliseconds. */
export function ago(at: number, now: number): string {
	const ms = now - at;
	if (ms < MINUTE_MS) return 'just now';
	if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min ago`;
	if (ms < DAY_MS) return `${Math.floor(ms / HOUR_MS)} h ago`;
	const days = Math.floor(ms / DAY_MS);
	return days === 1 ? '1 day ago' : `${days} days ago`;
}
