import type { Mutation, MutationResult } from '#contract/mutations.ts';
import type { TeamTx } from '../../store/db.ts';
import { findMembership } from '../../store/member.ts';
import { findMutation, insertMutation, type MutationKey } from '../../store/mutation.ts';
import type { AgentCtx } from '../context.ts';
import { NeedsReview } from '../conversation/reply.ts';
import { DomainError } from '../errors.ts';
import { apply } from './apply.ts';

type Failure = NonNullable<MutationResult['error']>;

export interface PushInput {
	teamId: string;
	deviceId: string;
	mutations: readonly Mutation[];
	/** How a failure is told, now and to every repeat. */
	describe(error: DomainError): Failure;
}

/**
 * Applies mutations in order, each once: its id is recorded with its effect, or with its refusal,
 * and a repeat gets the stored result. Anything but a DomainError ends the batch; what was done is
 * recorded, so the client sends the rest again. What comes behind a text that was not taken would overtake it (a
 * *Resolve* would end what it answers): it gets no result and stays with the sender, until the person has decided.
 */
export async function push(ctx: AgentCtx, input: PushInput): Promise<MutationResult[]> {
	const results: MutationResult[] = [];
	/** Conversations with a text that was not taken, and why. */
	const stopped = new Map<string, 'review' | 'rejected'>();
	for (const mutation of input.mutations) {
		const { id, call, isReviewed } = mutation;
		const { conversationId } = call.args;
		const isFree = isReviewed || call.name === 'read';
		const stop = isFree ? undefined : stopped.get(conversationId);
		if (stop === 'review' && call.name === 'reply') results.push({ id, outcome: 'review' });
		if (stop) continue;
		const result = await pushOne(ctx, input, mutation);
		const isText = call.name === 'reply' || call.name === 'note';
		if (isText && result.outcome !== 'applied') stopped.set(conversationId, result.outcome);
		results.push(result);
	}
	return results;
}

async function pushOne(
	ctx: AgentCtx,
	{ teamId, deviceId, describe }: PushInput,
	mutation: Mutation
): Promise<MutationResult> {
	const { id, n } = mutation;
	const key: MutationKey = { deviceId, id, userId: ctx.actor.userId, n };
	try {
		return await ctx.db.team(teamId, async (tx) => {
			if (!(await insertMutation(tx, key))) return storedResult(tx, key);
			await apply({ ...ctx, tx }, mutation);
			return { id, outcome: 'applied' };
		});
	} catch (error) {
		// Nothing was done and nothing recorded: the same id comes again once it was looked at.
		if (error instanceof NeedsReview) return { id, outcome: 'review' };
		if (!(error instanceof DomainError)) throw error;
		return reject(ctx, { teamId, key, error: describe(error) });
	}
}

/** The effect was rolled back; its refusal is recorded by itself. A stranger leaves no record in a team. */
async function reject(
	ctx: AgentCtx,
	{ teamId, key, error }: { teamId: string; key: MutationKey; error: Failure }
): Promise<MutationResult> {
	const rejected: MutationResult = { id: key.id, outcome: 'rejected', error };
	return ctx.db.team(teamId, async (tx) => {
		const isMember = await findMembership(tx, key.userId);
		// Where a concurrent repeat was first, its result is the one.
		if (isMember && !(await insertMutation(tx, key, error))) return storedResult(tx, key);
		return rejected;
	});
}

async function storedResult(
	tx: TeamTx,
	{ deviceId, id, userId }: MutationKey
): Promise<MutationResult> {
	const stored = await findMutation(tx, { deviceId, id });
	if (stored?.userId !== userId)
		throw new DomainError('conflict', 'This mutation id is somebody else’s.', {
			remedy: 'Send it under a new id.'
		});
	const { outcome, error } = stored;
	return error ? { id, outcome, error } : { id, outcome };
}
