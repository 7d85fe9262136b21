import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Db } from '../../store/db.ts';
import { findVisitor } from '../../store/visitor.ts';
import type { VisitorCtx } from '../context.ts';

const ID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const FORM = new RegExp(`^(${ID})\\.(${ID})\\.([A-Za-z0-9_-]{43})$`);

const digestOf = (secret: string) => createHash('sha256').update(secret).digest();

/** A visitor's key to one conversation; only the digest of its secret is kept. */
export function makeToken(teamId: string, visitorId: string): { token: string; digest: Buffer } {
	const secret = randomBytes(32).toString('base64url');
	return { token: `${teamId}.${visitorId}.${secret}`, digest: digestOf(secret) };
}

/** Whose token it is; undefined where it is nobody's. */
export async function visitorOf(db: Db, token: string): Promise<VisitorCtx['actor'] | undefined> {
	const [, teamId = '', visitorId = '', secret = ''] = FORM.exec(token) ?? [];
	if (!secret) return undefined;
	const visitor = await db.team(teamId, (tx) => findVisitor(tx, visitorId));
	if (!visitor || !timingSafeEqual(visitor.digest, digestOf(secret))) return undefined;
	return { kind: 'visitor', teamId, visitorId, botId: visitor.botId };
}
