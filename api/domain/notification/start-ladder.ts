import { insertLadder } from '../../store/ladder.ts';
import { findTeamSettings } from '../../store/notification-team-settings.ts';
import type { InTeam } from '../context.ts';
import { DEFAULT_TEAM_SETTINGS } from './preferences.ts';

/** An escalation that nobody answers rings more and more people, as the team has it. */
export async function startLadder(
	ctx: InTeam,
	{ conversationId }: { conversationId: string }
): Promise<void> {
	const { tx } = ctx;
	const settings = (await findTeamSettings(tx)) ?? DEFAULT_TEAM_SETTINGS;
	if (!settings.isLadderOn) return;
	const id = ctx.newId();
	await insertLadder(tx, { id, conversationId });
	const job = { name: 'climb', data: { teamId: tx.teamId, ladderId: id } } as const;
	await ctx.enqueue(tx, job, { afterMs: settings.everyoneAfterS * 1000 });
}
