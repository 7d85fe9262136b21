import type { NotificationPreferences } from '#contract/push.ts';

/** What holds for people who never touched the Notification page. */
export const DEFAULT_PREFERENCES: NotificationPreferences = {
	pushOnline: true,
	pushOffline: true,
	pushOfflineByHand: false,
	browserOnline: true,
	browserOffline: false
};
