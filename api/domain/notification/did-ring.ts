import { saveDidRing as save } from '../../store/push-test.ts';
import type { AgentCtx } from '../context.ts';
import { DomainError } from '../errors.ts';
import { ringsChanged } from '../presence/note-reach.ts';

/** What the person heard, where the platform cannot tell. */
export async function saveDidRing(
	ctx: AgentCtx,
	{ id, didRing }: { id: string; didRing: boolean }
): Promise<void> {
	const { userId } = ctx.actor;
	if (!(await save(ctx.db.person, { id, userId, didRing })))
		throw new DomainError('not_found', 'There is no such test.', { remedy: 'Send another one.' });
	await ringsChanged(ctx, userId);
}
