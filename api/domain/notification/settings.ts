import { isTimeZone } from '#contract/business-hours.ts';
import type { NotificationSettings } from '#contract/notifications.ts';
import { findTeamSettings } from '../../store/notification-team-settings.ts';
import { findSettings, saveSettings } from '../../store/push-preference.ts';
import { teamsOfUser } from '../../store/team.ts';
import type { AgentCtx } from '../context.ts';
import { DomainError } from '../errors.ts';
import { ringsChanged } from '../presence/note-reach.ts';
import { DEFAULT_SETTINGS, DEFAULT_TEAM_SETTINGS } from './preferences.ts';

/** The signed-in person's own settings, and the most that each of their teams lets a lock screen show. */
export async function readSettings(ctx: AgentCtx) {
	const { userId } = ctx.actor;
	const settings = (await findSettings(ctx.db.person, userId)) ?? DEFAULT_SETTINGS;
	const teamIds = await teamsOfUser(ctx.db.person, userId);
	const teams = await Promise.all(
		teamIds.map(async (teamId) => {
			const found = await ctx.db.team(teamId, findTeamSettings);
			return { teamId, maxPrivacy: (found ?? DEFAULT_TEAM_SETTINGS).maxPrivacy };
		})
	);
	return { settings, teams };
}

export async function changeSettings(ctx: AgentCtx, settings: NotificationSettings) {
	if (!isTimeZone(settings.quietHours.timeZone))
		throw new DomainError('invalid', 'This time zone is not known.', {
			field: 'quietHours.timeZone',
			remedy: 'Choose one such as Europe/Berlin.'
		});
	await saveSettings(ctx.db.person, ctx.actor.userId, settings);
	await ringsChanged(ctx, ctx.actor.userId);
	return readSettings(ctx);
}
