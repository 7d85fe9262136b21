import type { Profile } from '#contract/profile.ts';
import { findEmailChange } from '../../store/email-change.ts';
import { findUser, type UserRow } from '../../store/user.ts';
import type { AgentCtx } from '../context.ts';
import { DomainError } from '../errors.ts';

/** The person who asks. */
export async function requireUser({ db, actor }: AgentCtx): Promise<UserRow> {
	const user = await findUser(db.person, actor.userId);
	if (!user) throw new DomainError('unauthenticated', 'You are not signed in.');
	return user;
}

/** What a person sees of themselves. */
export async function readProfile(ctx: AgentCtx): Promise<Profile> {
	const { isAutoReturn: _, ...user } = await requireUser(ctx);
	const change = await findEmailChange(ctx.db.person, user.id);
	const isPending = change !== undefined && change.expiresAt > ctx.now();
	const pendingEmail = isPending ? { email: change.email, expiresAt: change.expiresAt } : null;
	return { ...user, pendingEmail };
}
