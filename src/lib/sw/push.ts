import { acknowledge } from './ack.ts';
import { catchUp } from './flush.ts';
import { type NoticeData, noticeOf } from './notice.ts';
import { type Shown, settleOn } from './shown.ts';
import { inTurn, type Turns, turns } from './turns.ts';

/** The parts of the event, and below of the worker's world, that are used; the library's types for workers clash with the page's. */
export interface PushArrival {
	readonly data: { text(): string } | null;
	/** What the system is about to put up by itself (Push API, declarative push message); then there is no `data`. */
	readonly notification?: { readonly data?: unknown } | null;
	waitUntil(work: Promise<unknown>): void;
}

export interface PushScope {
	location: { origin: string };
	registration: Pick<ServiceWorkerRegistration, 'showNotification'>;
	navigator: {
		setAppBadge?(count: number): Promise<void>;
		/** Chromium alone has it. */
		readonly userAgentData?: unknown;
	};
}

export interface PushDeps {
	acknowledge: typeof acknowledge;
	catchUp(userId: string | undefined): Promise<void>;
	shown: Shown;
	turns: Turns;
	pause(ms: number): Promise<void>;
}

const pushDeps: PushDeps = {
	acknowledge,
	catchUp,
	shown: new Map(),
	turns,
	pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms))
};

/**
 * How long a system may be kept from putting up a declarative push: WebKit does so when the event is over. The
 * acknowledgement has left by then; whether it arrived need not be known.
 */
const DECLARED_MS = 1_000;

/**
 * A push came. Every push shows a notification, whatever it says and whatever fails: three silent ones cost the
 * registration on Apple, and a visitor waits. So nothing is asked of the network or the disk before it stands.
 */
export function onPush(event: PushArrival, scope: PushScope, deps: PushDeps = pushDeps): void {
	// The system shows it, and the badge with it, better than this could: without `navigate` WebKit would refuse.
	if (!event.data && event.notification) {
		const told = tell(deps, (event.notification.data ?? {}) as Partial<NoticeData>);
		event.waitUntil(Promise.race([told, deps.pause(DECLARED_MS)]));
		return;
	}
	const notice = noticeOf(textOf(event), scope.location.origin);
	const { title, options, badge } = settleOn(deps.shown, notice);
	const shown = inTurn(deps, options.tag ?? '', () =>
		scope.registration
			.showNotification(title, options)
			// A browser that refuses an option still shows the words.
			.catch(() => scope.registration.showNotification(title, { body: options.body ?? '' }))
	);
	const after = async () => {
		await shown;
		const counted = badge === null ? null : scope.navigator.setAppBadge?.(badge)?.catch(() => {});
		// Beside the badge, which may take for ever. Of the push that came, whichever it leaves standing.
		await tell(deps, notice.options.data as NoticeData);
		await counted;
	};
	const told = after();
	// When the event is over Chromium looks what stands: the sooner, the fewer have pressed it by then (turns.ts sees to
	// those). It runs on for half a minute; others would stop at the end of the event.
	if (scope.navigator.userAgentData) told.catch(() => {});
	event.waitUntil(scope.navigator.userAgentData ? shown : told);
}

/** Tells the server that it stands, and sends what else waits here. Never rejects. */
async function tell(
	{ acknowledge, catchUp }: PushDeps,
	{ ackToken, userId }: Partial<NoticeData>
): Promise<void> {
	if (ackToken) await acknowledge({ token: ackToken, state: 'shown' });
	await catchUp(userId);
}

function textOf(event: PushArrival): string | null {
	try {
		return event.data?.text() ?? null;
	} catch {
		return null;
	}
}
