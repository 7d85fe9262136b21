import type { BotSettings } from '#contract/bots.ts';
import type { BotRow } from '../../store/bot.ts';
import type { AgentCtx, InTeam } from '../context.ts';
import { DomainError } from '../errors.ts';
import { canSeeBot, type MemberAccess, requireMember, requirePermission } from '../team/access.ts';
import { requireBot } from './require.ts';

/** What the person who asks may do, where they may change bots. */
export async function requireBotManager({ tx, actor }: InTeam<AgentCtx>): Promise<MemberAccess> {
	const access = await requireMember(tx, actor.userId);
	requirePermission(access, 'bot.manage');
	return access;
}

/** One of the bots they have access to. Of another they are not told that it exists. */
export async function requireManagedBot(ctx: InTeam<AgentCtx>, id: string): Promise<BotRow> {
	const access = await requireBotManager(ctx);
	if (canSeeBot(access, id)) return requireBot(ctx.tx, id);
	throw new DomainError('not_found', 'There is no such bot.', {
		field: 'id',
		remedy: 'Choose one of the list.'
	});
}

/** Half a surrogate pair is no character and cannot be stored. */
export const wellFormed = (settings: Omit<BotSettings, 'avatar'>) => ({
	...settings,
	name: settings.name.toWellFormed(),
	greeting: settings.greeting.toWellFormed(),
	quickQuestions: settings.quickQuestions.map(({ question, answer }) => ({
		question: question.toWellFormed(),
		answer: answer.toWellFormed()
	}))
});
