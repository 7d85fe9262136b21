import type { NotificationEventName } from '#contract/notifications.ts';
import { isQuiet } from '#contract/quiet-hours.ts';
import { type Alert, alertKey, alertsOf } from '../push/alert.ts';
import { Bell } from '../push/bell.ts';
import { reportOpened, reportSeen } from '../push/report.ts';
import { playSound, wakeSound } from '../push/sound.ts';
import { keepBadge } from './badge.svelte.ts';
import { notify } from './browser-notification.ts';
import { loadView } from './conversation-views.ts';
import { type News, onNews } from './news.ts';
import { notifications } from './notifications.svelte.ts';
import { thisPage } from './page.svelte.ts';
import { session } from './session.svelte.ts';
import { closeSettled } from './settled.ts';
import { workspace } from './workspace.svelte.ts';

const CHANNEL = 'bellhop-alerts';
/** So long a page in front has to say that the person sees it, before a notification tells them. */
const TAKE_MS = 300;
/** So long what nobody has seen waits for a page that is just being opened, and for what the server knows of this device. */
const OPENING_MS = 5_000;

/**
 * Between the pages of this browser: one of them brings the news, the one in front tells it, and one that has just been
 * opened asks for what it was too late for.
 */
type AlertMessage =
	| { type: 'alert'; alert: Alert }
	| { type: 'taken'; key: string }
	| { type: 'ask' };

let isSoundBlocked = $state(false);
/** A press did not help, so the browser or the device has no sound at all. */
let isSoundless = false;

/** What is told in the app while it is open. */
export const alerts = {
	/** The browser plays no sound before somebody has pressed something on the page. */
	get isSoundBlocked(): boolean {
		return isSoundBlocked;
	},
	/** From the person's press, which is what the browser waits for: asking for another would be in vain. */
	async allowSound(): Promise<void> {
		isSoundless = !(await wakeSound());
		isSoundBlocked = false;
	},
	/**
	 * `show` puts an alert before the person's eyes; false where it has no place for it. Returns the way to stop.
	 */
	start(show: (alert: Alert) => boolean): () => void {
		const channel = thisPage.broadcast(CHANNEL);
		/** Brought by this page, and not yet known to be seen in any. */
		const untold = new Map<string, Alert>();
		/** Shown by this page. */
		const told = new Set<string>();
		/** Seen in a page or told by a notification: a chat may be brought twice, its row is newer than its messages. */
		const seen = new Set<string>();
		const bell = newBell();
		const offer = (alert: Alert) => channel.post({ type: 'alert', alert } satisfies AlertMessage);
		const noteSeen = (key: string) => {
			seen.add(key);
			untold.delete(key);
		};
		const take = (key: string) => {
			noteSeen(key);
			channel.post({ type: 'taken', key } satisfies AlertMessage);
		};
		const tell = (alert: Alert) => {
			const key = alertKey(alert);
			if (thisPage.visibility !== 'visible' || told.has(key)) return;
			told.add(key);
			const stands = show(alert);
			// Seen for certain only in front: a page in sight may lie behind another window, as some systems tell it.
			if (stands && thisPage.isFocused) {
				take(key);
				void confirm(alert);
			}
			if (isHeard(alert.event)) void bell.ring(alert);
		};
		/** By a notification what the person has not seen. */
		const noticeUntold = async (alert: Alert, isLast = false) => {
			const key = alertKey(alert);
			if (!untold.has(key) || seen.has(key)) return;
			seen.add(key);
			if (!(await notify(alert, { isLast }))) seen.delete(key);
			else {
				take(key);
				// Somebody may have answered by now.
				if (isLast) void closeSettled();
			}
		};
		const onMessage = (raw: unknown) => {
			const message = raw as AlertMessage;
			if (message.type === 'alert') tell(message.alert);
			else if (message.type === 'taken') noteSeen(message.key);
			else for (const alert of untold.values()) offer(alert);
		};
		const bring = ({ page, withinMs }: News) => {
			void closeSettled();
			const me = workspace.current && myself();
			for (const alert of me ? alertsOf(page, me, withinMs) : []) {
				const key = alertKey(alert);
				if (seen.has(key)) continue;
				untold.set(key, alert);
				offer(alert);
				tell(alert);
				thisPage.after(TAKE_MS, () => noticeUntold(alert));
				thisPage.after(OPENING_MS, async () => {
					await noticeUntold(alert, true);
					untold.delete(key);
				});
			}
		};
		const stops = [
			channel.on(onMessage),
			onNews(bring),
			thisPage.on('visibility', () => void reportOpened()),
			keepBadge()
		];
		channel.post({ type: 'ask' } satisfies AlertMessage);
		void reportOpened();
		void closeSettled();
		return () => {
			for (const stop of stops) stop();
			channel.close();
			bell.stop();
		};
	}
};

function myself() {
	const { user } = session.me ?? {};
	if (!user) return null;
	return { userId: user.id, name: `${user.firstName} ${user.lastName}`.trim() || user.email };
}

function confirm({ teamId, conversationId, seq }: Alert): Promise<void> {
	const deviceId = workspace.current?.deviceId;
	return deviceId ? reportSeen({ teamId, deviceId, conversationId, seq }) : Promise.resolve();
}

/** What was set before is not known yet right after the opening, and sounds. */
function isHeard(event: NotificationEventName): boolean {
	const { settings } = notifications;
	return !settings || (settings.events[event].sound && !isQuiet(settings.quietHours, Date.now()));
}

const newBell = () =>
	new Bell({
		page: thisPage,
		play: playSound,
		isRepeated: () => (notifications.settings?.isSoundRepeated ?? false) && isHeard('escalation'),
		async isWaiting(id) {
			const here = workspace.current;
			return here !== null && ((await loadView(here, id))?.waitingSince ?? null) !== null;
		},
		onSounded(hasSounded) {
			isSoundBlocked = !hasSounded && !isSoundless;
		}
	});
