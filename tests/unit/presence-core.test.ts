import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TeamLeases } from '#contract/coverage.ts';
import { LEASE_S } from '#contract/presence.ts';
import {
	comeBack,
	dueTransition,
	farewell,
	type Knowledge,
	leaseEnd,
	lengthened,
	merge,
	presenceOf,
	proveBeat,
	setOffline,
	signedOut,
	wish
} from '../../api/presence/core.ts';
import { PRESENCE_SETTINGS, scaled } from '../../api/presence/settings.ts';
import type { Intent } from '../../api/store/intent.ts';
import type { Share } from '../../api/store/lease.ts';

const settings = PRESENCE_SETTINGS;
const T = 1_000_000_000;

/** Moments near each other, so that what happens just at the edge of a lease happens often. */
const near = (min: number, max: number) =>
	fc.oneof(
		fc.integer({ min: T + min, max: T + max }),
		fc.constantFrom(T - 500, T - 1, T, T + 1, T + 500, T + 1_999, T + 2_001, T + 10_001)
	);

const aShare: fc.Arbitrary<Share> = fc.record({
	deviceId: fc.constantFrom('d1', 'd2'),
	pageId: fc.constantFrom('p1', 'p2'),
	beatenAt: fc.integer({ min: T - 300_000, max: T }),
	expiresAt: near(-100_000, 200_000),
	leavesAt: fc.option(fc.integer({ min: T - 100_000, max: T + 10_000 })),
	visibility: fc.constantFrom('visible', 'hidden'),
	isFocused: fc.boolean()
});
const shares = fc.array(aShare, { maxLength: 6 });
const status = fc.constantFrom('online', 'offline');
const anIntent: fc.Arbitrary<Intent> = fc.record({
	status,
	cause: fc.constantFrom(null, 'set by you', 'heartbeat lost'),
	since: fc.integer({ min: T - 1_000_000, max: T }),
	until: fc.option(fc.integer({ min: T - 60_000, max: T + 60_000 })),
	reason: fc.constant(null),
	setBy: fc.constant(null),
	returnStatus: status,
	lastBeatAt: fc.constant(null)
});
const aKnowledge: fc.Arbitrary<Knowledge> = fc.record({
	intent: anIntent,
	shares,
	now: near(-10_000, 300_000)
});

const key = (s: Share) => `${s.deviceId} ${s.pageId}`;
const sorted = (list: Share[]) => list.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
const both = (a: readonly Share[], b: readonly Share[]) => sorted(merge(a, b));

describe('what two observers know together', () => {
	test('does not depend on the order, the grouping or repetition', () => {
		fc.assert(
			fc.property(shares, shares, shares, (a, b, c) => {
				expect(both(a, b)).toEqual(both(b, a));
				expect(both(merge(a, b), c)).toEqual(both(a, merge(b, c)));
				expect(both(merge(a, b), b)).toEqual(both(a, b));
			})
		);
	});

	test('only grows: later beats and earlier farewells are never forgotten', () => {
		fc.assert(
			fc.property(shares, shares, (a, b) => {
				const known = new Map(merge(a, b).map((share) => [key(share), share]));
				for (const share of a) {
					const now = known.get(key(share));
					expect(now?.beatenAt).toBeGreaterThanOrEqual(share.beatenAt);
					if (share.leavesAt !== null) expect(now?.leavesAt).toBeLessThanOrEqual(share.leavesAt);
				}
			})
		);
	});

	test('a farewell only ever shortens, and a page of another device is not touched', () => {
		fc.assert(
			fc.property(shares, (known) => {
				const page = { deviceId: 'd1', pageId: 'p1' };
				const after = merge(known, [farewell(page, T + 10_000)]);
				expect(leaseEnd(after)).toBeLessThanOrEqual(leaseEnd(merge(known, [])));
				const others = (list: readonly Share[]) => list.filter((share) => share.deviceId === 'd2');
				expect(leaseEnd(others(after))).toBe(leaseEnd(others(merge(known, []))));
			})
		);
	});
});

describe('a team that believes a beat for longer', () => {
	const longer = fc.record({
		visibleLeaseMs: fc.integer({ min: settings.visibleLeaseMs, max: 600_000 }),
		hiddenLeaseMs: fc.integer({ min: settings.hiddenLeaseMs, max: 1_800_000 })
	});

	test('never counts somebody as gone before a team with shorter leases', () => {
		fc.assert(
			fc.property(aKnowledge, longer, fc.nat(600_000), (known, leases, moreMs) => {
				const evenLonger = {
					visibleLeaseMs: leases.visibleLeaseMs + moreMs,
					hiddenLeaseMs: leases.hiddenLeaseMs + moreMs
				};
				const end = leaseEnd(lengthened(known.shares, leases));
				expect(end).toBeGreaterThanOrEqual(leaseEnd(known.shares));
				expect(leaseEnd(lengthened(known.shares, evenLonger))).toBeGreaterThanOrEqual(end);
			})
		);
	});

	test('counts the same whatever was merged first, and twice as once', () => {
		fc.assert(
			fc.property(shares, shares, longer, (a, b, leases) => {
				// As devices prove it: a lease is counted from its beat.
				const proved = (list: Share[]) =>
					list.map((s) => ({ ...s, expiresAt: s.beatenAt + settings.visibleLeaseMs }));
				const [mine, theirs] = [proved(a), proved(b)];
				const whole = leaseEnd(lengthened(merge(mine, theirs), leases));
				expect(leaseEnd(lengthened(merge(theirs, mine), leases))).toBe(whole);
				const once = lengthened(merge(mine, theirs), leases);
				expect(lengthened(once, leases)).toEqual(once);
			})
		);
	});

	test('takes a farewell as any other does', () => {
		fc.assert(
			fc.property(shares, longer, (known, leases) => {
				const left = known.map((share) => ({ ...share, leavesAt: T }));
				expect(leaseEnd(lengthened(left, leases))).toBeLessThanOrEqual(T);
			})
		);
	});
});

describe('a reader', () => {
	test('never sees online without a live lease, nor past the last one', () => {
		fc.assert(
			fc.property(aKnowledge, fc.boolean(), (known, isQuiet) => {
				const answer = presenceOf({ ...known, isQuiet }, settings);
				expect(answer.validForMs).toBeGreaterThan(0);
				expect(answer.validForMs).toBeLessThanOrEqual(settings.maxValidForMs);
				if (answer.status !== 'online') return;
				expect(leaseEnd(known.shares)).toBeGreaterThan(known.now);
				expect(known.now + answer.validForMs).toBeLessThanOrEqual(leaseEnd(known.shares));
			})
		);
	});

	test('is told the same at any moment for which an answer is valid', () => {
		fc.assert(
			fc.property(aKnowledge, fc.double({ min: 0, max: 0.999, noNaN: true }), (known, share) => {
				const answer = presenceOf({ ...known, isQuiet: false }, settings);
				const now = known.now + answer.validForMs * share;
				expect(presenceOf({ ...known, now, isQuiet: false }, settings).status).toBe(answer.status);
			})
		);
	});

	test('is told checking only while the server cannot vouch', () => {
		fc.assert(
			fc.property(aKnowledge, (known) => {
				expect(presenceOf({ ...known, isQuiet: false }, settings).status).not.toBe('checking');
			})
		);
	});

	test('agrees with the sweep, once its grace is over', () => {
		fc.assert(
			fc.property(aKnowledge, (known) => {
				const read = presenceOf({ ...known, isQuiet: false }, settings).status;
				const after = dueTransition(known, settings)?.after ?? known.intent;
				const swept = presenceOf({ ...known, intent: after, isQuiet: false }, settings).status;
				expect(swept).toBe(read);
				const isInGrace = leaseEnd(known.shares) >= known.now - settings.sweepGraceMs;
				if (!isInGrace) expect(after.status).toBe(read);
			})
		);
	});
});

describe('time', () => {
	test('makes each transition due once', () => {
		fc.assert(
			fc.property(aKnowledge, (known) => {
				const first = dueTransition(known, settings);
				if (!first) return;
				expect(dueTransition({ ...known, intent: first.after }, settings)).toBeNull();
			})
		);
	});

	test('never undoes an offline that has no end', () => {
		fc.assert(
			fc.property(aKnowledge, (known) => {
				const intent: Intent = { ...known.intent, status: 'offline', until: null };
				expect(dueTransition({ ...known, intent }, settings)).toBeNull();
				expect(signedOut({ ...known, intent })).toBeNull();
			})
		);
	});

	test('takes a lease only after the grace', () => {
		const beat = {
			deviceId: 'd1',
			pages: [{ id: 'p1', visibility: 'visible' as const, isFocused: true, idleMs: 0 }]
		};
		const proved = proveBeat(beat, T, settings);
		const intent: Intent = {
			status: 'online',
			cause: 'set by you',
			since: T,
			until: null,
			reason: null,
			setBy: null,
			returnStatus: 'offline',
			lastBeatAt: null
		};
		const at = (ms: number) => dueTransition({ intent, shares: proved, now: T + ms }, settings);
		expect(at(74_999)).toBeNull();
		expect(at(77_000)).toBeNull();
		expect(at(77_001)).toMatchObject({ cause: 'heartbeat lost', after: { status: 'offline' } });
	});
});

describe('coming back', () => {
	test('follows an expiry only, and only a lease that lasts', () => {
		fc.assert(
			fc.property(aKnowledge, (known) => {
				const back = comeBack(known, settings);
				const { status: before, cause } = known.intent;
				const isExpired = before === 'offline' && cause === 'heartbeat lost';
				const lasts = leaseEnd(known.shares) > known.now + settings.leaveMs;
				expect(back !== null).toBe(isExpired && lasts);
				if (!back) return;
				expect(back).toMatchObject({
					cause: 'came back',
					after: { status: 'online', until: null }
				});
				const read = presenceOf({ ...known, intent: back.after, isQuiet: false }, settings);
				expect(read.status).toBe('online');
			}),
			{ numRuns: 500 }
		);
	});

	test('at an end time needs a lease that lasts, for a reader as for the sweep', () => {
		fc.assert(
			fc.property(aKnowledge, fc.integer({ min: 0, max: 5_000 }), (known, ago) => {
				const until = known.now - ago;
				const intent: Intent = {
					...known.intent,
					status: 'offline',
					until,
					returnStatus: 'online'
				};
				const lasts = leaseEnd(known.shares) > known.now + settings.leaveMs;
				const read = presenceOf({ ...known, intent, isQuiet: false }, settings);
				expect(read.status).toBe(lasts ? 'online' : 'offline');
				expect(dueTransition({ ...known, intent }, settings)?.after.status).toBe(read.status);
				if (!lasts) return;
				// The answer is not believed past the moment from which it would be another.
				const lastReturn = leaseEnd(known.shares) - settings.leaveMs;
				expect(known.now + read.validForMs).toBeLessThanOrEqual(lastReturn);
			})
		);
	});
});

describe('others’ words', () => {
	test('a sign-out ends an online that nothing proves any more, and nothing else', () => {
		fc.assert(
			fc.property(aKnowledge, (known) => {
				const isLast = leaseEnd(known.shares) <= known.now;
				const isOnline = known.intent.status === 'online';
				expect(signedOut(known)?.after.status).toBe(isLast && isOnline ? 'offline' : undefined);
			})
		);
	});

	test('an admin’s lasts like the agent’s own: no time and no beat undoes it', () => {
		fc.assert(
			fc.property(aKnowledge, (known) => {
				const { status: before, until, cause } = known.intent;
				const set = setOffline(known, { setBy: 'admin', reason: null });
				const isForGood = before === 'offline' && until === null && cause !== 'heartbeat lost';
				expect(set === null).toBe(isForGood);
				if (!set) return;
				expect(set.after).toMatchObject({ status: 'offline', until: null, setBy: 'admin' });
				const later = { ...known, intent: set.after, now: known.now + 86_400_000 };
				expect(dueTransition(later, settings)).toBeNull();
				expect(comeBack({ ...known, intent: set.after }, settings)).toBeNull();
			})
		);
	});

	test('a change that leaves the status leaves the time since when', () => {
		fc.assert(
			fc.property(aKnowledge, (known) => {
				const changes = [
					dueTransition(known, settings),
					setOffline(known, { setBy: 'admin', reason: null })
				];
				for (const change of changes) {
					if (!change) continue;
					const { before, after } = change;
					expect(after.since).toBe(after.status === before.status ? before.since : known.now);
				}
			})
		);
	});
});

describe("the agent's word", () => {
	const wanted = fc.record({
		status,
		until: fc.option(fc.integer({ min: T + 300_001, max: T + 900_000 })),
		reason: fc.constantFrom(null, 'Lunch')
	});

	test('is what is said, and saying it again changes nothing', () => {
		fc.assert(
			fc.property(aKnowledge, wanted, (known, said) => {
				const after = wish(known, said)?.after ?? known.intent;
				expect(after).toMatchObject(said);
				expect(wish({ ...known, intent: after }, said)).toBeNull();
			})
		);
	});

	test('for a while leads back to what was before the first of several', () => {
		fc.assert(
			fc.property(aKnowledge, wanted, wanted, (known, first, second) => {
				const intent: Intent = { ...known.intent, until: null };
				const firstUntil = { ...first, until: T + 400_000 };
				const secondUntil = { ...second, until: T + 500_000 };
				const once = wish({ ...known, intent }, firstUntil)?.after ?? intent;
				const twice = wish({ ...known, intent: once }, secondUntil)?.after ?? once;
				expect(twice.returnStatus).toBe(intent.status);
			})
		);
	});
});

test('the numbers keep their proportions at any speed', () => {
	expect(scaled(settings, 10)).toMatchObject({
		everyMs: { visible: 2_500, hidden: 6_000 },
		visibleLeaseMs: 7_500,
		hiddenLeaseMs: 20_000,
		leaveMs: 1_000,
		quietMs: 20_000
	});
	// Three beats and a late timer fit into a hidden page's lease.
	expect(settings.hiddenLeaseMs).toBeGreaterThanOrEqual(3 * settings.everyMs.hidden + 20_000);
	expect(settings.visibleLeaseMs).toBeGreaterThanOrEqual(3 * settings.everyMs.visible);
	// No team may choose less, and what it may choose is remembered for as long.
	expect(TeamLeases.safeParse({ visibleS: 75, hiddenS: 200 }).success).toBe(true);
	for (const less of [{ visibleS: 74 }, { hiddenS: 199 }])
		expect(TeamLeases.safeParse({ visibleS: 75, hiddenS: 200, ...less }).success).toBe(false);
	const most = Math.max(LEASE_S.visible.most, LEASE_S.hidden.most) * 1_000;
	expect(settings.longestLeaseMs).toBeGreaterThanOrEqual(most);
	expect(settings.quietMs).toBeGreaterThanOrEqual(settings.hiddenLeaseMs);
});
