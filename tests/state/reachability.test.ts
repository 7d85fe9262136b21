import { expect, test, vi } from 'vitest';
import type { BoardRow } from '#contract/notifications.ts';

type Device = BoardRow['devices'][number];

const server = vi.hoisted(() => ({
	/** What it says of the devices, in turn; the last one stays. */
	boards: [] as Device[][],
	now: 0,
	/** Of the page, which the person leaves at `leavesAt`. */
	left: new AbortController(),
	leavesAt: Number.POSITIVE_INFINITY
}));
vi.mock('../../src/lib/state/api.ts', () => ({
	get: async () => {
		const devices = server.boards.length > 1 ? server.boards.shift() : server.boards[0];
		return { rows: [{ userId: 'ana', devices }], alarms: [] };
	}
}));
vi.mock('../../src/lib/sync/request.ts', () => ({
	request: async () => ({
		tests: server.boards[0]?.map(({ id }) => ({ testId: `t-${id}`, userId: 'ana', deviceId: id }))
	})
}));
vi.mock('../../src/lib/sync/backoff.ts', () => ({
	pause: async (_: unknown, ms: number) => {
		server.now += ms;
		if (server.now >= server.leavesAt) server.left.abort();
	}
}));
vi.mock('../../src/lib/state/page.svelte.ts', () => ({ thisPage: { now: () => server.now } }));
vi.mock('../../src/lib/state/session.svelte.ts', () => ({ session: { team: { id: 't' } } }));

const BEFORE = 1_000;
const SINCE = 2_000;
/** A page asks once a second; the answer is there the second time. */
const SECOND_ASK_MS = 2_000;

const device = (given: Partial<Device> = {}): Device => ({
	id: 'phone',
	name: 'Safari on iPhone',
	health: 'unproved',
	isSignedOut: false,
	isRefused: false,
	lastSeenAt: 0,
	lastShownAt: null,
	lastShownLatencyMs: null,
	lastOpenedAt: null,
	silentSince: null,
	...given
});

/** What a test says at its end, and after how long, of a device as it stood before and as the board shows it since. */
async function answersOf(before: Partial<Device>, since: Partial<Device>) {
	const { reachability } = await import('../../src/lib/state/reachability.svelte.ts');
	reachability.forget();
	server.boards = [[device(before)]];
	await reachability.board.load();
	server.boards = [[device(before)], [device({ ...before, ...since })]];
	const startedAt = server.now;
	await reachability.ring(null, server.left.signal);
	return { ...reachability.test, tookMs: server.now - startedAt };
}

test.each<[string, Partial<Device>, Partial<Device>]>([
	['shown for the first time', {}, { lastShownAt: SINCE }],
	['shown again', { lastShownAt: BEFORE }, { lastShownAt: SINCE }],
	['opened', { lastShownAt: BEFORE }, { lastOpenedAt: SINCE }],
	['heard, as the person says', {}, { lastRungAt: SINCE }]
])('a device on which a test was %s has answered', async (_, before, since) => {
	expect(await answersOf(before, since)).toEqual({ count: 1, answered: 1, tookMs: SECOND_ASK_MS });
});

test.each<[string, Partial<Device>, Partial<Device>]>([
	['says nothing', { lastShownAt: BEFORE }, {}],
	['registers anew, which forgets its proofs', { lastShownAt: BEFORE }, { lastShownAt: null }]
])('a device that %s has not', async (_, before, since) => {
	expect(await answersOf(before, since)).toEqual({ count: 1, answered: 0, tookMs: 20_000 });
});

test('whoever leaves the page waits no longer', async () => {
	server.leavesAt = server.now + 5_000;
	expect(await answersOf({}, {})).toEqual({ count: 1, answered: 0, tookMs: 5_000 });
});
