import type { DayResponse } from '#contract/presence.ts';

const HOUR_MS = 3_600_000;

export interface Segment {
	kind: 'online' | 'offline' | 'future';
	from: number;
	to: number;
}

/** When one device reported, in the picture's time. */
export interface Lane {
	name: string;
	spans: { from: number; to: number }[];
}

/** A day as it is drawn: from the earlier of 8 and the first sign of life to the later of 18 and the last. */
export interface DayPicture {
	from: number;
	to: number;
	segments: Segment[];
	lanes: Lane[];
	/** Of the whole day. */
	onlineMs: number;
}

const parts = (
	{ status, rows }: DayResponse,
	{ from, to, now }: { from: number; to: number; now: number }
): Segment[] => {
	const end = Math.min(to, Math.max(now, from));
	const segments: Segment[] = [];
	const add = (kind: Segment['kind'], start: number, stop: number) => {
		const last = segments.at(-1);
		if (stop <= start) return;
		if (last?.kind === kind) last.to = stop;
		else segments.push({ kind, from: start, to: stop });
	};
	let kind = status;
	let at = from;
	for (const row of rows) {
		add(kind, at, Math.min(row.at, end));
		at = Math.min(Math.max(row.at, from), end);
		kind = row.to === 'online' ? 'online' : 'offline';
	}
	add(kind, at, end);
	add('future', end, to);
	return segments;
};

/** `from` and `to` bound the day by the reader's clock; `now` by the server's. */
export function dayPicture(
	day: DayResponse,
	bounds: { from: number; to: number; now: number }
): DayPicture {
	const all = parts(day, bounds);
	const online = all.filter(({ kind }) => kind === 'online');
	const signs = [...online, ...day.leases].flatMap((span) => [span.from, span.to]);
	const hour = (n: number) => new Date(bounds.from).setHours(n);
	const from = Math.max(bounds.from, Math.floor(Math.min(hour(8), ...signs) / HOUR_MS) * HOUR_MS);
	const to = Math.min(
		bounds.to,
		Math.ceil(Math.max(hour(18), ...signs.map((at) => Math.min(at, bounds.now))) / HOUR_MS) *
			HOUR_MS
	);
	const clip = <T extends { from: number; to: number }>(spans: T[], end: number): T[] =>
		spans
			.map((span) => ({ ...span, from: Math.max(span.from, from), to: Math.min(span.to, end) }))
			.filter((span) => span.to > span.from);
	const devices = Map.groupBy(day.leases, ({ deviceId }) => deviceId);
	return {
		from,
		to,
		segments: clip(all, to),
		lanes: [...devices.values()].map((spans) => ({
			name: spans[0]?.deviceName ?? 'A device since forgotten',
			spans: united(clip(spans, Math.min(to, bounds.now)))
		})),
		onlineMs: online.reduce((sum, span) => sum + span.to - span.from, 0)
	};
}

/** One device's pages together; what is left between them is a gap. */
function united(spans: { from: number; to: number }[]): { from: number; to: number }[] {
	const together: { from: number; to: number }[] = [];
	for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
		const last = together.at(-1);
		if (last && from <= last.to) last.to = Math.max(last.to, to);
		else together.push({ from, to });
	}
	return together;
}
