import { PROTOCOL_VERSION } from '#contract/protocol.ts';
import { SyncPage } from '#contract/sync.ts';
import { applyPage } from '../db/apply-page.ts';
import { dropOrphans } from '../db/lost.ts';
import { getCursor, isWhole } from '../db/meta.ts';
import { deleteRows, rowsOf } from '../db/outbox.ts';
import type { Cache, Outbox } from '../db/schema.ts';
import type { Request } from './request.ts';

export interface PullInput {
	cache: Cache;
	outbox: Outbox;
	request: Request;
	/** Whose cache it is: under another person's session the server sends nothing. */
	userId: string;
	teamId: string;
	/** Milliseconds since 1970 by this device. */
	wallNow(): number;
	signal: AbortSignal;
	/** A page of changes is in the cache. `isFirst`: of a first sync, which brings all that there is. */
	onNews?(page: SyncPage, isFirst: boolean): void;
	/** So many unsent replies and notes went with conversations that the person may see no more. */
	onTextLost?(count: number): void;
}

/**
 * Brings the cache up to date, page by page; what has come is usable after the first.
 * A write that the server had answered before the pull began is in what the pull brings, so those
 * outbox rows go now: no moment in between shows neither. Throws ApiFailure or Offline.
 */
export async function pull(input: PullInput): Promise<void> {
	const { cache, outbox, request, userId, teamId, wallNow, signal } = input;
	const before = await rowsOf(outbox, teamId);
	for (;;) {
		const from = await getCursor(cache, teamId);
		const protocol = String(PROTOCOL_VERSION);
		const query = new URLSearchParams({ team: teamId, user: userId, protocol });
		if (from) query.set('cursor', from);
		const page = await request({
			method: 'GET',
			path: `/api/sync?${query}`,
			schema: SyncPage,
			signal
		});
		const outcome = await applyPage(cache, { page, from, wallNow: wallNow() });
		if (outcome === 'applied') input.onNews?.(page, page.reset || !isWhole(from));
		// Elsewhere: another tab moved the cursor while this page was on its way. Go on from there.
		if (outcome !== 'elsewhere' && !page.hasMore) break;
	}
	const settled = before.filter(({ state }) => state === 'sent');
	await deleteRows(
		outbox,
		settled.map(({ n }) => n)
	);
	const lost = await dropOrphans({ cache, outbox }, { teamId, rows: before });
	if (lost > 0) input.onTextLost?.(lost);
}
