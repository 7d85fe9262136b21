import { type BotRow, findBot } from '../../store/bot.ts';
import type { TeamTx } from '../../store/db.ts';
import { DomainError } from '../errors.ts';

/** The team's bot, for those who come by its id. */
export async function requireBot(tx: TeamTx, id: string): Promise<BotRow> {
	const bot = await findBot(tx, id);
	if (!bot)
		throw new DomainError('not_found', 'There is no such bot.', {
			field: 'botId',
			remedy: 'Check the id in the two lines on the website.'
		});
	return bot;
}
