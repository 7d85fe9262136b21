import type { DayResponse, ReachMark } from '#contract/presence.ts';

const HOUR_MS = 3_600_000;

/** A part of time. */
export interface Stretch {
	from: number;
	to: number;
}

/** `reachable`: offline, and a ring would have come. */
export interface Segment extends Stretch {
	kind: 'online' | 'reachable' | 'offline' | 'future';
}

/** When one device reported, in the picture's time. */
export interface Lane {
	name: string;
	spans: Stretch[];
}

/** A day as it is drawn: from the earlier of 8 and the first sign of life to the later of 18 and the last. */
export interface DayPicture extends Stretch {
	segments: Segment[];
	lanes: Lane[];
	/** Of the whole day. */
	onlineMs: number;
}

/** `from` and `to` bound the day by the reader's clock; `now` is the server's. */
export interface DayBounds extends Stretch {
	now: number;
}

export type Drawn = Pick<DayResponse, 'status' | 'rows' | 'reach'>;

/** Whether a ring would have come at a moment of being offline: what was noted last says so. */
export const isReachableAt = (marks: readonly ReachMark[], at: number): boolean =>
	marks.findLast((mark) => mark.at <= at)?.isReachable ?? false;

function segmentsOf(day: Drawn, { from, to, now }: DayBounds): Segment[] {
	const end = Math.min(to, Math.max(now, from));
	const marks = day.reach ?? [];
	const turns = [...day.rows.map(({ at }) => at), ...marks.map(({ at }) => at)];
	const starts = [from, ...turns.filter((at) => at > from && at < end).sort((a, b) => a - b)];
	const kindAt = (at: number): Segment['kind'] => {
		const row = day.rows.findLast((change) => change.at <= at);
		const isOnline = (row?.to ?? day.status) === 'online';
		if (isOnline) return 'online';
		return isReachableAt(marks, at) ? 'reachable' : 'offline';
	};
	const segments: Segment[] = [];
	const add = (kind: Segment['kind'], start: number, stop: number) => {
		const last = segments.at(-1);
		if (stop <= start) return;
		if (last?.kind === kind) last.to = stop;
		else segments.push({ kind, from: start, to: stop });
	};
	starts.forEach((start, n) => {
		add(kindAt(start), start, starts[n + 1] ?? end);
	});
	add('future', end, to);
	return segments;
}

/** The hours that a picture of these signs of life shows. */
function frameOf(signs: readonly number[], { from, to, now }: DayBounds): Stretch {
	const hour = (n: number) => new Date(from).setHours(n);
	const first = Math.floor(Math.min(hour(8), ...signs) / HOUR_MS) * HOUR_MS;
	const last = Math.max(hour(18), ...signs.map((at) => Math.min(at, now)));
	return { from: Math.max(from, first), to: Math.min(to, Math.ceil(last / HOUR_MS) * HOUR_MS) };
}

const clip = <T extends Stretch>(stretches: readonly T[], { from, to }: Stretch): T[] =>
	stretches
		.map((each) => ({ ...each, from: Math.max(each.from, from), to: Math.min(each.to, to) }))
		.filter((each) => each.to > each.from);

const onlineOf = (segments: readonly Segment[]) => segments.filter(({ kind }) => kind === 'online');
const endsOf = (stretches: readonly Stretch[]) => stretches.flatMap(({ from, to }) => [from, to]);

export function dayPicture(day: DayResponse, bounds: DayBounds): DayPicture {
	const all = segmentsOf(day, bounds);
	const online = onlineOf(all);
	const frame = frameOf([...endsOf(online), ...endsOf(day.leases)], bounds);
	const past = { from: frame.from, to: Math.min(frame.to, bounds.now) };
	const devices = Map.groupBy(day.leases, ({ deviceId }) => deviceId);
	return {
		...frame,
		segments: clip(all, frame),
		lanes: [...devices.values()].map((spans) => ({
			name: spans[0]?.deviceName ?? 'An unnamed browser',
			spans: united(clip(spans, past))
		})),
		onlineMs: online.reduce((sum, span) => sum + span.to - span.from, 0)
	};
}

/** Several people's days over the same hours. */
export interface TeamPicture extends Stretch {
	bands: { userId: string; segments: Segment[] }[];
}

export function teamPicture(
	days: readonly (Drawn & { userId: string })[],
	bounds: DayBounds
): TeamPicture {
	const bands = days.map((day) => ({ userId: day.userId, segments: segmentsOf(day, bounds) }));
	const frame = frameOf(
		bands.flatMap(({ segments }) => endsOf(onlineOf(segments))),
		bounds
	);
	return {
		...frame,
		bands: bands.map(({ userId, segments }) => ({ userId, segments: clip(segments, frame) }))
	};
}

/** One device's pages together; what is left between them is a gap. */
function united(spans: readonly Stretch[]): Stretch[] {
	const together: Stretch[] = [];
	for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
		const last = together.at(-1);
		if (last && from <= last.to) last.to = Math.max(last.to, to);
		else together.push({ from, to });
	}
	return together;
}
