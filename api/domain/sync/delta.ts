import { LIMITS } from '#contract/limits.ts';
import type { SyncPage } from '#contract/sync.ts';
import { botsOfTeam, toBot } from '../../store/bot.ts';
import { type ChangeRow, changesBetween, type Head } from '../../store/change.ts';
import { conversationsByIds } from '../../store/conversation.ts';
import type { Entity, TeamTx } from '../../store/db.ts';
import { messagesByIds } from '../../store/message.ts';
import { findTeam } from '../../store/team.ts';
import type { Ctx } from '../context.ts';
import { readMembers } from './members.ts';

/** What changed in a team for everybody who may see the same bots; nothing personal is in it. */
export interface Delta
	extends Pick<SyncPage, 'team' | 'bots' | 'members' | 'conversations' | 'messages' | 'deletes'> {
	/** The version it leads to; `hasMore` where the team is further. */
	version: number;
	hasMore: boolean;
	/** Bots came, went or changed: what a person may see is to be read again. */
	isBotChanged: boolean;
	/** Members that changed; of those in `accessOf` what they may see. */
	memberIds: ReadonlySet<string>;
	accessOf: ReadonlySet<string>;
	/** By person, the conversations whose read mark moved. */
	readsOf: ReadonlyMap<string, readonly string[]>;
}

type Deleted = SyncPage['deletes'][number]['entity'];
const DELETABLE = new Set<Entity>(['bot', 'member', 'conversation', 'message']);

/** What changed after `after` in the given bots, of a team that stands at `head`. About one page. */
export async function readDelta(
	{ presence }: Pick<Ctx, 'presence'>,
	tx: TeamTx,
	{ after, head, botIds }: { after: number; head: Head; botIds: readonly string[] }
): Promise<Delta> {
	const range = { after, upTo: head.version, botIds, limit: LIMITS.syncPage };
	const rows = await changesBetween(tx, range);
	const isFull = rows.length >= LIMITS.syncPage;
	const version = (isFull && rows.at(-1)?.version) || head.version;
	const ids = (entity: Entity) => [...idsOf(rows, entity)];
	const memberIds = idsOf(rows, 'member');
	const bots = new Set(ids('bot'));
	// Read after the head: a row may be newer than the cursor and comes again, none is older.
	return {
		version,
		hasMore: version < head.version,
		isBotChanged: bots.size > 0,
		memberIds,
		accessOf: idsOf(
			rows.filter((row) => row.ownerId === row.id),
			'member'
		),
		readsOf: readsOf(rows),
		team: ids('team').length > 0 ? ((await findTeam(tx)) ?? null) : null,
		bots:
			bots.size > 0
				? (await botsOfTeam(tx))
						.filter((bot) => bots.has(bot.id) && botIds.includes(bot.id))
						.map(toBot)
				: [],
		members:
			memberIds.size > 0
				? (await readMembers(tx, presence)).filter((member) => memberIds.has(member.userId))
				: [],
		conversations: await conversationsByIds(tx, ids('conversation')),
		messages: await messagesByIds(tx, ids('message')),
		deletes: deletesOf(rows)
	};
}

const idsOf = (rows: readonly ChangeRow[], entity: Entity): Set<string> =>
	new Set(rows.filter((row) => row.entity === entity).map((row) => row.id));

/** Only where the last word is a delete: what was deleted and made again is there. */
function deletesOf(rows: readonly ChangeRow[]): SyncPage['deletes'] {
	const last = new Map(rows.map((row) => [`${row.entity} ${row.id}`, row]));
	return [...last.values()]
		.filter((row) => row.op === 'delete' && DELETABLE.has(row.entity))
		.map((row) => ({ entity: row.entity as Deleted, id: row.id }));
}

function readsOf(rows: readonly ChangeRow[]): Map<string, string[]> {
	const reads = new Map<string, string[]>();
	for (const row of rows)
		if (row.entity === 'read' && row.ownerId !== null)
			reads.set(row.ownerId, [...(reads.get(row.ownerId) ?? []), row.id]);
	return reads;
}
