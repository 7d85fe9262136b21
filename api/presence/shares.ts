import type { Db, Queries } from '../store/db.ts';
import { type OwnedShare, pruneShares, type Share, saveShares } from '../store/lease.ts';
import { endOf, merge } from './core.ts';
import type { PresenceSettings } from './settings.ts';

/** Written shares are kept this long after their end: they tell when a person was last there. */
const KEEP_MS = 86_400_000;
/** What the picture of a day is drawn from is kept this long. */
const KEEP_SPANS_MS = 31 * 86_400_000;
const ROWS_AT_ONCE = 10_000;
const PRUNE_EVERY_MS = 60_000;
/** Remembered of one person, those that end last; far more than devices have, and a bound for whoever invents pages. */
const PERSON_LIMIT = 128;

/** What this process knows of everybody's pages; a beat changes memory alone. */
export interface Shares {
	of(userId: string): readonly Share[];
	/** What a beat or a farewell says; written with the next flush. */
	add(userId: string, shares: readonly Share[]): void;
	/** Of a person who is gone nothing is written any more. */
	forget(userId: string): void;
	/** Ends a device's shares at `at`; the caller ends what is written. */
	end(userId: string, deviceId: string, at: number): void;
	/**
	 * Writes what was added since the last flush, as a rule in one statement; on failure it is written with the next.
	 * Returns whose shares were written.
	 */
	flush(): Promise<string[]>;
	/**
	 * Writes what is known of people whom the caller's transaction sets online: their lease goes with it, else
	 * another process would end what it cannot see.
	 */
	take(tx: Queries, userIds: string[]): Promise<void>;
	/** Everything is written with the next flush: a crash of the database may have emptied its table. */
	rewrite(): void;
	/**
	 * Forgets people whose last share ended long ago, and deletes very old rows. At most once a minute.
	 * Returns who was forgotten.
	 */
	prune(now: number): Promise<string[]>;
}

export function createShares(db: Db, settings: PresenceSettings): Shares {
	const people = new Map<string, Share[]>();
	let unsaved = new Set<string>();
	let prunedAt = 0;
	const of = (userId: string) => people.get(userId) ?? [];
	return {
		of,
		add(userId, shares) {
			const merged = merge(of(userId), shares);
			people.set(userId, merged.length > PERSON_LIMIT ? lastToEnd(merged) : merged);
			unsaved.add(userId);
		},
		forget(userId) {
			people.delete(userId);
			unsaved.delete(userId);
		},
		end(userId, deviceId, at) {
			const ended = of(userId)
				.filter((share) => share.deviceId === deviceId)
				.map((share) => ({ ...share, leavesAt: Math.min(share.leavesAt ?? at, at) }));
			if (ended.length > 0) people.set(userId, merge(of(userId), ended));
		},
		async flush() {
			const taken = unsaved;
			if (taken.size === 0) return [];
			unsaved = new Set();
			try {
				const shares = owned(taken, of);
				for (let n = 0; n < shares.length; n += ROWS_AT_ONCE)
					await saveShares(db.person, shares.slice(n, n + ROWS_AT_ONCE));
				return [...taken];
			} catch (error) {
				for (const userId of taken) unsaved.add(userId);
				throw error;
			}
		},
		async take(tx, userIds) {
			const shares = owned(userIds, of);
			if (shares.length > 0) await saveShares(tx, shares);
		},
		rewrite() {
			unsaved = new Set(people.keys());
		},
		async prune(now) {
			if (now - prunedAt < PRUNE_EVERY_MS) return [];
			prunedAt = now;
			const forgotten: string[] = [];
			for (const [userId, shares] of people) {
				// A farewell must outlive the beats that it may have overtaken, a beat the longest lease of a team.
				const kept = shares.filter(
					(s) => Math.max(s.expiresAt, s.leavesAt ?? 0) > now - settings.longestLeaseMs
				);
				if (kept.length === 0) forgotten.push(userId);
				else if (kept.length < shares.length) people.set(userId, kept);
			}
			for (const userId of forgotten) people.delete(userId);
			await pruneShares(db.person, { before: now - KEEP_MS, forgetBefore: now - KEEP_SPANS_MS });
			return forgotten;
		}
	};
}

const lastToEnd = (shares: Share[]): Share[] =>
	shares.toSorted((a, b) => endOf(b) - endOf(a)).slice(0, PERSON_LIMIT);

const owned = (userIds: Iterable<string>, of: Shares['of']): OwnedShare[] =>
	[...userIds].flatMap((userId) => of(userId).map((share) => ({ ...share, userId })));
