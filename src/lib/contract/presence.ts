import * as z from 'zod/mini';
import { Presence, PresenceCause, PresenceStatus } from './entities.ts';
import { Id, Timestamp } from './ids.ts';
import { LIMITS } from './limits.ts';

/** How often a page beats until the server names its own numbers. */
export const BEAT_EVERY_MS = { visible: 25_000, hidden: 60_000 } as const;
/**
 * For how many seconds a beat proves that somebody is there. `least` is what holds until a team chooses more:
 * three beats fit into it, and behind a hidden page the 20 s by which browsers are late.
 */
export const LEASE_S = {
	visible: { least: 75, most: 600 },
	hidden: { least: 200, most: 1_800 }
} as const;

/** How one page stands. Durations only: a client's clock is never trusted. */
export const PageState = z.strictObject({
	id: Id,
	visibility: z.enum(['visible', 'hidden']),
	isFocused: z.boolean(),
	idleMs: z.int().check(z.nonnegative())
});
export type PageState = z.infer<typeof PageState>;

/**
 * One POST per device; `pages` are all top-level app pages the worker knows of. `userId`: whose pages they are. Under
 * another person's cookie they prove nothing; the same of an intent.
 */
export const BeatRequest = z.strictObject({
	userId: z.optional(Id),
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
	userId: z.optional(Id),
	teamId: Id,
	status: z.enum(['online', 'offline']),
	deviceId: Id,
	/** What the person calls this browser, for the ledger: "Chrome on Android". */
	deviceName: z.optional(
		z.string().check(z.trim(), z.minLength(1), z.maxLength(LIMITS.deviceName))
	),
	page: PageState,
	untilMs: z.optional(z.int().check(z.minimum(60_000), z.maximum(7 * 86_400_000))),
	reason: z.optional(z.string().check(z.trim(), z.maxLength(LIMITS.presenceReason))),
	/** Going offline is refused as a conflict where nobody else is online in business hours. */
	unlessLast: z.optional(z.boolean())
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
	visibility: z.nullable(z.enum(['visible', 'hidden'])),
	/** The admin who did it, by the name of then. */
	byName: z.optional(z.nullable(z.string())),
	/** What the agent said with it: why, and until when. */
	reason: z.optional(z.nullable(z.string())),
	until: z.optional(z.nullable(Timestamp))
});
export type LedgerRow = z.infer<typeof LedgerRow>;
/** `of`: a colleague's or everybody's, which needs `log.view`; else one's own. */
export const LedgerQuery = z.strictObject({
	team: Id,
	of: z.optional(z.union([z.literal('everybody'), Id]))
});
export type LedgerQuery = z.infer<typeof LedgerQuery>;
export const LedgerResponse = z.object({ rows: z.array(LedgerRow) });

const MomentText = z.string().check(z.regex(/^\d{1,15}$/, 'must be milliseconds since 1970'));
/** A day as the reader's own clock bounds it, at most 25 hours. */
export const DayQuery = z.strictObject({
	team: Id,
	of: z.optional(Id),
	from: MomentText,
	to: MomentText
});
export type DayQuery = z.infer<typeof DayQuery>;
/** From `at` on a ring would, or would not, have reached the member while offline. */
export const ReachMark = z.object({ at: Timestamp, isReachable: z.boolean() });
export type ReachMark = z.infer<typeof ReachMark>;
const drawn = {
	status: z.enum(['online', 'offline']),
	/** The earliest first. */
	rows: z.array(LedgerRow),
	/** The earliest first, which may lie before the day. */
	reach: z.optional(z.array(ReachMark))
};
/** What a day's picture is drawn from: the status it began with, its changes, and when devices reported. */
export const DayResponse = z.object({
	...drawn,
	/** The last change before the day. */
	before: z.optional(z.nullable(LedgerRow)),
	leases: z.array(
		z.object({ deviceId: Id, deviceName: z.nullable(z.string()), from: Timestamp, to: Timestamp })
	)
});
export type DayResponse = z.infer<typeof DayResponse>;

/** The same of every agent, for whoever has `log.view`. */
export const TeamDayQuery = z.strictObject({ team: Id, from: MomentText, to: MomentText });
export type TeamDayQuery = z.infer<typeof TeamDayQuery>;
export const TeamDayResponse = z.object({
	/** Of agents, and of whoever else was online or changed on that day. */
	days: z.array(z.object({ userId: Id, ...drawn }))
});
export type TeamDayResponse = z.infer<typeof TeamDayResponse>;

/** An admin sets somebody offline, who reads the reason. */
export const SetOfflineRequest = z.strictObject({
	teamId: Id,
	userId: Id,
	reason: z.optional(z.string().check(z.trim(), z.maxLength(LIMITS.presenceReason)))
});
export type SetOfflineRequest = z.infer<typeof SetOfflineRequest>;

/** *Come back online by itself when I return*: after an expiry only. */
export const AutoReturnRequest = z.strictObject({ isAutoReturn: z.boolean() });
export const AutoReturnResponse = z.object({ isAutoReturn: z.boolean() });

/**
 * Whether a ring while offline would reach a member. `unproved`: there is a device, but nothing was shown
 * or opened on it for 14 days.
 */
export const Reach = z.enum(['reachable', 'unproved', 'no']);
export type Reach = z.infer<typeof Reach>;
export const ReachQuery = z.strictObject({ team: Id });
export const ReachResponse = z.object({
	members: z.array(
		z.object({
			userId: Id,
			/** May answer chats. */
			isAgent: z.optional(z.boolean()),
			reach: Reach,
			provedAt: z.nullable(Timestamp)
		})
	)
});
export type ReachResponse = z.infer<typeof ReachResponse>;
