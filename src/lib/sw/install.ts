import {
	cleanupOutdatedCaches,
	createHandlerBoundToURL,
	precacheAndRoute
} from 'workbox-precaching';
import { registerRoute } from 'workbox-routing';
import type { WorkerScope } from './context.ts';
import { type BuildFiles, isShellNavigation, precacheEntries, SHELL } from './shell.ts';

interface WorkerEvent {
	waitUntil(work: Promise<unknown>): void;
}

/** Keeps a whole build in the cache and answers from it. A new build waits, its files beside the old ones. */
export function serveShell(files: BuildFiles, origin: string): void {
	precacheAndRoute(precacheEntries(files));
	cleanupOutdatedCaches();
	registerRoute(
		({ request }) => isShellNavigation(request, origin),
		createHandlerBoundToURL(SHELL)
	);
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
