import { createHash } from 'node:crypto';
import {
	deleteExpiredTokens,
	insertToken,
	type TokenPurpose,
	takeToken
} from '../../store/token.ts';
import type { Ctx } from '../context.ts';
import type { TakeChallenge } from './webauthn.ts';

/** As long as a person may look for their key. */
const LIFE_MS = 5 * 60_000;

const digestOf = (challenge: string) => createHash('sha256').update(challenge).digest();

/** Remembers a question, for one answer within a few minutes, whichever process gets it. */
export async function keepChallenge(
	{ db, now }: Pick<Ctx, 'db' | 'now'>,
	challenge: string,
	purpose: TokenPurpose
): Promise<void> {
	await deleteExpiredTokens(db.person, now());
	const digest = digestOf(challenge);
	await insertToken(db.person, { digest, purpose, expiresAt: now() + LIFE_MS });
}

/** Takes it: true once. */
export const takeChallenge =
	({ db, now }: Pick<Ctx, 'db' | 'now'>, purpose: TokenPurpose): TakeChallenge =>
	(challenge) =>
		takeToken(db.person, { digest: digestOf(challenge), purpose, now: now() });
