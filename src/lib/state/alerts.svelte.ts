import { conversationPath } from '#contract/routes.ts';
import { conversationsById } from '../db/conversations.ts';
import { readSeqs } from '../db/reads.ts';
import { type Alert, alertsOf } from '../push/alert.ts';
import { alone } from '../push/alone.ts';
import { Bell } from '../push/bell.ts';
import { closeNotices, isNoticed, setBadge, showNotice } from '../push/notices.ts';
import { reportOpened, reportSeen } from '../push/report.ts';
import { playSound, wakeSound } from '../push/sound.ts';
import { loadView } from './conversation-views.ts';
import { inbox } from './inbox.svelte.ts';
import { type News, onNews } from './news.ts';
import { notifications } from './notifications.svelte.ts';
import { thisPage } from './page.svelte.ts';
import { presence } from './presence.svelte.ts';
import { session } from './session.svelte.ts';
import { workspace } from './workspace.svelte.ts';

const CHANNEL = 'bellhop-alerts';
/** So long a page that is seen has to say that it tells the person, before a hidden one does. */
const TAKE_MS = 300;
/** So long what no page has told waits for one that is just being opened. */
const OPENING_MS = 5_000;

/**
 * Between the pages of this browser: one of them brings the news, the one in front tells it, and one that has just been
 * opened asks for what it was too late for.
 */
type AlertMessage =
	| { type: 'alert'; alert: Alert }
	| { type: 'taken'; key: string }
	| { type: 'ask' };

const keyOf = ({ conversationId, seq }: Alert) => `${conversationId} ${seq}`;

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
	/** `show` puts an alert before the person's eyes. Returns the way to stop. */
	start(show: (alert: Alert) => void): () => void {
		const channel = thisPage.broadcast(CHANNEL);
		/** Brought by this page, and told by none. */
		const untold = new Map<string, Alert>();
		const told = new Set<string>();
		const bell = newBell();
		const offer = (alert: Alert) => channel.post({ type: 'alert', alert } satisfies AlertMessage);
		const tell = (alert: Alert) => {
			if (thisPage.visibility !== 'visible' || told.has(keyOf(alert))) return;
			told.add(keyOf(alert));
			untold.delete(keyOf(alert));
			channel.post({ type: 'taken', key: keyOf(alert) } satisfies AlertMessage);
			show(alert);
			if (thisPage.isFocused) void confirm(alert);
			if (notifications.settings?.events[alert.event].sound !== false) void bell.ring(alert);
		};
		/** By a notification what no page has told. A chat may be brought twice: its row is newer than its messages. */
		const noticeUntold = async (alert: Alert) => {
			const key = keyOf(alert);
			if (!untold.has(key) || told.has(key)) return;
			told.add(key);
			if (await notify(alert)) {
				untold.delete(key);
				channel.post({ type: 'taken', key } satisfies AlertMessage);
			} else told.delete(key);
		};
		const onMessage = (raw: unknown) => {
			const message = raw as AlertMessage;
			if (message.type === 'alert') tell(message.alert);
			else if (message.type === 'taken') untold.delete(message.key);
			else for (const alert of untold.values()) offer(alert);
		};
		const bring = ({ page, withinMs }: News) => {
			void closeSettled();
			const me = workspace.current && myself();
			for (const alert of me ? alertsOf(page, me, withinMs) : []) {
				const key = keyOf(alert);
				untold.set(key, alert);
				offer(alert);
				tell(alert);
				thisPage.after(TAKE_MS, () => noticeUntold(alert));
				thisPage.after(OPENING_MS, () => untold.delete(key));
			}
		};
		const stops = [channel.on(onMessage), onNews(bring), thisPage.on('visibility', reportOpened)];
		channel.post({ type: 'ask' } satisfies AlertMessage);
		stops.push(
			$effect.root(() => {
				$effect(() => void setBadge(inbox.waitingCount));
			})
		);
		reportOpened();
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

const newBell = () =>
	new Bell({
		page: thisPage,
		play: playSound,
		isRepeated: () => notifications.settings?.isSoundRepeated ?? false,
		async isWaiting(id) {
			const here = workspace.current;
			return here !== null && ((await loadView(here, id))?.waitingSince ?? null) !== null;
		},
		onSounded(hasSounded) {
			isSoundBlocked = !hasSounded && !isSoundless;
		}
	});

/** A browser notification, on a device that no push reaches: never both for one event. Returns whether it is one. */
async function notify(alert: Alert): Promise<boolean> {
	const { preferences, settings, state } = notifications;
	// As long as it is not known whether this device is rung by a push, the push is left to ring.
	if (state === 'on' || state === 'loading' || !preferences) return false;
	if (Notification?.permission !== 'granted') return false;
	const isOn =
		presence.status === 'online' ? preferences.browserOnline : preferences.browserOffline;
	if (!isOn || settings?.events[alert.event].browser === false) return false;
	const { title, body, conversationId, teamId, seq } = alert;
	const isBare = settings?.privacy === 'nothing';
	const options: NotificationOptions & { tag: string; renotify: boolean } = {
		body: settings?.privacy === 'full' ? body : '',
		tag: `c-${conversationId}`,
		renotify: true,
		icon: '/icon-192.png',
		data: { path: conversationPath(conversationId, { team: teamId }), seq }
	};
	// Two pages may have brought it, and one may have brought it twice: it is told once.
	await alone(thisPage, CHANNEL, async () => {
		if (!(await isNoticed(options.tag, seq)))
			await showNotice(isBare ? 'New chat' : title, options);
	});
	return true;
}

/** What was read or answered elsewhere needs no notification here any more. */
async function closeSettled(): Promise<void> {
	const here = workspace.current;
	if (!here) return;
	const { cache, teamId, userId } = here;
	await closeNotices(async (id, told) => {
		const [conversation] = await conversationsById(cache, { teamId, ids: [id] });
		// A push may be ahead of what has been fetched, which then says nothing about it.
		if (!conversation || conversation.seq < told.seq) return false;
		const read = (await readSeqs(cache, { teamId, userId, ids: [id] })).get(id) ?? 0;
		const { state, seq, assigneeId } = conversation;
		const isOthers = assigneeId !== null && assigneeId !== userId;
		const isRead = read >= seq && !(told.isReminder && state === 'pending');
		return isRead || state === 'bot' || state === 'resolved' || isOthers;
	}).catch(() => {});
}
