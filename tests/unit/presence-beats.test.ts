import { describe, expect, test } from 'vitest';
import type { Presence } from '#contract/entities.ts';
import { newId } from '#contract/ids.ts';
import type { BeatRequest, LeaveRequest, PageState } from '#contract/presence.ts';
import type { KeptWish } from '../../src/lib/db/schema.ts';
import { Beats } from '../../src/lib/presence/beats.ts';
import { stillWanted } from '../../src/lib/presence/kept-wish.ts';
import type { BeatMessage, LeaveMessage, WorkerMessage } from '../../src/lib/presence/messages.ts';
import type { Page, PageEvent } from '../../src/lib/sync/page.ts';
import { Offline, type Request } from '../../src/lib/sync/request.ts';

const SECOND = 1000;
const USER = newId();
const answer = { leaseMs: 75_000, everyMs: { visible: 25_000, hidden: 60_000 }, teams: [] };

/** One page whose time is moved by hand. `lock` decides whether it gets the lock. */
function aWorld(options: { hasWorker?: boolean; getsLock?: boolean } = {}) {
	const { hasWorker = true, getsLock = true } = options;
	const listeners = new Map<PageEvent, Set<() => void>>();
	const channel = new Set<(message: unknown) => void>();
	const toWorker: BeatMessage[] = [];
	const farewells: LeaveMessage[] = [];
	const requests: BeatRequest[] = [];
	const beacons: LeaveRequest[] = [];
	const heard: string[] = [];
	let timers: { at: number; run: () => void }[] = [];
	let isLockHeld = false;
	const world = { now: 0, visibility: 'visible' as Page['visibility'], isOnline: true };
	const page: Page = {
		id: newId(),
		get visibility() {
			return world.visibility;
		},
		get isFocused() {
			return world.visibility === 'visible';
		},
		get isOnline() {
			return world.isOnline;
		},
		idleMs: () => 0,
		now: () => world.now,
		on(event, listener) {
			const of = listeners.get(event) ?? new Set();
			listeners.set(event, of.add(listener));
			return () => of.delete(listener);
		},
		after(ms, run) {
			const timer = { at: world.now + ms, run };
			timers.push(timer);
			return () => {
				timers = timers.filter((other) => other !== timer);
			};
		},
		async hold(_name, _options, work) {
			if (!getsLock) return;
			isLockHeld = true;
			await work(true);
			isLockHeld = false;
		},
		beacon: (_url, body) => void beacons.push(body as LeaveRequest),
		postToWorker(message) {
			const { type } = message as BeatMessage | LeaveMessage;
			if (type === 'leave') farewells.push(message as LeaveMessage);
			else if (hasWorker) toWorker.push(message as BeatMessage);
			return hasWorker;
		},
		broadcast: () => ({
			post: () => {},
			on(listener) {
				channel.add(listener);
				return () => channel.delete(listener);
			},
			close: () => channel.clear()
		})
	};
	const request: Request = async ({ body }) => {
		requests.push(body as BeatRequest);
		if (!world.isOnline) throw new Offline();
		return answer as never;
	};
	const beats = new Beats({
		page,
		userId: USER,
		deviceId: newId(),
		request,
		random: () => 1,
		onAnswer: () => heard.push('answer'),
		onUnreached: () => heard.push('unreached')
	});
	return {
		...{ beats, toWorker, farewells, requests, beacons, heard, world },
		isLockHeld: () => isLockHeld,
		fire: (event: PageEvent) => {
			for (const listener of listeners.get(event) ?? []) listener();
		},
		tell: (message: WorkerMessage) => {
			for (const listener of channel) listener(message);
		},
		/** Moves time, running what falls due. */
		pass(ms: number) {
			const end = world.now + ms;
			for (;;) {
				const next = timers.toSorted((a, b) => a.at - b.at)[0];
				if (!next || next.at > end) break;
				timers = timers.filter((timer) => timer !== next);
				world.now = next.at;
				next.run();
			}
			world.now = end;
		}
	};
}

const visibilities = (messages: BeatMessage[]) => messages.map(({ page }) => page.visibility);
const answered = { type: 'answered', response: answer } satisfies WorkerMessage;

describe('a page', () => {
	test('ticks at once, then every 25 s while visible', () => {
		const { toWorker, pass, tell } = aWorld();
		tell(answered);
		expect(toWorker).toHaveLength(1);
		for (let i = 0; i < 4; i++) {
			pass(25 * SECOND);
			tell(answered);
		}
		expect(toWorker).toHaveLength(5);
	});

	test('takes the server’s numbers from the first answer on', () => {
		const { toWorker, pass, tell } = aWorld();
		const everyMs = { visible: 2_500, hidden: 6_000 };
		tell({ type: 'answered', response: { ...answer, everyMs } });
		pass(2_500);
		expect(toWorker).toHaveLength(2);
	});

	test('ticks every 60 s while hidden, if it holds the lock', () => {
		const { toWorker, pass, tell, fire, world } = aWorld();
		world.visibility = 'hidden';
		fire('visibility');
		tell(answered);
		expect(visibilities(toWorker)).toEqual(['visible', 'hidden']);
		pass(59 * SECOND);
		expect(toWorker).toHaveLength(2);
		pass(SECOND);
		expect(toWorker).toHaveLength(3);
	});

	test('waits its interval anew when another’s beat has said how it stands, and only then', () => {
		const { toWorker, pass, tell } = aWorld();
		const [own] = toWorker.map(({ page }) => page);
		if (!own) throw new Error('no tick');
		const beatOf = (...pages: PageState[]): WorkerMessage => ({ ...answered, pages });
		tell(beatOf(own));
		pass(20 * SECOND);
		tell(beatOf({ ...own, id: newId() }, own));
		pass(24 * SECOND);
		expect(toWorker).toHaveLength(1);
		pass(SECOND);
		expect(toWorker).toHaveLength(2);
		pass(20 * SECOND);
		tell(beatOf({ ...own, id: newId() }));
		tell(beatOf({ ...own, visibility: 'hidden' }));
		tell(answered);
		tell({ type: 'unreached' });
		pass(5 * SECOND);
		expect(toWorker).toHaveLength(3);
	});

	test('holds back no change, however fresh another’s beat is', () => {
		const { toWorker, pass, tell, fire, world } = aWorld();
		pass(2 * SECOND);
		tell({ ...answered, pages: toWorker.map(({ page }) => page) });
		world.visibility = 'hidden';
		fire('visibility');
		expect(visibilities(toWorker)).toEqual(['visible', 'hidden']);
	});

	test('is silent while hidden without the lock, but answers a worker that asks', () => {
		const { toWorker, pass, tell, fire, world } = aWorld({ getsLock: false });
		world.visibility = 'hidden';
		fire('visibility');
		tell(answered);
		pass(600 * SECOND);
		expect(toWorker).toHaveLength(2);
		const known = toWorker[0]?.page.id ?? '';
		tell({ type: 'ask', known: [known] });
		expect(toWorker).toHaveLength(2);
		tell({ type: 'ask', known: [] });
		expect(toWorker).toHaveLength(3);
	});

	test('goes on under a new id where the worker has taken it for gone', () => {
		const { toWorker, tell } = aWorld();
		const [first] = toWorker.map(({ page }) => page.id);
		tell({ type: 'left', pageId: newId() });
		expect(toWorker).toHaveLength(1);
		tell({ type: 'left', pageId: first ?? '' });
		expect(toWorker).toHaveLength(2);
		expect(toWorker[1]?.page.id).not.toBe(first);
	});

	test('says one change once, though the browser tells it as two', () => {
		const { toWorker, fire, world, pass } = aWorld();
		pass(2 * SECOND);
		world.visibility = 'hidden';
		fire('visibility');
		fire('focus');
		expect(toWorker).toHaveLength(2);
	});

	test('speaks for itself where no worker controls it, or the worker is silent', async () => {
		const alone = aWorld({ hasWorker: false });
		expect(alone.requests).toHaveLength(1);
		await expect.poll(() => alone.heard).toEqual(['answer']);
		const broken = aWorld();
		broken.pass(5 * SECOND);
		expect(broken.requests).toHaveLength(1);
		for (const said of [alone.requests[0], broken.toWorker[0], broken.requests[0]])
			expect(said?.userId).toBe(USER);
	});

	test('queues nothing without a connection: one beat on return', () => {
		const { toWorker, requests, heard, fire, world, pass } = aWorld();
		world.isOnline = false;
		fire('offline');
		pass(3600 * SECOND);
		expect(toWorker).toHaveLength(1);
		// The first tick's silent worker: the page tried for itself, once.
		expect(requests).toHaveLength(1);
		expect(heard).not.toContain('answer');
		world.isOnline = true;
		fire('online');
		expect(toWorker).toHaveLength(2);
	});

	test('says farewell once, to the server and to the worker, and is silent until it comes back, as another page', async () => {
		const { toWorker, beacons, farewells, fire, world, pass, isLockHeld } = aWorld();
		await expect.poll(isLockHeld).toBe(true);
		fire('hide');
		world.visibility = 'hidden';
		fire('visibility');
		pass(600 * SECOND);
		const id = toWorker[0]?.page.id;
		expect(beacons).toMatchObject([{ pageId: id }]);
		expect(farewells).toEqual(beacons.map((said) => ({ type: 'leave', ...said })));
		expect(toWorker).toHaveLength(1);
		await expect.poll(isLockHeld).toBe(false);
		world.visibility = 'visible';
		fire('resume');
		expect(toWorker).toHaveLength(2);
		expect(toWorker[1]?.page.id).not.toBe(id);
		expect(isLockHeld()).toBe(true);
	});

	test('is not believed after a freeze until the server has answered again', () => {
		const { heard, fire, tell } = aWorld();
		tell(answered);
		fire('resume');
		expect(heard).toEqual(['answer', 'unreached']);
	});

	test('stops for good, without a farewell in nobody’s name', () => {
		const { beats, toWorker, beacons, pass, fire } = aWorld();
		beats.stop();
		pass(600 * SECOND);
		fire('resume');
		expect(toWorker).toHaveLength(1);
		expect(beacons).toEqual([]);
	});
});

describe('a wish to go offline that could not be sent', () => {
	const online: Presence = {
		status: 'online',
		since: 5,
		cause: 'set by you',
		until: null,
		reason: null,
		lastBeatAt: null
	};
	const kept: KeptWish = {
		teamId: newId(),
		untilMs: undefined,
		reason: undefined,
		madeAt: 0,
		since: 5
	};

	test('is sent on return', () => {
		expect(stillWanted(kept, { presence: online, now: 9 })).toEqual({});
	});
	test('keeps its end time, less what has passed', () => {
		const lunch = { ...kept, untilMs: 3_600_000, reason: 'Lunch' };
		expect(stillWanted(lunch, { presence: online, now: 600_000 })).toEqual({
			untilMs: 3_000_000,
			reason: 'Lunch'
		});
		expect(stillWanted(lunch, { presence: online, now: 3_600_000 })).toBeNull();
	});
	test('is dropped when the agent has spoken elsewhere, or is offline anyway', () => {
		expect(stillWanted(kept, { presence: { ...online, since: 6 }, now: 9 })).toBeNull();
		expect(stillWanted(kept, { presence: { ...online, status: 'offline' }, now: 9 })).toBeNull();
	});
});
