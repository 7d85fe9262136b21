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
	/** When that was; null where it is the first. */
	steppedAt: number | null;
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
			(select max((t->>'at')::float8) from jsonb_array_elements(l.trail) t
				where t->>'step' = l.step) as "steppedAt",
			l.held_until as "heldUntil", l.ended_at as "endedAt", c.state,
			c.escalated_at is distinct from l.started_at as "isOvertaken"
		from ladders l join conversations c on c.team_id = l.team_id and c.id = l.conversation_id
		where l.team_id = ${tx.teamId} and l.id = ${id} for update of l`);
}

/** What happened is added to the trail; with `taken` it was that step, with `isRing` it rang by itself. */
const step = (
	at: number,
	detail: string,
	{ taken, isRing }: { taken?: LadderStep; isRing?: boolean } = {}
) => sql`
	trail || jsonb_build_array(jsonb_strip_nulls(jsonb_build_object(
		'at', ${at}::float8, 'detail', ${detail}::text, 'step', ${taken ?? null}::text,
		'isRing', ${isRing || null}::boolean)))`;

/** `isRing`: with a push of its own, not with that of the escalation. */
export async function markStep(
	tx: TeamTx,
	id: string,
	{ to, at, detail, isRing }: { to: LadderStep; at: number; detail: string; isRing: boolean }
): Promise<void> {
	await tx.run(sql`
		update ladders set step = ${to}, trail = ${step(at, detail, { taken: to, isRing })}
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

/** The conversation's ladder stands on the step in which everyone was rung, ended or not. Returns its id. */
export async function reopenLadder(
	tx: TeamTx,
	conversationId: string,
	{ at, detail }: { at: number; detail: string }
): Promise<string> {
	const { id } = await tx.one<{ id: string }>(sql`
		update ladders l set step = 'everyone', ended_at = null, held_until = null,
			trail = ${step(at, detail, { taken: 'everyone' })}
		from conversations c
		where l.team_id = ${tx.teamId} and l.conversation_id = ${conversationId}
			and c.team_id = l.team_id and c.id = l.conversation_id and c.escalated_at = l.started_at
		returning l.id`);
	return id;
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

/**
 * Somebody types: the conversation's ladder takes no step before `until`. `detail` is added to the trail where that was
 * not so already and a step is left to be put off.
 */
export async function holdLadder(
	tx: TeamTx,
	conversationId: string,
	{ at, until, detail }: { at: number; until: number; detail: string }
): Promise<void> {
	await tx.run(sql`
		update ladders set held_until = greatest(held_until, ${new Date(until)}),
			trail = case when step = 'admins' or held_until >= ${new Date(at)} then trail
				else ${step(at, detail)} end
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
