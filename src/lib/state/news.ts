import type { SyncPage } from '#contract/sync.ts';
import { thisPage } from './page.svelte.ts';

/** A page of changes that this page of the browser has brought in. */
export interface News {
	page: SyncPage;
	/** What is older was there before the person came, and is no news to them. */
	withinMs: number;
}

/** What tells the person is loaded behind the first view, and may miss the first news by that much. */
const EARLY_MS = 30_000;

const listeners = new Set<(news: News) => void>();
/** What came while nobody listened, and when. */
let early: { news: News; at: number }[] = [];

const stillEarly = () => early.filter(({ at }) => at > thisPage.now() - EARLY_MS);

/** Tells of all news, and at once of what has just come; returns the way to stop. */
export function onNews(listener: (news: News) => void): () => void {
	listeners.add(listener);
	for (const { news } of stillEarly()) listener(news);
	early = [];
	return () => listeners.delete(listener);
}

export function tellNews(news: News): void {
	for (const listener of listeners) listener(news);
	if (listeners.size === 0) early = [...stillEarly(), { news, at: thisPage.now() }];
}

/** Another person or team comes: what nobody has heard is none of theirs. */
export function dropEarlyNews(): void {
	early = [];
}
