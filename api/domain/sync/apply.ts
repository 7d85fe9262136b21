import type { Mutation } from '#contract/mutations.ts';
import type { AgentCtx, InTeam } from '../context.ts';
import { assign } from '../conversation/assign.ts';
import { claim } from '../conversation/claim.ts';
import { handBack } from '../conversation/hand-back.ts';
import { markRead } from '../conversation/mark-read.ts';
import { note } from '../conversation/note.ts';
import { reopen } from '../conversation/reopen.ts';
import { reply } from '../conversation/reply.ts';
import { resolve } from '../conversation/resolve.ts';
import { DomainError } from '../errors.ts';
import { MUTATION_WAIT_MS } from '../retention/keep.ts';

// Up to here a reply counts as written while looking at the thread.
const LOOKED_MS = 5_000;

/** Past this nobody remembers whether it was done already. */
const waitedTooLong = () =>
	new DomainError('gone', 'This waited in the browser for more than 30 days.', {
		remedy: 'Look at the chat as it is now; send it anew if it still matters.'
	});

/** Does what a mutation asks for, within the transaction that records it. */
export async function apply(ctx: InTeam<AgentCtx>, mutation: Mutation): Promise<void> {
	const { call } = mutation;
	// A read mark does no harm however late, and however often.
	if (mutation.waitedMs > MUTATION_WAIT_MS && call.name !== 'read') throw waitedTooLong();
	switch (call.name) {
		case 'reply': {
			const { baseSeq, ...input } = call.args;
			const isToReview = mutation.waitedMs > LOOKED_MS && !mutation.isReviewed;
			await reply(ctx, isToReview ? { ...input, seenSeq: baseSeq } : input);
			return;
		}
		case 'note':
			await note(ctx, call.args);
			return;
		case 'claim':
			await claim(ctx, call.args);
			return;
		case 'assign':
			await assign(ctx, call.args);
			return;
		case 'resolve':
			await resolve(ctx, call.args);
			return;
		case 'reopen':
			await reopen(ctx, call.args);
			return;
		case 'hand_back':
			await handBack(ctx, call.args);
			return;
		case 'read':
			await markRead(ctx, call.args);
			return;
		default:
			call satisfies never;
	}
}
