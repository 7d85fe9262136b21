import type { PrecacheEntry } from 'workbox-precaching';
import { isAppRoute } from '#contract/routes.ts';

/** The static fallback page: the app, whatever the path. */
export const SHELL = '/200.html';

/** What a build consists of, as SvelteKit tells a worker. */
export interface BuildFiles {
	/** Hashed by content: the name is the revision. */
	build: string[];
	/** Of the static folder. */
	files: string[];
	version: string;
}

/** For stores and install dialogs; no page shows them. */
const isForPages = (path: string): boolean => !path.startsWith('/screenshot-');

/** All that the app needs to open without a connection. */
export function precacheEntries({ build, files, version }: BuildFiles): PrecacheEntry[] {
	return [
		// The library's type lacks null, its word for "the name says it".
		...build.map((url) => ({ url, revision: null as unknown as string })),
		...files.filter(isForPages).map((url) => ({ url, revision: version })),
		{ url: SHELL, revision: version }
	];
}

/** The shell answers the app's own pages alone: never the API, the visitor's frame or the demo site. */
export function isShellNavigation(request: Request, origin: string): boolean {
	const url = new URL(request.url);
	return request.mode === 'navigate' && url.origin === origin && isAppRoute(url.pathname);
}
