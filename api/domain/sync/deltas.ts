import { headOf } from '../../store/change.ts';
import type { Ctx } from '../context.ts';
import { type Delta, readDelta } from './delta.ts';

export interface DeltaQuery {
	teamId: string;
	after: number;
	/** In one order, so that the same scope is the same question. */
	botIds: readonly string[];
	/** The newest version the asker has heard of: an answer that ends before it is asked for again. */
	newest: number;
}

/** Deltas for streams, read once for all that stand at the same version with the same scope. */
export interface Deltas {
	get(query: DeltaQuery): Promise<Delta>;
}

// Streams of a team stand at the same few versions; an answer can be large and is soon of no use.
const MAX_KEPT = 64;

export function createDeltas(ctx: Pick<Ctx, 'db' | 'presence'>): Deltas {
	const kept = new Map<string, { delta: Promise<Delta>; version: number }>();

	const read = ({ teamId, after, botIds }: DeltaQuery): Promise<Delta> =>
		ctx.db.team(teamId, async (tx) => {
			const head = await headOf(tx);
			if (!head) throw new Error('a stream of a team that is gone');
			return readDelta(ctx, tx, { after, head, botIds });
		});

	return {
		get(query) {
			const key = [query.teamId, query.after, ...query.botIds].join(' ');
			const known = kept.get(key);
			// One under way counts as new enough: who needs more asks again from where it ends.
			if (known && (known.version === Number.POSITIVE_INFINITY || known.version >= query.newest))
				return known.delta;
			const entry = { delta: read(query), version: Number.POSITIVE_INFINITY };
			kept.delete(key);
			kept.set(key, entry);
			entry.delta.then(
				(delta) => {
					entry.version = delta.version;
				},
				() => kept.get(key) === entry && kept.delete(key)
			);
			const oldest = kept.size > MAX_KEPT ? kept.keys().next().value : undefined;
			if (oldest !== undefined) kept.delete(oldest);
			return entry.delta;
		}
	};
}
