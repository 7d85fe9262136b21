import type { AuthorKind, Conversation, Message, ThreadEvent } from '#contract/entities.ts';
import type { ConversationHead } from './conversation.ts';
import type { TeamTx } from './db.ts';
import { sql } from './sql.ts';

export interface NewMessage {
	id: string;
	kind: Message['kind'];
	authorKind: AuthorKind;
	authorId: string | null;
	body: string;
	event: ThreadEvent | null;
}

const columns = sql`m.id, m.conversation_id as "conversationId", m.seq, m.kind,
	m.author_kind as "authorKind", m.author_id as "authorId", m.body, m.event,
	m.created_at as "createdAt"`;

// The inbox shows an agent's view of the text; long ones are cut there anyway.
const PREVIEW_LENGTH = 280;

/** The newest words of a person; a bot's only where no person wrote. */
function previewOf(messages: readonly NewMessage[]): Conversation['preview'] {
	const texts = messages.filter((message) => message.kind === 'text');
	const text = texts.findLast((message) => message.authorKind !== 'bot') ?? texts.at(-1);
	if (!text) return null;
	const body = text.body.slice(0, PREVIEW_LENGTH).toWellFormed();
	return { authorKind: text.authorKind, authorId: text.authorId, body };
}

/**
 * Adds messages and sets the conversation's head, in one statement: the numbers come from the
 * conversation's own row. Returns the newest number. `at`: milliseconds since 1970.
 */
export async function appendMessages(
	tx: TeamTx,
	conversationId: string,
	{ head, messages, at }: { head: ConversationHead; messages: readonly NewMessage[]; at: number }
): Promise<number> {
	const rows = messages.map(({ id, kind, body, event, ...author }, n) => ({
		n: n + 1,
		id,
		kind,
		author_kind: author.authorKind,
		author_id: author.authorId,
		body,
		event
	}));
	const preview = previewOf(messages);
	const previewJson = sql`${preview && JSON.stringify(preview)}::jsonb`;
	const isWeak = preview?.authorKind === 'bot';
	const { seq } = await tx.one<{ seq: number }>(sql`
		with c as (
			update conversations set seq = seq + ${rows.length}::int,
				last_message_at = greatest(last_message_at, ${new Date(at)}),
				preview = ${isWeak ? sql`coalesce(preview, ${previewJson})` : sql`coalesce(${previewJson}, preview)`},
				state = ${head.state}, assignee_id = ${head.assigneeId},
				escalated_at = ${head.escalatedAt === null ? null : new Date(head.escalatedAt)},
				answered_at = ${head.answeredAt === null ? null : new Date(head.answeredAt)},
				escalation = ${head.escalation && JSON.stringify(head.escalation)}::jsonb
			where team_id = ${tx.teamId} and id = ${conversationId} returning seq
		), m as (
			insert into messages (team_id, conversation_id, seq, id, kind, author_kind, author_id,
				body, event, created_at)
			select ${tx.teamId}, ${conversationId}, c.seq - ${rows.length}::int + r.n, r.id, r.kind,
				r.author_kind, r.author_id, r.body, r.event, ${new Date(at)}
			from c, jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (n int, id uuid, kind text,
				author_kind text, author_id uuid, body text, event jsonb)
		)
		select seq from c`);
	return seq;
}

export function findMessage(tx: TeamTx, id: string): Promise<Message | undefined> {
	return tx.maybe<Message>(sql`
		select ${columns} from messages m where m.team_id = ${tx.teamId} and m.id = ${id}`);
}

export async function messagesByIds(tx: TeamTx, ids: readonly string[]): Promise<Message[]> {
	if (ids.length === 0) return [];
	return tx.many<Message>(sql`
		select ${columns} from messages m
		where m.team_id = ${tx.teamId} and m.id = any(${ids}::uuid[])
		order by m.conversation_id, m.seq`);
}

/** Numbers `from` to `to`, both inclusive, of one conversation. */
export interface MessageRange {
	conversationId: string;
	from: number;
	to: number;
}

export async function messagesInRanges(
	tx: TeamTx,
	ranges: readonly MessageRange[]
): Promise<Message[]> {
	if (ranges.length === 0) return [];
	return tx.many<Message>(sql`
		select ${columns} from jsonb_to_recordset(${JSON.stringify(ranges)}::jsonb)
			as r ("conversationId" uuid, "from" int, "to" int)
		join messages m on m.team_id = ${tx.teamId} and m.conversation_id = r."conversationId"
			and m.seq between r."from" and r."to"
		order by m.conversation_id, m.seq`);
}

/** Whether somebody else than the person wrote a text after number `seq`. */
export async function hasTextOfOthersAfter(
	tx: TeamTx,
	{ conversationId, seq, userId }: { conversationId: string; seq: number; userId: string }
): Promise<boolean> {
	const { found } = await tx.one<{ found: boolean }>(sql`
		select exists (
			select from messages where team_id = ${tx.teamId} and conversation_id = ${conversationId}
				and seq > ${seq}::int and kind = 'text'
				and (author_kind <> 'agent' or author_id is distinct from ${userId})
		) as found`);
	return found;
}

/** When the conversation last came to the agent by an event; undefined where none tells. */
export async function assignedAt(
	tx: TeamTx,
	{ conversationId, agentId }: { conversationId: string; agentId: string }
): Promise<number | undefined> {
	const row = await tx.maybe<{ at: number }>(sql`
		select created_at as at from messages
		where team_id = ${tx.teamId} and conversation_id = ${conversationId} and kind = 'event'
			and event->>'agentId' = ${agentId} order by seq desc limit 1`);
	return row?.at;
}

// What a visitor is told; everything else in a thread is the team's own.
const isPublic = sql`(m.kind = 'text' or (m.kind = 'event' and m.event->>'type' in
	('escalated', 'joined', 'transferred', 'resolved', 'reopened', 'handed_back')))`;

/** Texts and the events a visitor is told about, after number `after`, oldest first. Never a note. */
export function publicMessagesAfter(
	tx: TeamTx,
	conversationId: string,
	after: number
): Promise<Message[]> {
	return tx.many<Message>(sql`
		select ${columns} from messages m
		where m.team_id = ${tx.teamId} and m.conversation_id = ${conversationId}
			and m.seq > ${after}::int and ${isPublic} order by m.seq`);
}

/** Number of the newest message that the visitor is told about; 0 where there is none. */
export async function publicSeq(tx: TeamTx, conversationId: string): Promise<number> {
	const row = await tx.maybe<{ seq: number }>(sql`
		select m.seq from messages m
		where m.team_id = ${tx.teamId} and m.conversation_id = ${conversationId} and ${isPublic}
		order by m.seq desc limit 1`);
	return row?.seq ?? 0;
}

/** When one of the agents last wrote anything; null where none did. */
export async function lastWrittenAt(
	tx: TeamTx,
	agentIds: readonly string[]
): Promise<number | null> {
	const { at } = await tx.one<{ at: number | null }>(sql`
		select max(w.at) as at from unnest(${agentIds}::uuid[]) a (id) cross join lateral (
			select created_at as at from messages
			where team_id = ${tx.teamId} and author_id = a.id and author_kind = 'agent'
			order by created_at desc limit 1) w`);
	return at;
}

/** The agents whom a visitor sees in the thread. */
export async function agentsOfThread(tx: TeamTx, conversationId: string): Promise<string[]> {
	const rows = await tx.many<{ id: string }>(sql`
		select distinct coalesce((m.event->>'agentId')::uuid, m.author_id) as id from messages m
		where m.team_id = ${tx.teamId} and m.conversation_id = ${conversationId} and ${isPublic}
			and (m.author_kind = 'agent' or m.event->>'agentId' is not null)`);
	return rows.map((row) => row.id);
}
