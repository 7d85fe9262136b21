import type { Read } from '#contract/entities.ts';
import type { SyncPage } from '#contract/sync.ts';
import { readsOf } from '../../store/read.ts';
import type { AgentCtx } from '../context.ts';
import { type CursorParts, parseCursor } from './cursor.ts';
import type { Delta } from './delta.ts';
import type { Deltas } from './deltas.ts';
import { deltaPage, isCurrent, pull, requireHead } from './pull.ts';
import { requireScope, type Scope } from './scope.ts';

/** A person's place in a team's changes. */
export interface Follower {
	/**
	 * The next page, or null where nothing the person may see has changed up to `newest`, a version
	 * that was heard of, or up to where the team was at the beginning. A page with `reset` or without end is for pulling on: it is the last.
	 */
	next(newest: number): Promise<SyncPage | null>;
	readonly isEnded: boolean;
	/** The last page ended before `newest`: a delta shared with other streams can be older than the news. */
	isBehind(newest: number): boolean;
}

/** Starts behind the cursor. Throws as `pull` does for strangers, also later when access has ended. */
export function createFollower(
	ctx: AgentCtx,
	deltas: Deltas,
	{ teamId, cursor }: { teamId: string; cursor: string }
): Follower {
	const { userId } = ctx.actor;
	let place: CursorParts | undefined;
	let scope: Scope | undefined;
	/** What was there before anybody could tell this one of it: a shared delta may be older. */
	let atStart = 0;
	let isEnded = false;

	async function pullInstead(): Promise<SyncPage> {
		isEnded = true;
		return pull(ctx, { teamId, cursor });
	}

	/** False where the cursor leads nowhere: too old, of another epoch, or within a first sync. */
	const enter = () =>
		ctx.db.team(teamId, async (tx) => {
			scope = await requireScope(tx, userId);
			const at = parseCursor(cursor);
			const head = await requireHead(tx);
			if (!at || at.position || !isCurrent(at, head)) return false;
			place ??= at;
			atStart = head.version;
			return true;
		});

	/** The one thing that is not shared: most deltas have none of it, and cost no query here. */
	async function ownReads({ readsOf: marks }: Delta): Promise<Read[]> {
		const moved = marks.get(userId);
		return moved ? ctx.db.team(teamId, (tx) => readsOf(tx, userId, moved)) : [];
	}

	return {
		get isEnded() {
			return isEnded;
		},
		isBehind: (newest) => place !== undefined && place.version < Math.max(newest, atStart),
		async next(heard) {
			if (!scope && !(await enter())) return pullInstead();
			const newest = Math.max(heard, atStart);
			while (place && scope) {
				const { version: after } = place;
				const delta = await deltas.get({ teamId, after, botIds: scope.botIds, newest });
				if (delta.accessOf.has(userId)) return pullInstead();
				const before = scope.botIds.join();
				if (delta.isBotChanged || delta.memberIds.has(userId)) {
					scope = await ctx.db.team(teamId, (tx) => requireScope(tx, userId));
					// Another scope is another question, from the same place.
					if (scope.botIds.join() !== before) continue;
				}
				place = { ...place, version: delta.version };
				if (isTold(delta, userId))
					return deltaPage({ ctx, teamId, scope, head: place }, delta, await ownReads(delta));
				if (delta.version >= newest && !delta.hasMore) return null;
			}
			return null;
		}
	};
}

const isTold = (delta: Delta, userId: string): boolean =>
	delta.team !== null ||
	[delta.bots, delta.members, delta.conversations, delta.messages, delta.deletes].some(
		(rows) => rows.length > 0
	) ||
	delta.readsOf.has(userId);
