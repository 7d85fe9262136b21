import type { Db } from '../../store/db.ts';
import * as store from '../../store/session.ts';

/**
 * Sessions under the SHA-256 of their ids, so that a copy of the database opens none.
 * Ending one stops the pushes to its device.
 */
export const startSession = (
	db: Db,
	session: { digest: Buffer; userId: string; userAgent: string; expiresAt: number }
) => store.insertSession(db.person, session);

export const findSession = (db: Db, digest: Buffer) => store.findSession(db.person, digest);

export const extendSession = (db: Db, digest: Buffer, expiresAt: number) =>
	store.extendSession(db.person, digest, expiresAt);

export const endSession = (db: Db, digest: Buffer) => store.deleteSession(db.person, digest);

/** Ends all that have run out; readers never accept them anyway. */
export const endExpiredSessions = (db: Db, now: number) =>
	store.deleteExpiredSessions(db.person, now);
