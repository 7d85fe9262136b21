import type { Bot, Permission } from '#contract/entities.ts';
import { botsOfTeam, toBot } from '../../store/bot.ts';
import type { TeamTx } from '../../store/db.ts';
import { canSeeBot, type MemberAccess, requireMember } from '../team/access.ts';

/** What a person may do and see in the transaction's team: the bots, with their ids in one order. */
export interface Scope {
	permissions: Permission[];
	bots: Bot[];
	botIds: string[];
}

/** Who may not see chats sees no bot's. A stranger is not told that the team exists. */
export async function requireScope(tx: TeamTx, userId: string): Promise<Scope> {
	return scopeOf(tx, await requireMember(tx, userId));
}

/** The same for whoever is known to be a member. */
export async function scopeOf(tx: TeamTx, access: MemberAccess): Promise<Scope> {
	const maySee = (botId: string) => access.permissions.has('chat.view') && canSeeBot(access, botId);
	const bots = (await botsOfTeam(tx)).filter((bot) => maySee(bot.id)).map(toBot);
	const botIds = bots.map((bot) => bot.id).sort();
	return { permissions: [...access.permissions], bots, botIds };
}
