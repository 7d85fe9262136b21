import type { ConversationState } from '#contract/entities.ts';
import type { TeamTx } from './db.ts';
import { sql } from './sql.ts';

export type LadderStep = 'first' | 'everyone' | 'admins';

export interface LadderRow {
	id: string;
	conversationId: string;
	/** Milliseconds since 1970: when the visitor asked for a person. */
	startedAt: number;
	/** The last one that was taken. */
	step: LadderStep;
	/** Somebody types until then. */
	heldUntil: number | null;
	endedAt: number | null;
	/** How the conversation stands now. */
	state: ConversationState;
	/** Another escalation has taken this one's place. */
	isOvertaken: boolean;
}

/** Begins the ladder of the conversation's escalation; a repeat changes nothing. */
export async function insertLadder(
	tx: TeamTx,
	{ id, conversationId }: { id: string; conversationId: string }
): Promise<void> {
	await tx.run(sql`
		insert into ladders (team_id, id, conversation_id, started_at)
		select team_id, ${id}, id, escalated_at from conversations
		where team_id = ${tx.teamId} and id = ${conversationId} and escalated_at is not null
		on conflict do nothing`);
}

/** Locked until the transaction's end, so that only one process takes a step. */
export function lockLadder(tx: TeamTx, id: string): Promise<LadderRow | undefined> {
	return tx.maybe(sql`
		select l.id, l.conversation_id as "conversationId", l.started_at as "startedAt", l.step,
			l.held_until as "heldUntil", l.ended_at as "endedAt", c.state,
			c.escalated_at is distinct from l.started_at as "isOvertaken"
		from ladders l join conversations c on c.team_id = l.team_id and c.id = l.conversation_id
		where l.team_id = ${tx.teamId} and l.id = ${id} for update of l`);
}

const step = (at: number, detail: string) => sql`
	trail || jsonb_build_array(jsonb_build_object('at', ${at}::float8, 'detail', ${detail}::text))`;

export async function markStep(
	tx: TeamTx,
	id: string,
	{ to, at, detail }: { to: LadderStep; at: number; detail: string }
): Promise<void> {
	await tx.run(sql`
		update ladders set step = ${to}, trail = ${step(at, detail)}
		where team_id = ${tx.teamId} and id = ${id}`);
}

export async function endLadder(
	tx: TeamTx,
	id: string,
	{ at, detail }: { at: number; detail: string }
): Promise<void> {
	await tx.run(sql`
		update ladders set ended_at = ${new Date(at)}, trail = ${step(at, detail)}
		where team_id = ${tx.teamId} and id = ${id}`);
}

/** Adds what happened after the last step. */
export async function noteOnLadder(
	tx: TeamTx,
	id: string,
	{ at, detail }: { at: number; detail: string }
): Promise<void> {
	await tx.run(sql`
		update ladders set trail = ${step(at, detail)} where team_id = ${tx.teamId} and id = ${id}`);
}

/** Somebody types: the conversation's ladder takes no step before `until`. */
export async function holdLadder(tx: TeamTx, conversationId: string, until: number): Promise<void> {
	await tx.run(sql`
		update ladders set held_until = greatest(held_until, ${new Date(until)})
		where team_id = ${tx.teamId} and conversation_id = ${conversationId} and ended_at is null`);
}

/** The last step of the conversation's escalation, as long as it waits for an answer. */
export async function currentStep(
	tx: TeamTx,
	conversationId: string
): Promise<Pick<LadderRow, 'id' | 'step' | 'startedAt'> | undefined> {
	return tx.maybe(sql`
		select l.id, l.step, l.started_at as "startedAt" from ladders l
		join conversations c on c.team_id = l.team_id and c.id = l.conversation_id
			and c.escalated_at = l.started_at and c.state = 'pending'
		where l.team_id = ${tx.teamId} and l.conversation_id = ${conversationId}
			and l.ended_at is null`);
}

export interface LadderTrail {
	startedAt: number;
	trail: { at: number; detail: string }[];
}

export function laddersOf(tx: TeamTx, conversationId: string): Promise<LadderTrail[]> {
	return tx.many(sql`
		select started_at as "startedAt", trail from ladders
		where team_id = ${tx.teamId} and conversation_id = ${conversationId} order by started_at`);
}
