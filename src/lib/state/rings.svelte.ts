import { EventLogResponse, WhyResponse } from '#contract/notifications.ts';
import { get } from './api.ts';
import { Loaded, withOlder } from './loaded.svelte.ts';
import { session } from './session.svelte.ts';

const path = '/api/notifications';
const team = () => session.team?.id ?? null;
const logOf = (id: string) => `${path}/log?team=${id}&questions=1`;
const log = new Loaded(
	team,
	(id) => get(logOf(id), EventLogResponse),
	(newest, before) => {
		const rows = withOlder(newest.rows, before.rows);
		return rows ? { rows, hasMore: before.hasMore } : newest;
	}
);

/** What there was to be told about in the active team, and what became of it. */
export const rings = {
	log,
	/** Adds the page after the last row. Throws ApiFailure or Offline. */
	more: (): Promise<void> =>
		log.extend(async ({ rows }) => {
			const before = rows.at(-1)?.at ?? 0;
			const next = await get(`${logOf(team() ?? '')}&before=${before}`, EventLogResponse);
			return { rows: [...rows, ...next.rows], hasMore: next.hasMore };
		}),
	/** "Why did (not) my phone ring?", about a conversation or one event; `user`: one person's part alone. */
	why(about: () => { conversation?: string; event?: string; user?: string }) {
		const key = () => {
			const id = team();
			const { conversation, event } = about();
			return id && (conversation || event)
				? new URLSearchParams({ team: id, ...about() }).toString()
				: null;
		};
		return new Loaded(key, (query) => get(`${path}/why?${query}`, WhyResponse));
	}
};
