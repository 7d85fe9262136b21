import type { Conversation } from '#contract/entities.ts';
import type { TeamTx } from './db.ts';
import { type Sql, sql } from './sql.ts';

/** What transitions change; the rest of a conversation only grows. */
export type ConversationHead = Pick<
	Conversation,
	'state' | 'assigneeId' | 'escalatedAt' | 'answeredAt' | 'escalation'
>;

type ConversationRow = Omit<Conversation, 'visitor'> & {
	visitorId: string;
	visitorName: string | null;
	visitorEmail: string | null;
	isVerified: boolean;
	browser: string | null;
	pageUrl: string | null;
	pageTitle: string | null;
};

const columns = sql`c.id, c.bot_id as "botId", c.state, c.assignee_id as "assigneeId", c.seq,
	c.created_at as "createdAt", c.last_message_at as "lastMessageAt",
	c.escalated_at as "escalatedAt", c.answered_at as "answeredAt", c.escalation, c.preview,
	case when c.state = 'pending' then (
		select max((t->>'at')::float8) from ladders l, jsonb_array_elements(l.trail) t
		where l.team_id = c.team_id and l.conversation_id = c.id and l.started_at = c.escalated_at
			and (t->>'isRing')::boolean) end as "rungAt",
	c.visitor_read_seq as "visitorReadSeq", v.id as "visitorId", v.name as "visitorName",
	v.email as "visitorEmail", v.is_verified as "isVerified", v.browser,
	v.page_url as "pageUrl", v.page_title as "pageTitle"`;

const selectWhere = (teamId: string, where: Sql) => sql`
	select ${columns} from conversations c
	join visitors v on v.team_id = c.team_id and v.id = c.visitor_id
	where c.team_id = ${teamId} and ${where}`;

function toConversation(row: ConversationRow): Conversation {
	const { visitorId, visitorName, visitorEmail, isVerified, browser, pageUrl, pageTitle, ...rest } =
		row;
	return {
		...rest,
		visitor: {
			id: visitorId,
			name: visitorName,
			email: visitorEmail,
			isVerified,
			browser,
			pageUrl,
			pageTitle
		}
	};
}

async function first(tx: TeamTx, query: Sql): Promise<Conversation | undefined> {
	const row = await tx.maybe<ConversationRow>(query);
	return row && toConversation(row);
}

export function findConversation(tx: TeamTx, id: string): Promise<Conversation | undefined> {
	return first(tx, selectWhere(tx.teamId, sql`c.id = ${id}`));
}

/** Held until the transaction ends, so that of two people one decides first. */
export function lockConversation(tx: TeamTx, id: string): Promise<Conversation | undefined> {
	return first(tx, sql`${selectWhere(tx.teamId, sql`c.id = ${id}`)} for update of c`);
}

/** The visitor's newest conversation. */
export function conversationOfVisitor(
	tx: TeamTx,
	visitorId: string
): Promise<Conversation | undefined> {
	const newest = sql`c.visitor_id = ${visitorId} order by c.created_at desc, c.id desc limit 1`;
	return first(tx, selectWhere(tx.teamId, newest));
}

export async function conversationsByIds(
	tx: TeamTx,
	ids: readonly string[]
): Promise<Conversation[]> {
	if (ids.length === 0) return [];
	const rows = await tx.many<ConversationRow>(
		selectWhere(tx.teamId, sql`c.id = any(${ids}::uuid[])`)
	);
	return rows.map(toConversation);
}

/** Those of the bots in which somebody wrote last, newest first. */
export async function newestConversations(
	tx: TeamTx,
	{ botIds, limit }: { botIds: readonly string[]; limit: number }
): Promise<Conversation[]> {
	const rows = await tx.many<ConversationRow>(sql`
		${selectWhere(tx.teamId, sql`c.bot_id = any(${botIds}::uuid[])`)}
		order by c.last_message_at desc, c.id desc limit ${limit}`);
	return rows.map(toConversation);
}

/** Those of the bots from the id `from` (inclusive) downward. Ids never change, so a walk misses none. */
export async function conversationsDown(
	tx: TeamTx,
	{ botIds, from, limit }: { botIds: readonly string[]; from: string; limit: number }
): Promise<Conversation[]> {
	const rows = await tx.many<ConversationRow>(sql`
		${selectWhere(tx.teamId, sql`c.bot_id = any(${botIds}::uuid[]) and c.id <= ${from}`)}
		order by c.id desc limit ${limit}`);
	return rows.map(toConversation);
}

/** False where the id is taken. `at`: milliseconds since 1970. */
export async function insertConversation(
	tx: TeamTx,
	{ id, botId, visitorId, at }: { id: string; botId: string; visitorId: string; at: number }
): Promise<boolean> {
	const written = await tx.run(sql`
		insert into conversations (team_id, id, bot_id, visitor_id, created_at, last_message_at)
		values (${tx.teamId}, ${id}, ${botId}, ${visitorId}, ${new Date(at)}, ${new Date(at)})
		on conflict do nothing`);
	return written === 1;
}

/** How far the visitor has read; only forward. False where it was as far already. */
export async function markVisitorRead(tx: TeamTx, id: string, seq: number): Promise<boolean> {
	const written = await tx.run(sql`
		update conversations set visitor_read_seq = least(seq, ${seq}::int)
		where team_id = ${tx.teamId} and id = ${id} and visitor_read_seq < least(seq, ${seq}::int)`);
	return written === 1;
}

/**
 * Median of the first answers after escalations since `since`, in milliseconds; null where there
 * are fewer than `atLeast`.
 */
export async function medianReplyMs(
	tx: TeamTx,
	{ botId, since, atLeast }: { botId: string; since: number; atLeast: number }
): Promise<number | null> {
	const { median } = await tx.one<{ median: number | null }>(sql`
		select case when count(*) >= ${atLeast} then round(1000 * percentile_cont(0.5) within group (
			order by extract(epoch from answered_at - escalated_at)::float8))::int8 end as median
		from conversations
		where team_id = ${tx.teamId} and bot_id = ${botId} and answered_at is not null
			and escalated_at >= ${new Date(since)}`);
	return median;
}

/** What a person has taken up and not ended. */
export async function openConversationIdsOf(tx: TeamTx, assigneeId: string): Promise<string[]> {
	const rows = await tx.many<{ id: string }>(sql`
		select id from conversations where team_id = ${tx.teamId} and assignee_id = ${assigneeId}
			and state <> 'resolved' order by id`);
	return rows.map((row) => row.id);
}
