import { acknowledge } from './ack.ts';
import { catchUp } from './flush.ts';
import { type NoticeData, noticeOf } from './notice.ts';
import { type Shown, settleOn } from './shown.ts';
import { inTurn, type Turns } from './turns.ts';

/** The parts of the event, and below of the worker's world, that are used; the library's types for workers clash with the page's. */
export interface PushArrival {
	readonly data: { text(): string } | null;
	waitUntil(work: Promise<unknown>): void;
}

export interface PushScope {
	location: { origin: string };
	registration: Pick<ServiceWorkerRegistration, 'showNotification'>;
	navigator: { setAppBadge?(count: number): Promise<void> };
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
	turns: new Map(),
	pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms))
};

/**
 * A push came. Every push shows a notification, whatever it says and whatever fails: three silent ones cost the
 * registration on Apple, and a visitor waits. So nothing is asked of the network or the disk before it stands.
 */
export function onPush(event: PushArrival, scope: PushScope, deps: PushDeps = pushDeps): void {
	const notice = noticeOf(textOf(event), scope.location.origin);
	const { title, options, badge } = settleOn(deps.shown, notice);
	const shown = inTurn(deps, options.tag ?? '', () =>
		scope.registration
			.showNotification(title, options)
			// A browser that refuses an option still shows the words.
			.catch(() => scope.registration.showNotification(title, { body: options.body ?? '' }))
	);
	// Of the push that came, whichever it leaves standing.
	const { ackToken, userId } = notice.options.data as NoticeData;
	const after = async () => {
		await shown;
		if (badge !== null) await scope.navigator.setAppBadge?.(badge)?.catch(() => {});
		if (ackToken) await deps.acknowledge({ token: ackToken, state: 'shown' });
		await deps.catchUp(userId);
	};
	event.waitUntil(after());
}

function textOf(event: PushArrival): string | null {
	try {
		return event.data?.text() ?? null;
	} catch {
		return null;
	}
}
