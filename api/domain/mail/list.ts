import type { Mail } from '#contract/members.ts';
import { mailsOfTeam } from '../../store/mail.ts';
import type { AgentCtx } from '../context.ts';
import { requireMember, requireOwner } from '../team/access.ts';

const NEWEST = 200;

/** What has not left the house. Links in it act in other people's names, so only owners read it. */
export function listMails(ctx: AgentCtx, { teamId }: { teamId: string }): Promise<Mail[]> {
	return ctx.db.team(teamId, async (tx) => {
		requireOwner(await requireMember(tx, ctx.actor.userId));
		return mailsOfTeam(tx, NEWEST);
	});
}
