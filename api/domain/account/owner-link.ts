import { createHash, randomBytes } from 'node:crypto';
import type { Queries } from '../../store/db.ts';
import { hasToken, insertToken, takeToken } from '../../store/token.ts';
import type { Ctx } from '../context.ts';

const LIFE_MS = 24 * 60 * 60 * 1000;

const digestOf = (token: string) => createHash('sha256').update(token).digest();

/** Makes a one-time token that opens sign-up once within a day, for the console of a new install. */
export async function createOwnerToken(ctx: Pick<Ctx, 'db' | 'now'>): Promise<string> {
	const token = randomBytes(32).toString('base64url');
	const expiresAt = ctx.now() + LIFE_MS;
	await insertToken(ctx.db.person, { digest: digestOf(token), purpose: 'owner', expiresAt });
	return token;
}

/** Whether the token would open sign-up; does not use it up. */
export const isOwnerToken = (q: Queries, token: string, now: number): Promise<boolean> =>
	hasToken(q, { digest: digestOf(token), purpose: 'owner', now });

/** Uses the token up within the sign-up's transaction: true once. */
export const useOwnerToken = (q: Queries, token: string, now: number): Promise<boolean> =>
	takeToken(q, { digest: digestOf(token), purpose: 'owner', now });
