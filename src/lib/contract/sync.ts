import * as z from 'zod/mini';
import { Bot, Conversation, Member, Message, Permission, Read, Team } from './entities.ts';
import { Id, Timestamp } from './ids.ts';

/**
 * `<epoch>.<version>` once a client is up to date; `<epoch>.<version>.<position>` within a first sync,
 * which goes newest conversation first. Opaque to the client.
 */
export const Cursor = z
	.string()
	.check(
		z.maxLength(200),
		z.regex(/^[0-9a-f-]+\.\d+(\.[0-9a-z.-]+)?$/, 'must be a cursor from an earlier answer')
	);

/** `user`: whose databases are to be filled. Under another person's cookie nothing comes; the same of the stream. */
export const SyncQuery = z.strictObject({
	team: Id,
	user: z.optional(Id),
	cursor: z.optional(Cursor),
	protocol: z.optional(z.string().check(z.regex(/^\d{1,6}$/)))
});

/**
 * One page of what changed. `reset`: drop the cache (not the outbox) before applying it.
 * `scope`: the bots the person may see now, and what they may do; conversations of other bots are to be deleted.
 */
export const SyncPage = z.object({
	protocol: z.int(),
	teamId: Id,
	cursor: z.string(),
	hasMore: z.boolean(),
	reset: z.boolean(),
	serverNow: Timestamp,
	scope: z.object({ botIds: z.array(Id), permissions: z.optional(z.array(Permission)) }),
	team: z.nullable(Team),
	bots: z.array(Bot),
	members: z.array(Member),
	conversations: z.array(Conversation),
	messages: z.array(Message),
	reads: z.array(Read),
	deletes: z.array(
		z.object({ entity: z.enum(['bot', 'member', 'conversation', 'message']), id: Id })
	)
});
export type SyncPage = z.infer<typeof SyncPage>;

/** The query of the stream: it starts behind `cursor` and sends `SyncPage`s as `event: page`. */
export const StreamQuery = z.strictObject({
	team: Id,
	user: z.optional(Id),
	cursor: Cursor,
	device: Id
});
