import type {
	NotificationEventName,
	NotificationSettings,
	TeamNotificationSettings
} from '#contract/notifications.ts';

const on = { push: true, browser: true, sound: true };
const EVENTS: Record<NotificationEventName, typeof on> = {
	escalation: on,
	unanswered: on,
	message_mine: on,
	message_unassigned: on,
	assigned: on,
	mention: on
};

export const DEFAULT_SETTINGS: NotificationSettings = {
	events: EVENTS,
	privacy: 'full',
	quietHours: { isOn: false, from: '22:00', until: '07:00', timeZone: 'UTC' },
	isSoundRepeated: false
};

/** What holds for teams whose admins never touched theirs. */
export const DEFAULT_TEAM_SETTINGS: TeamNotificationSettings = {
	isLadderOn: true,
	everyoneAfterS: 30,
	adminsAfterS: 120,
	tellBy: 'email',
	webhookUrl: null,
	webhookSecret: null,
	maxPrivacy: 'full'
};
