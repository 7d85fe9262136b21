import { type FromFrame, isBellhop, type PageFacts, type ToFrame } from '../bridge.ts';

export interface HostEvents {
	/** The page's origin is vouched for by the browser, never by the message. */
	hello(origin: string, page: PageFacts, kept: string | null): void;
	opened(page: PageFacts, isFocused: boolean): void;
	closed(): void;
}

/** The page around the frame. Before it has said hello nothing but `ready` is sent to it. */
export interface Host {
	tell(message: FromFrame): void;
	/** No page around it: the frame was opened by itself. */
	isAlone: boolean;
}

function pageOf(value: unknown): PageFacts {
	const page = (value ?? {}) as Partial<PageFacts>;
	return {
		url: String(page.url ?? '').slice(0, 2000),
		title: String(page.title ?? '').slice(0, 300)
	};
}

/**
 * Listens to the parent window alone. `frame-ancestors` has already decided which origins that can
 * be; the first hello binds the frame to its origin, and later messages must come from the same.
 */
export function connectHost(window: Window, events: HostEvents): Host {
	const { parent } = window;
	const isAlone = parent === window;
	let origin: string | null = null;
	const receive = (message: ToFrame, from: string) => {
		if (message.bellhop === 'hello' && origin === null) {
			origin = from;
			events.hello(
				from,
				pageOf(message.page),
				typeof message.kept === 'string' ? message.kept : null
			);
		}
		if (origin !== from) return;
		if (message.bellhop === 'opened')
			events.opened(pageOf(message.page), message.isFocused === true);
		else if (message.bellhop === 'closed') events.closed();
	};
	if (!isAlone) {
		window.addEventListener('message', (event) => {
			if (event.source === parent && isBellhop(event.data))
				receive(event.data as ToFrame, event.origin);
		});
		// Carries nothing; who may be the parent is the server's header to say.
		parent.postMessage({ bellhop: 'ready' } satisfies FromFrame, '*');
	}
	return {
		isAlone,
		tell(message) {
			if (origin !== null) parent.postMessage(message, origin);
		}
	};
}
