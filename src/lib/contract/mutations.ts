import * as z from 'zod/mini';
import { ErrorBody } from './errors.ts';
import { Id, Seq } from './ids.ts';
import { LIMITS } from './limits.ts';

const body = z.string().check(z.minLength(1), z.maxLength(LIMITS.messageBody));
const conversationId = Id;

/** What a person does to conversations, by name. Each is recorded once under its mutation id. */
export const MutationCall = z.discriminatedUnion('name', [
	/** `messageId` becomes the message's id. `baseSeq`: the newest message number the writer had seen. */
	z.strictObject({
		name: z.literal('reply'),
		args: z.strictObject({ conversationId, messageId: Id, body, baseSeq: Seq })
	}),
	z.strictObject({
		name: z.literal('note'),
		args: z.strictObject({ conversationId, messageId: Id, body })
	}),
	z.strictObject({ name: z.literal('claim'), args: z.strictObject({ conversationId }) }),
	/** `expectedId`: who had it when the person chose; somebody else meanwhile is a conflict. */
	z.strictObject({
		name: z.literal('assign'),
		args: z.strictObject({
			conversationId,
			agentId: z.nullable(Id),
			expectedId: z.nullable(Id)
		})
	}),
	z.strictObject({ name: z.literal('resolve'), args: z.strictObject({ conversationId }) }),
	z.strictObject({ name: z.literal('reopen'), args: z.strictObject({ conversationId }) }),
	z.strictObject({ name: z.literal('hand_back'), args: z.strictObject({ conversationId }) }),
	z.strictObject({
		name: z.literal('read'),
		args: z.strictObject({ conversationId, seq: Seq })
	})
]);
export type MutationCall = z.infer<typeof MutationCall>;

/**
 * `waitedMs`: how long it lay in the outbox, as a duration, since a client's clock is never trusted.
 * `isReviewed`: the writer has looked at what came meanwhile and wants it sent as it is.
 */
export const Mutation = z.strictObject({
	id: Id,
	n: z.int().check(z.positive()),
	call: MutationCall,
	waitedMs: z.int().check(z.nonnegative()),
	isReviewed: z.optional(z.boolean())
});
export type Mutation = z.infer<typeof Mutation>;

/** `userId`: whose outbox it is from. Under another person's cookie nothing of it is done. */
export const MutationsRequest = z.strictObject({
	protocol: z.int(),
	userId: Id,
	teamId: Id,
	deviceId: Id,
	mutations: z.array(Mutation).check(z.minLength(1), z.maxLength(LIMITS.mutationsPerRequest))
});
export type MutationsRequest = z.infer<typeof MutationsRequest>;

/** `review`: somebody wrote meanwhile; nothing was done, the text waits for a look. */
export const MutationResult = z.object({
	id: Id,
	outcome: z.enum(['applied', 'rejected', 'review']),
	error: z.optional(ErrorBody.shape.error)
});
export type MutationResult = z.infer<typeof MutationResult>;

export const MutationsResponse = z.object({ results: z.array(MutationResult) });
