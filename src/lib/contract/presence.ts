import * as z from 'zod/mini';
import { Presence, PresenceCause, PresenceStatus } from './entities.ts';
import { Id, Timestamp } from './ids.ts';
import { LIMITS } from './limits.ts';

/** How often a page beats until the server names its own numbers. */
export const BEAT_EVERY_MS = { visible: 25_000, hidden: 60_000 } as const;

/** How one page stands. Durations only: a client's clock is never trusted. */
export const PageState = z.strictObject({
	id: Id,
	visibility: z.enum(['visible', 'hidden']),
	isFocused: z.boolean(),
	idleMs: z.int().check(z.nonnegative())
});
export type PageState = z.infer<typeof PageState>;

/** One POST per device; `pages` are all top-level app pages the worker knows of. */
export const BeatRequest = z.strictObject({
	deviceId: Id,
	pages: z.array(PageState).check(z.minLength(1), z.maxLength(LIMITS.pagesPerDevice))
});
export type BeatRequest = z.infer<typeof BeatRequest>;

/** The person's presence in each team, how long this beat's lease lasts, and how often pages are to beat. */
export const BeatResponse = z.object({
	leaseMs: z.int(),
	everyMs: z.object({ visible: z.int(), hidden: z.int() }),
	teams: z.array(z.object({ teamId: Id, presence: Presence }))
});
export type BeatResponse = z.infer<typeof BeatResponse>;

/**
 * Sent by `pagehide` as a beacon (text/plain JSON). A page id that has left counts no more: a page back
 * from bfcache takes a new one, so a beat that arrives behind its own beacon revives nothing.
 */
export const LeaveRequest = z.strictObject({ deviceId: Id, pageId: Id });
export type LeaveRequest = z.infer<typeof LeaveRequest>;

/** `untilMs`: a duration from now after which the intent returns to what it was. */
export const IntentRequest = z.strictObject({
	teamId: Id,
	status: z.enum(['online', 'offline']),
	deviceId: Id,
	/** What the person calls this browser, for the ledger: "Chrome on Android". */
	deviceName: z.optional(
		z.string().check(z.trim(), z.minLength(1), z.maxLength(LIMITS.deviceName))
	),
	page: PageState,
	untilMs: z.optional(z.int().check(z.minimum(60_000), z.maximum(7 * 86_400_000))),
	reason: z.optional(z.string().check(z.trim(), z.maxLength(LIMITS.presenceReason)))
});
export type IntentRequest = z.infer<typeof IntentRequest>;
export const IntentResponse = z.object({ presence: Presence });

/** One change of presence, as written in the ledger. */
export const LedgerRow = z.object({
	id: Id,
	userId: Id,
	at: Timestamp,
	from: PresenceStatus,
	to: PresenceStatus,
	cause: PresenceCause,
	deviceName: z.nullable(z.string()),
	lastBeatAt: z.nullable(Timestamp),
	visibility: z.nullable(z.enum(['visible', 'hidden']))
});
export type LedgerRow = z.infer<typeof LedgerRow>;
export const LedgerQuery = z.strictObject({ team: Id });
export const LedgerResponse = z.object({ rows: z.array(LedgerRow) });
