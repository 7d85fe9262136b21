import type { PresenceCause } from '#contract/entities.ts';
import type { BeatRequest, PageState } from '#contract/presence.ts';
import type { PresenceAnswer } from '../domain/context.ts';
import type { Intent } from '../store/intent.ts';
import type { Share } from '../store/lease.ts';
import type { PresenceSettings } from './settings.ts';

/** When a page's share ends. */
export const endOf = (share: Share): number =>
	Math.min(share.expiresAt, share.leavesAt ?? Number.POSITIVE_INFINITY);

/** When the last of the shares ends; 0 without any. The maximum over pages and devices. */
export const leaseEnd = (shares: readonly Share[]): number =>
	shares.reduce((end, share) => Math.max(end, endOf(share)), 0);

/** The share that was proved last; undefined where nothing was. */
export function lastProof(shares: readonly Share[]): Share | undefined {
	const proofs = shares.filter((share) => share.beatenAt > 0);
	return proofs.reduce<Share | undefined>(
		(last, share) => (last && last.beatenAt >= share.beatenAt ? last : share),
		undefined
	);
}

/** The shares that a beat proves at `now`. */
export function proveBeat(beat: BeatRequest, now: number, settings: PresenceSettings): Share[] {
	return beat.pages.map(({ id, visibility, isFocused }: PageState) => ({
		deviceId: beat.deviceId,
		pageId: id,
		beatenAt: now,
		expiresAt: now + (visibility === 'visible' ? settings.visibleLeaseMs : settings.hiddenLeaseMs),
		leavesAt: null,
		visibility,
		isFocused
	}));
}

/** A page's farewell: merged in, it can only shorten what the page had proved. */
export const farewell = (page: { deviceId: string; pageId: string }, leavesAt: number): Share => ({
	...page,
	beatenAt: 0,
	expiresAt: 0,
	leavesAt,
	visibility: 'hidden',
	isFocused: false
});

/** Which of two shares of one page says more; total, so the order of arrival is nothing. */
const compareShares = (a: Share, b: Share): number =>
	a.beatenAt - b.beatenAt ||
	a.expiresAt - b.expiresAt ||
	Number(a.visibility === 'visible') - Number(b.visibility === 'visible') ||
	Number(a.isFocused) - Number(b.isFocused);

function mergeShare(a: Share, b: Share): Share {
	const share = compareShares(b, a) > 0 ? b : a;
	const leavesAt =
		a.leavesAt === null ? b.leavesAt : Math.min(a.leavesAt, b.leavesAt ?? a.leavesAt);
	return share.leavesAt === leavesAt ? share : { ...share, leavesAt };
}

/**
 * What two observers know together of one person's pages: of each page the later beat and the earlier
 * farewell. Commutative, associative, idempotent, so beats may be lost, doubled or reordered and
 * processes may tell one another anything twice. Every beat comes by here: people have few pages, and
 * looking through them is ten times as fast as a map by page.
 */
export function merge(a: readonly Share[], b: readonly Share[]): Share[] {
	const merged: Share[] = [];
	const add = (share: Share) => {
		const at = merged.findIndex((s) => s.pageId === share.pageId && s.deviceId === share.deviceId);
		const known = merged[at];
		if (known) merged[at] = mergeShare(known, share);
		else merged.push(share);
	};
	a.forEach(add);
	b.forEach(add);
	return merged;
}

/** For how long a team believes a beat, in milliseconds. */
export type Leases = Pick<PresenceSettings, 'visibleLeaseMs' | 'hiddenLeaseMs'>;

/**
 * A person's shares as a team with longer leases counts them. A device proves the same in every team; only how long
 * that is believed differs, so each team counts from the beat. A farewell ends a share there as anywhere.
 */
export const lengthened = (shares: readonly Share[], leases: Leases): readonly Share[] =>
	shares.map((share) => {
		const { visibility, beatenAt, expiresAt } = share;
		const leaseMs = visibility === 'visible' ? leases.visibleLeaseMs : leases.hiddenLeaseMs;
		return beatenAt + leaseMs > expiresAt ? { ...share, expiresAt: beatenAt + leaseMs } : share;
	});

/** What is known about one member at one moment. */
export interface Knowledge {
	intent: Intent;
	shares: readonly Share[];
	now: number;
}

/**
 * Whether the lease lasts that much longer. Nobody returns to online by itself on what is left of a lease
 * or after a farewell: it would end again within seconds.
 */
const isProvedFor = (ms: number, { shares, now }: Knowledge) => leaseEnd(shares) > now + ms;

const UNSAID = { until: null, reason: null, setBy: null };

const hasEnded = ({ intent, now }: Knowledge) => intent.until !== null && intent.until <= now;

/**
 * A member's presence: available = intent online and at least one live lease, evaluated now.
 * `isQuiet`: the server cannot vouch yet, so an online intent without a lease is `checking`.
 */
export function presenceOf(
	known: Knowledge & { isQuiet: boolean },
	settings: PresenceSettings
): PresenceAnswer {
	const { intent, shares, now } = known;
	const isEnded = hasEnded(known);
	const end = leaseEnd(shares);
	const mayReturn = known.isQuiet || isProvedFor(settings.leaveMs, known);
	const wanted = isEnded && !mayReturn ? 'offline' : isEnded ? intent.returnStatus : intent.status;
	const isLive = end > now;
	const isLost = wanted === 'online' && !isLive && !known.isQuiet;
	const { since, cause, until, reason, setBy } = intent;
	const said = isEnded
		? { ...UNSAID, since: until ?? now, cause: 'end time reached' as const }
		: { since, cause, until, reason, setBy };
	const lost = { since: Math.max(end, said.since), cause: 'heartbeat lost' as const, setBy: null };
	return {
		...said,
		...(isLost && !isEnded ? lost : {}),
		status: wanted !== 'online' || isLost ? 'offline' : isLive ? 'online' : 'checking',
		lastBeatAt: lastProof(shares)?.beatenAt ?? intent.lastBeatAt,
		validForMs: Math.min(settings.maxValidForMs, nextChangeAt(known, settings) - now)
	};
}

/** The next moment at which time alone changes the answer; Infinity when it never does. */
export function nextChangeAt(known: Knowledge, { leaveMs }: PresenceSettings): number {
	const { intent, shares, now } = known;
	const end = leaseEnd(shares);
	const lastReturn = hasEnded(known) ? end - leaveMs : 0;
	const moments = [end, lastReturn, intent.until ?? 0].filter((at) => at > now);
	return Math.min(...moments, Number.POSITIVE_INFINITY);
}

/** One change of an intent, and the ledger's row about it. */
export interface Transition {
	before: Intent;
	after: Intent;
	at: number;
	cause: PresenceCause;
	/** The last proof, for the ledger. */
	proof: Share | undefined;
}

function moveTo(known: Knowledge, status: Intent['status'], cause: PresenceCause): Transition {
	const { intent, shares, now } = known;
	const proof = lastProof(shares);
	return {
		before: intent,
		after: {
			status,
			cause,
			since: status === intent.status ? intent.since : now,
			...UNSAID,
			returnStatus: 'offline',
			lastBeatAt: proof?.beatenAt ?? intent.lastBeatAt
		},
		at: now,
		cause,
		proof
	};
}

/**
 * What time has made due: the end of an agent's word, or the loss of the last lease more than the grace ago.
 * Null when nothing is. An intent that returns to online without a lease that lasts stays offline.
 */
export function dueTransition(known: Knowledge, settings: PresenceSettings): Transition | null {
	const { intent, shares, now } = known;
	const end = leaseEnd(shares);
	if (hasEnded(known)) {
		const isBack = intent.returnStatus === 'online' && isProvedFor(settings.leaveMs, known);
		return moveTo(known, isBack ? 'online' : 'offline', 'end time reached');
	}
	if (intent.status === 'online' && end < now - settings.sweepGraceMs)
		return moveTo(known, 'offline', 'heartbeat lost');
	return null;
}

/** The last device of an online agent has signed out. Null when another still proves something. */
export const signedOut = (known: Knowledge): Transition | null =>
	known.intent.status === 'online' && leaseEnd(known.shares) <= known.now
		? moveTo(known, 'offline', 'signed out')
		: null;

/** After an expiry, and only then: a device has proved the agent is back. Null where nothing is to be done. */
export const comeBack = (known: Knowledge, settings: PresenceSettings): Transition | null =>
	known.intent.status === 'offline' &&
	known.intent.cause === 'heartbeat lost' &&
	isProvedFor(settings.leaveMs, known)
		? moveTo(known, 'online', 'came back')
		: null;

/** An admin's word, as lasting as the agent's own. Null where the agent is offline for good already. */
export function setOffline(
	known: Knowledge,
	{ setBy, reason }: { setBy: string; reason: string | null }
): Transition | null {
	const { status, until, cause } = known.intent;
	// An expiry may end by itself, an admin's word does not.
	if (status === 'offline' && until === null && cause !== 'heartbeat lost') return null;
	const moved = moveTo(known, 'offline', 'set by admin');
	return { ...moved, after: { ...moved.after, setBy, reason } };
}

/** What an agent asks for. `until` is a moment by the server's clock. */
export interface Wish {
	status: Intent['status'];
	until: number | null;
	reason: string | null;
}

/**
 * The agent's word, which nothing but the agent undoes. Null when it says what is so already, as a
 * repeated request does. The end of a temporary word leads back to what was before the first of them.
 */
export function wish(known: Knowledge, wanted: Wish): Transition | null {
	const { intent } = known;
	const isSame =
		!hasEnded(known) &&
		intent.status === wanted.status &&
		intent.until === wanted.until &&
		intent.reason === wanted.reason &&
		(intent.status === 'online' || intent.cause === 'set by you');
	if (isSame) return null;
	const moved = moveTo(known, wanted.status, 'set by you');
	const isTemporary = intent.until !== null && !hasEnded(known);
	const standing = hasEnded(known) || isTemporary ? intent.returnStatus : intent.status;
	return {
		...moved,
		after: {
			...moved.after,
			until: wanted.until,
			reason: wanted.reason,
			returnStatus: wanted.until === null ? 'offline' : standing
		}
	};
}
