import type { TeamNotificationSettings } from '#contract/notifications.ts';
import {
	endLadder,
	type LadderRow,
	type LadderStep,
	lockLadder,
	markStep
} from '../../store/ladder.ts';
import { findTeamSettings } from '../../store/notification-team-settings.ts';
import { findSubject } from '../../store/recipient.ts';
import type { Ctx, InTeam } from '../context.ts';
import { notify } from '../conversation/write.ts';
import { DEFAULT_TEAM_SETTINGS } from './preferences.ts';
import { tellAdmins } from './tell-admins.ts';

type Climber = Ctx<{ kind: 'system' }>;

const NEXT: Record<LadderStep, LadderStep | null> = {
	first: 'everyone',
	everyone: 'admins',
	admins: null
};

/** When a step of a ladder is due, after the visitor asked. */
export const stepAfterMs = (
	{ everyoneAfterS, adminsAfterS }: TeamNotificationSettings,
	step: LadderStep
): number => ({ first: 0, everyone: everyoneAfterS, admins: adminsAfterS })[step] * 1000;

/**
 * The job `climb`: takes the ladder's next step if its time has come, and puts the one after that into the queue,
 * in one transaction. A claim, a reply, *resolved* and *handed back* end it; typing puts it off.
 */
export async function climb(
	ctx: Climber,
	{ teamId, ladderId, publicOrigin }: { teamId: string; ladderId: string; publicOrigin: string }
): Promise<void> {
	await ctx.db.team(teamId, async (tx) => {
		const ladder = await lockLadder(tx, ladderId);
		if (!ladder || ladder.endedAt !== null) return;
		const now = ctx.now();
		const settings = (await findTeamSettings(tx)) ?? DEFAULT_TEAM_SETTINGS;
		const end = endOf(ladder, settings);
		if (end) return endLadder(tx, ladderId, { at: now, detail: end });
		const step = NEXT[ladder.step];
		if (!step) return;
		const again = (at: number) =>
			ctx.enqueue(
				tx,
				{ name: 'climb', data: { teamId, ladderId } },
				{ afterMs: Math.max(0, at - now) }
			);
		const dueAt = Math.max(dueAtOf(ladder, step, settings), ladder.heldUntil ?? 0);
		if (dueAt > now) return again(dueAt);
		await take({ ...ctx, tx }, { ladder, step, settings, publicOrigin });
		const next = NEXT[step];
		if (next) await again(dueAtOf({ ...ladder, step, steppedAt: now }, next, settings));
	});
}

/** A step that was late leaves the next its time: phones do not ring twice at once, and who was rung can answer. */
function dueAtOf(
	{ startedAt, step, steppedAt }: LadderRow,
	next: LadderStep,
	settings: TeamNotificationSettings
): number {
	const afterMs = stepAfterMs(settings, next);
	return Math.max(startedAt, (steppedAt ?? startedAt) - stepAfterMs(settings, step)) + afterMs;
}

/** Why nothing more is to be done; null: it goes on. */
function endOf(
	{ state, isOvertaken }: LadderRow,
	{ isLadderOn }: TeamNotificationSettings
): string | null {
	if (isOvertaken) return 'The visitor asked for a person anew.';
	if (state === 'unresolved') return 'The chat was taken up: nobody else is rung.';
	if (state === 'resolved') return 'The chat is resolved: nobody else is rung.';
	if (state === 'bot') return 'The chat was handed back to the bot: nobody else is rung.';
	return isLadderOn ? null : 'The team has turned the ladder off.';
}

interface Taking {
	ladder: LadderRow;
	step: LadderStep;
	settings: TeamNotificationSettings;
	publicOrigin: string;
}

async function take(
	ctx: InTeam<Climber>,
	{ ladder, step, settings, publicOrigin }: Taking
): Promise<void> {
	const { tx } = ctx;
	const { conversationId } = ladder;
	const event = { kind: 'unanswered', conversationId, messageId: null } as const;
	const subject = await findSubject(tx, { ...event, id: ladder.id, at: ladder.startedAt });
	// Pages ring with it; after the last step the visitor is told the truth from now on.
	if (subject) tx.changed({ entity: 'conversation', id: conversationId, botId: subject.botId });
	await notify(ctx, event);
	const waitedS = Math.round((ctx.now() - ladder.startedAt) / 1000);
	const rung = `Nobody had answered after ${waitedS} s: everyone who allows it is rung`;
	const tell = async () =>
		subject ? await tellAdmins(ctx, settings, { ladder, subject, publicOrigin }) : '';
	const detail = step === 'admins' ? `${rung} again. ${await tell()}` : `${rung}.`;
	await markStep(tx, ladder.id, { to: step, at: ctx.now(), detail, isRing: true });
}
