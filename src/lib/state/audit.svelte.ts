import { type AuditAction, type AuditEntry, AuditResponse } from '#contract/audit.ts';
import { get } from './api.ts';
import { Loaded, withOlder } from './loaded.svelte.ts';
import { session } from './session.svelte.ts';

export interface AuditFilter {
	actor: string;
	action: AuditAction | '';
	/** Dates as a date field has them, both inclusive, in this device's time zone. */
	from: string;
	until: string;
}

let filter = $state.raw<AuditFilter>({ actor: '', action: '', from: '', until: '' });

/** A year that is still being written, such as 0020, filters nothing yet. */
const midnight = (date: string, days = 0): string => {
	const at = new Date(`${date}T00:00`);
	return date >= '1970' ? String(at.setDate(at.getDate() + days)) : '';
};

function queryOf(before?: string): string {
	const { actor, action } = filter;
	const all = {
		team: session.team?.id ?? '',
		actor,
		action,
		from: midnight(filter.from),
		until: midnight(filter.until, 1),
		before: before ?? ''
	};
	return new URLSearchParams(Object.entries(all).filter(([, value]) => value)).toString();
}

const first = new Loaded(
	() => queryOf(),
	(query) => get(`/api/audit?${query}`, AuditResponse),
	(newest, before) => {
		const entries = withOlder(newest.entries, before.entries);
		return entries ? { entries, hasMore: before.hasMore } : newest;
	}
);

/** What was done in the active team, newest first. Throws ApiFailure or Offline. */
export const audit = {
	list: first,
	get filter(): AuditFilter {
		return filter;
	},
	set filter(next) {
		filter = next;
	},
	get entries(): AuditEntry[] {
		return first.value?.entries ?? [];
	},
	/** Where a browser fetches what the filter lets through as CSV. */
	get exportPath(): string {
		return `/api/audit/export?${queryOf()}`;
	},
	/** Adds the page after the last entry. */
	more: (): Promise<void> =>
		first.extend(async ({ entries }) => {
			const next = await get(`/api/audit?${queryOf(entries.at(-1)?.id)}`, AuditResponse);
			return { entries: [...entries, ...next.entries], hasMore: next.hasMore };
		})
};
