import type { Mail } from '#contract/members.ts';
import { mailsOfAccounts, mailsOfTeam } from '../../store/mail.ts';
import { isOperator } from '../../store/user.ts';
import type { AgentCtx } from '../context.ts';
import { requireMember, requireOwner } from '../team/access.ts';

const NEWEST = 200;
const NEWEST_OF_ACCOUNTS = 50;

/**
 * What has not left the house, the newest first. Links in it act in other people's names: a team's mails are
 * read by its owners alone, and mails about people's own accounts by the operator alone, who could read the
 * database as well.
 */
export async function listMails(ctx: AgentCtx, { teamId }: { teamId: string }): Promise<Mail[]> {
	const { userId } = ctx.actor;
	const ofTeam = await ctx.db.team(teamId, async (tx) => {
		requireOwner(await requireMember(tx, userId));
		return mailsOfTeam(tx, NEWEST);
	});
	if (!(await isOperator(ctx.db.person, userId))) return ofTeam;
	const ofAccounts = await mailsOfAccounts(ctx.db, NEWEST_OF_ACCOUNTS);
	return [...ofTeam, ...ofAccounts].sort((a, b) => b.createdAt - a.createdAt);
}
