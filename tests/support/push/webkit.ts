import type { PushPayload } from '#contract/push.ts';
import type { PushArrival, PushScope } from '../../../src/lib/sw/push.ts';
import { ORIGIN } from '../app.ts';

/** Where a WebKit looks for `mutable` and `app_badge`: within the notification, as 18.4 does, or beside it, as the specification has it. */
export type Reads = 'within' | 'beside';

export interface Shown {
	title: string;
	body: string;
	badge: number | null;
}

/** The app's worker. */
export type Worker = (event: PushArrival, scope: PushScope) => void;

/** How long it may take: a second, and then some. */
const HANDLING_MS = 1_500;

/**
 * What WebKit does with a push, by its sources (NotificationJSONParser, PushEvent, WorkerNavigator); resolves to what
 * stands then. Of a declarative one the worker is handed the notification, and no data, where it is mutable; what it
 * describes is put up by the system when the event is over, unless the worker has put up another that says where it leads.
 */
export async function handlePush(
	text: string | null,
	{ reads, worker }: { reads: Reads; worker: Worker | undefined }
): Promise<Shown[]> {
	const declared = text === null ? null : readDeclared(text, reads);
	if (!worker || (declared && !declared.isMutable)) return declared ? [declared.shown] : [];
	const shown: Shown[] = [];
	const until: Promise<unknown>[] = [];
	const scope: PushScope = {
		location: { origin: ORIGIN },
		registration: {
			async showNotification(title, options = {}) {
				if (declared && !('navigate' in options)) throw new TypeError('navigate is missing');
				shown.push({ title, body: options.body ?? '', badge: null });
			}
		},
		// Within the event of a declarative push its promise is dropped.
		navigator: { setAppBadge: () => (declared ? new Promise(() => {}) : Promise.resolve()) }
	};
	const event = {
		data: declared || text === null ? null : { text: () => text },
		notification: declared?.notification ?? null,
		waitUntil: (work: Promise<unknown>) => void until.push(work)
	};
	worker(event, scope);
	const late = new Promise((resolve) => setTimeout(resolve, HANDLING_MS));
	await Promise.race([Promise.allSettled(until), late]);
	return declared ? [shown.at(-1) ?? declared.shown] : shown;
}

/** WebKit asks for the number, a title, words, and where it leads; null: it is no declarative push. */
function readDeclared(text: string, reads: Reads) {
	try {
		const payload = JSON.parse(text) as Partial<PushPayload>;
		const { notification } = payload;
		if (payload.web_push !== 8030 || !notification?.title || typeof notification.body !== 'string')
			return null;
		if (!URL.canParse(notification.navigate)) return null;
		const { mutable, app_badge } = reads === 'within' ? notification : payload;
		const badge = app_badge === undefined ? null : Number(app_badge);
		const { title, body } = notification;
		return { notification, isMutable: mutable === true, shown: { title, body, badge } };
	} catch {
		return null;
	}
}
