import type { Db } from '../../store/db.ts';
import * as store from '../../store/session.ts';

/**
 * Sessions under the SHA-256 of their ids, so that a copy of the database opens none.
 * Ending one stops the pushes to its device.
 */
export const startSession = (db: Db, session: Parameters<typeof store.insertSession>[1]) =>
	store.insertSession(db.person, session);

/** How exact the list of a person's sessions is; each note is a write. */
const SEEN_EVERY_MS = 5 * 60_000;

/** Finds it and notes that it was in use at `now`. */
export async function findSession(db: Db, digest: Buffer, now: number) {
	const session = await store.findSession(db.person, digest);
	if (session && now - session.lastSeenAt > SEEN_EVERY_MS)
		await store.touchSession(db.person, digest, now);
	return session;
}

/** Which of these open something at `now`, as hex; notes that they were in use. */
export const validSessions = (db: Db, digests: Buffer[], now: number) =>
	store.validSessions(db.person, { digests, now, seenBefore: now - SEEN_EVERY_MS });

/** However often it is used, a session ends half a year after the sign-in. */
const MAX_LIFE_MS = 180 * 86_400_000;

export const extendSession = (db: Db, digest: Buffer, expiresAt: number) =>
	store.extendSession(db.person, digest, { expiresAt, maxLifeMs: MAX_LIFE_MS });

/** The session `to` takes over what belongs to `from`, which ends. */
export const replaceSession = (db: Db, digests: { from: Buffer; to: Buffer }) =>
	db.personTx((tx) => store.replaceSession(tx, digests));

export const endSession = (db: Db, digest: Buffer) => store.deleteSession(db.person, digest);

/** Ends all that have run out; readers never accept them anyway. */
export const endExpiredSessions = (db: Db, now: number) =>
	store.deleteExpiredSessions(db.person, now);
