import type { WorkerScope } from './context.ts';

interface WorkerEvent {
	waitUntil(work: Promise<unknown>): void;
}

/** The first page is controlled at once, so that it opens offline the next time and beats through the worker. */
export function onActivate(event: WorkerEvent, worker: WorkerScope): void {
	event.waitUntil(worker.clients.claim());
}

/** A new version takes over when the person says so. */
export function onSkipWaiting(event: WorkerEvent & { data: unknown }, worker: WorkerScope): void {
	const { data } = event;
	const isAsked = typeof data === 'object' && data !== null && 'type' in data;
	if (isAsked && data.type === 'SKIP_WAITING') event.waitUntil(worker.skipWaiting());
}
