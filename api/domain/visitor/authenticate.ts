import type { Db } from '../../store/db.ts';
import type { VisitorCtx } from '../context.ts';
import { DomainError } from '../errors.ts';
import { visitorOf } from './token.ts';

/** Whose token it is. Throws unauthenticated. */
export async function requireVisitor(db: Db, token: string): Promise<VisitorCtx['actor']> {
	const visitor = await visitorOf(db, token);
	if (visitor) return visitor;
	throw new DomainError('unauthenticated', 'This chat session is not known.', {
		remedy: 'Open the chat again.'
	});
}
