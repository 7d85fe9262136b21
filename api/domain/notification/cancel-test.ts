import { deletePushTest } from '../../store/push-test.ts';
import type { AgentCtx } from '../context.ts';
import { DomainError } from '../errors.ts';

/** Takes a ring test back while it waits; its job then finds nothing to send. */
export async function cancelTest(ctx: AgentCtx, { id }: { id: string }): Promise<void> {
	if (await deletePushTest(ctx.db.person, { id, userId: ctx.actor.userId })) return;
	throw new DomainError('not_found', 'There is no such test that still waits.', {
		remedy: 'Wait for its end.'
	});
}
