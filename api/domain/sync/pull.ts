import type { Read } from '#contract/entities.ts';
import { PROTOCOL_VERSION } from '#contract/protocol.ts';
import type { SyncPage } from '#contract/sync.ts';
import { type Head, headOf } from '../../store/change.ts';
import type { TeamTx } from '../../store/db.ts';
import { readsOf } from '../../store/read.ts';
import { findTeam } from '../../store/team.ts';
import type { AgentCtx } from '../context.ts';
import { type CursorParts, formatCursor, parseCursor } from './cursor.ts';
import { type Delta, readDelta } from './delta.ts';
import { type Part, readNewest, readWalk } from './first.ts';
import { readMembers } from './members.ts';
import { requireScope, type Scope } from './scope.ts';

interface Place {
	ctx: AgentCtx;
	teamId: string;
	scope: Scope;
}

interface Asked extends Place {
	tx: TeamTx;
	head: Head;
}

/** The next page behind a cursor, or without one the first of everything. */
export async function pull(
	ctx: AgentCtx,
	{ teamId, cursor }: { teamId: string; cursor: string | undefined }
): Promise<SyncPage> {
	return ctx.db.team(teamId, async (tx) => {
		const scope = await requireScope(tx, ctx.actor.userId);
		const head = await requireHead(tx);
		const asked = { ctx, teamId, tx, head, scope };
		if (cursor === undefined) return newest(asked, { isReset: false });
		const at = parseCursor(cursor);
		if (!at || !isCurrent(at, head)) return newest(asked, { isReset: true });
		if (at.position) return walk(asked, at as CursorParts & { position: object });
		const { botIds } = scope;
		const delta = await readDelta(ctx, tx, { after: at.version, head, botIds });
		if (delta.accessOf.has(ctx.actor.userId)) return newest(asked, { isReset: true });
		const reads = await readsOf(tx, ctx.actor.userId, delta.readsOf.get(ctx.actor.userId) ?? []);
		return deltaPage(asked, delta, reads);
	});
}

/** Within a member's team: it is there. */
export async function requireHead(tx: TeamTx): Promise<Head> {
	const head = await headOf(tx);
	if (!head) throw new Error('a member of a team without a row');
	return head;
}

/** Whether everything after the cursor can still be told. */
export const isCurrent = (at: CursorParts, head: Head): boolean =>
	at.epoch === head.epoch && at.version <= head.version && at.version >= head.floor;

const emptyPage = ({ ctx, teamId, scope }: Place) => ({
	protocol: PROTOCOL_VERSION,
	teamId,
	reset: false,
	serverNow: ctx.now(),
	scope: { botIds: scope.botIds, permissions: scope.permissions },
	team: null,
	bots: [],
	members: [],
	deletes: []
});

/** Within a first sync the version stays that of its start: what changes meanwhile follows as a delta. */
async function partPage(asked: Asked, part: Part, version: number) {
	const { ctx, tx, head } = asked;
	const { conversations, messages, next } = part;
	const ids = conversations.map((conversation) => conversation.id);
	return {
		...emptyPage(asked),
		cursor: formatCursor({ epoch: head.epoch, version, position: next }),
		hasMore: next !== null || head.version > version,
		conversations,
		messages,
		reads: await readsOf(tx, ctx.actor.userId, ids)
	};
}

async function newest(asked: Asked, { isReset }: { isReset: boolean }): Promise<SyncPage> {
	const { ctx, tx, head, scope } = asked;
	const part = await readNewest(tx, scope.botIds);
	return {
		...(await partPage(asked, part, head.version)),
		reset: isReset,
		team: (await findTeam(tx)) ?? null,
		bots: scope.bots,
		members: await readMembers(tx, ctx.presence)
	};
}

async function walk(
	asked: Asked,
	at: CursorParts & { position: NonNullable<CursorParts['position']> }
): Promise<SyncPage> {
	const { botIds } = asked.scope;
	const part = await readWalk(asked.tx, { botIds, position: at.position });
	return partPage(asked, part, at.version);
}

/** A shared delta as one person's page, with that person's read marks. */
export function deltaPage(
	asked: Place & { head: Pick<Head, 'epoch'> },
	delta: Delta,
	reads: Read[]
): SyncPage {
	const { team, bots, members, conversations, messages, deletes, version, hasMore } = delta;
	return {
		...emptyPage(asked),
		cursor: formatCursor({ epoch: asked.head.epoch, version, position: null }),
		hasMore,
		team,
		bots,
		members,
		conversations,
		messages,
		reads,
		deletes
	};
}
