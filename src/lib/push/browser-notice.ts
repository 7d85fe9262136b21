import type {
	NotificationEventName,
	NotificationSettings,
	Privacy
} from '#contract/notifications.ts';
import type { NotificationPreferences, PushPayload } from '#contract/push.ts';
import { isQuiet } from '#contract/quiet-hours.ts';
import { conversationPath } from '#contract/routes.ts';
import type { Alert } from './alert.ts';

export interface BrowserNotice {
	title: string;
	options: NotificationOptions & {
		tag: string;
		renotify: boolean;
		actions: { action: 'claim'; title: string }[];
	};
}

/** What of it depends on whom it is for. */
export interface BrowserNoticeFor {
	privacy: Privacy;
	userId: string;
	/** May take chats up. */
	canClaim: boolean;
}

/** By the names that pushes use: whatever stands on the desktop is dealt with alike, whoever put it there. */
const KIND: Record<NotificationEventName, PushPayload['notification']['data']['kind']> = {
	escalation: 'escalation',
	unanswered: 'unanswered',
	message_mine: 'message',
	message_unassigned: 'message',
	assigned: 'assigned',
	mention: 'mention'
};

/** Whether the person wants to be told of it by a browser notification, at `now`, milliseconds since 1970. */
export function isWanted(
	event: NotificationEventName,
	{ preferences, settings, status, now }: Wishes
): boolean {
	const { browserOnline, browserOffline } = preferences;
	// Where it is not known whether the person is online either switch tells, as with pushes.
	const isOn =
		status === 'online'
			? browserOnline
			: status === 'offline'
				? browserOffline
				: browserOnline || browserOffline;
	if (!isOn || !settings) return isOn;
	return settings.events[event].browser && !isQuiet(settings.quietHours, now);
}

export interface Wishes {
	preferences: Pick<NotificationPreferences, 'browserOnline' | 'browserOffline'>;
	/** Null: not known (yet). */
	settings: NotificationSettings | null;
	status: 'online' | 'offline' | 'checking' | 'not connected';
	now: number;
}

/**
 * The notification by which a page's browser tells an alert. It has no *Snooze*, which puts off a push; the worker does
 * *Claim* by `data`, as it does a push's.
 */
export function browserNoticeOf(
	alert: Alert,
	{ privacy, userId, canClaim }: BrowserNoticeFor
): BrowserNotice {
	const { event, title, body, conversationId, teamId, botId, seq, ring } = alert;
	const kind = KIND[event];
	const isWaiting = kind === 'escalation' || kind === 'unanswered';
	return {
		title: privacy === 'nothing' ? 'New chat' : title,
		options: {
			body: privacy === 'full' ? body : '',
			tag: `c-${conversationId}`,
			renotify: true,
			icon: '/icon-192.png',
			actions: isWaiting && canClaim ? [{ action: 'claim', title: 'Claim' }] : [],
			data: {
				path: conversationPath(conversationId, { team: teamId }),
				kind,
				teamId,
				conversationId,
				botId,
				userId,
				seq,
				ring: ring ?? 0
			}
		}
	};
}
