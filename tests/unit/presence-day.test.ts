import { expect, test } from 'vitest';
import { newId } from '#contract/ids.ts';
import type { DayResponse, LedgerRow } from '#contract/presence.ts';
import { dayPicture, teamPicture } from '../../src/lib/presence/day.ts';

const midnight = new Date(2026, 5, 1).getTime();
const at = (hour: number, minute = 0) => midnight + (hour * 60 + minute) * 60_000;
const bounds = { from: midnight, to: at(24), now: at(14) };
const row = (moment: number, to: 'online' | 'offline'): LedgerRow => ({
	id: newId(),
	userId: newId(),
	at: moment,
	from: to === 'online' ? 'offline' : 'online',
	to,
	cause: 'set by you',
	deviceName: null,
	lastBeatAt: null,
	visibility: null
});
const day = (given: Partial<DayResponse>): DayResponse => ({
	status: 'offline',
	rows: [],
	leases: [],
	...given
});

test('a day shows what was so, and leaves open what is to come', () => {
	const rows = [row(at(9), 'online'), row(at(12), 'offline'), row(at(13), 'online')];
	const picture = dayPicture(day({ rows }), bounds);
	expect([picture.from, picture.to]).toEqual([at(8), at(18)]);
	expect(picture.segments).toEqual([
		{ kind: 'offline', from: at(8), to: at(9) },
		{ kind: 'online', from: at(9), to: at(12) },
		{ kind: 'offline', from: at(12), to: at(13) },
		{ kind: 'online', from: at(13), to: at(14) },
		{ kind: 'future', from: at(14), to: at(18) }
	]);
	expect(picture.onlineMs).toBe(4 * 3_600_000);
});

test('a day that begins online and goes on at night shows all of it', () => {
	const rows = [row(at(1), 'offline'), row(at(22), 'online')];
	const picture = dayPicture(day({ status: 'online', rows }), { ...bounds, now: at(30) });
	expect([picture.from, picture.to]).toEqual([midnight, at(24)]);
	expect(picture.segments.map(({ kind }) => kind)).toEqual(['online', 'offline', 'online']);
});

test('each device has a lane with its gaps, its pages together', () => {
	const [deviceId, phone] = [newId(), newId()];
	const leases = [
		{ deviceId, deviceName: 'Firefox on Linux', from: at(9), to: at(10) },
		{ deviceId, deviceName: 'Firefox on Linux', from: at(9, 30), to: at(11) },
		{ deviceId, deviceName: 'Firefox on Linux', from: at(12), to: at(15) },
		{ deviceId: phone, deviceName: null, from: at(7, 10), to: at(7, 20) }
	];
	const picture = dayPicture(day({ leases }), bounds);
	expect(picture.from).toBe(at(7));
	expect(picture.lanes).toEqual([
		{
			name: 'Firefox on Linux',
			spans: [
				{ from: at(9), to: at(11) },
				// A lease reaches ahead; the picture does not.
				{ from: at(12), to: at(14) }
			]
		},
		{ name: 'An unnamed browser', spans: [{ from: at(7, 10), to: at(7, 20) }] }
	]);
});

test('a day to come is all open', () => {
	const picture = dayPicture(day({}), { ...bounds, now: midnight - 1 });
	expect(picture.segments).toEqual([{ kind: 'future', from: at(8), to: at(18) }]);
});

test('being offline is hatched as long as a ring would have come', () => {
	const rows = [row(at(9), 'online'), row(at(12), 'offline'), row(at(13), 'online')];
	const reach = [
		// Of the day before: it held until the agent came online, and is no word about noon.
		{ at: at(-3), isReachable: true },
		{ at: at(12), isReachable: false },
		{ at: at(12, 30), isReachable: true }
	];
	const { segments } = dayPicture(day({ rows, reach }), bounds);
	expect(segments).toEqual([
		{ kind: 'reachable', from: at(8), to: at(9) },
		{ kind: 'online', from: at(9), to: at(12) },
		{ kind: 'offline', from: at(12), to: at(12, 30) },
		{ kind: 'reachable', from: at(12, 30), to: at(13) },
		{ kind: 'online', from: at(13), to: at(14) },
		{ kind: 'future', from: at(14), to: at(18) }
	]);
});

test('a team’s days lie over the same hours, from the first who came to the last who left', () => {
	const [early, late] = [newId(), newId()];
	const days = [
		{ userId: early, ...day({ rows: [row(at(6, 30), 'online'), row(at(10), 'offline')] }) },
		{ userId: late, ...day({ rows: [row(at(13), 'online')] }) }
	];
	const picture = teamPicture(days, { ...bounds, now: at(21, 30) });
	expect([picture.from, picture.to]).toEqual([at(6), at(22)]);
	expect(picture.bands.map(({ userId }) => userId)).toEqual([early, late]);
	for (const { segments } of picture.bands) {
		expect(segments[0]?.from).toBe(at(6));
		expect(segments.at(-1)?.to).toBe(at(22));
	}
});
