import { PRESENCE_CHANNEL } from '../presence/messages.ts';
import { request } from '../sync/request.ts';
import { type BeatDeps, emptyBeatMemory } from './beat.ts';
import { leave } from './leave.ts';

/**
 * The real things behind the handlers' arguments. The parts of the worker's global are named one by one,
 * because TypeScript's library for workers contradicts the one for pages and both are one program here.
 */
export interface WorkerScope {
	readonly clients: BeatDeps['clients'] & { claim(): Promise<void> };
	skipWaiting(): Promise<void>;
}

/** For `onBeat` and `onLeave`. */
export function beatDeps({ clients }: WorkerScope): BeatDeps {
	const channel = new BroadcastChannel(PRESENCE_CHANNEL);
	return {
		clients,
		request,
		leave,
		tell: (message) => channel.postMessage(message),
		wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
		memory: emptyBeatMemory()
	};
}
