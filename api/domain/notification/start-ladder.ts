import type { TeamNotificationSettings } from '#contract/notifications.ts';
import { insertLadder, reopenLadder } from '../../store/ladder.ts';
import { findTeamSettings } from '../../store/notification-team-settings.ts';
import type { InTeam } from '../context.ts';
import { DEFAULT_TEAM_SETTINGS } from './preferences.ts';

/** An escalation that nobody answers rings more and more people, as the team has it. */
export function startLadder(
	ctx: InTeam,
	{ conversationId }: { conversationId: string }
): Promise<void> {
	return queueNext(ctx, async ({ everyoneAfterS }) => {
		const ladderId = ctx.newId();
		await insertLadder(ctx.tx, { id: ladderId, conversationId });
		return { ladderId, afterS: everyoneAfterS };
	});
}

/**
 * The escalation waits again after somebody had it: everyone is rung by the event that tells so, and the ladder goes on
 * from there, however far it was.
 */
export function resumeLadder(
	ctx: InTeam,
	{ conversationId }: { conversationId: string }
): Promise<void> {
	return queueNext(ctx, async ({ everyoneAfterS, adminsAfterS }) => {
		await insertLadder(ctx.tx, { id: ctx.newId(), conversationId });
		const detail = 'The chat was given back unanswered: everyone who allows it is rung.';
		const ladderId = await reopenLadder(ctx.tx, conversationId, { at: ctx.now(), detail });
		return { ladderId, afterS: adminsAfterS - everyoneAfterS };
	});
}

/** Where the team has its ladder on: has `put` set one up, and queues its next step. */
async function queueNext(
	ctx: InTeam,
	put: (settings: TeamNotificationSettings) => Promise<{ ladderId: string; afterS: number }>
): Promise<void> {
	const { tx } = ctx;
	const settings = (await findTeamSettings(tx)) ?? DEFAULT_TEAM_SETTINGS;
	if (!settings.isLadderOn) return;
	const { ladderId, afterS } = await put(settings);
	const job = { name: 'climb', data: { teamId: tx.teamId, ladderId } } as const;
	await ctx.enqueue(tx, job, { afterMs: afterS * 1000 });
}
