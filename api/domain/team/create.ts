import { insertBot } from '../../store/bot.ts';
import type { TeamTx } from '../../store/db.ts';
import { insertMember } from '../../store/member.ts';
import { insertTeam } from '../../store/team.ts';

/** Creates the transaction's team with its owner and a first bot, so that a widget works at once. */
export async function createTeam(
	tx: TeamTx,
	team: { name: string; ownerId: string; botId: string }
): Promise<void> {
	await insertTeam(tx, team.name);
	await insertMember(tx, team.ownerId, 'owner');
	await insertBot(tx, { id: team.botId, name: team.name, greeting: 'Hello! How can we help?' });
}
