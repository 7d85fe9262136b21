import { findMember, type MemberRow } from '../../store/member.ts';
import { record } from '../audit/record.ts';
import type { AgentCtx, InTeam } from '../context.ts';
import { requireMember } from '../team/access.ts';
import { colleagueName } from '../team/name.ts';
import { dropMember } from './drop.ts';

/** Takes the person who asks out of the transaction's team. */
export async function leaveTeam(
	ctx: InTeam<AgentCtx>,
	member: MemberRow,
	action: 'member.left' | 'account.deleted' = 'member.left'
): Promise<void> {
	const subject = { id: member.userId, name: colleagueName(member) };
	await record(ctx, { action, subject });
	await dropMember(ctx, member);
}

/** The same, asked for by itself. */
export function leave(ctx: AgentCtx, { teamId }: { teamId: string }): Promise<void> {
	const { userId } = ctx.actor;
	return ctx.db.team(teamId, async (tx) => {
		await requireMember(tx, userId);
		const member = await findMember(tx, userId);
		if (member) await leaveTeam({ ...ctx, tx }, member);
	});
}
