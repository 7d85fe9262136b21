import * as z from 'zod/mini';
import { PresenceCause } from './entities.ts';
import { Id, Timestamp } from './ids.ts';
import { LIMITS } from './limits.ts';
import { LEASE_S } from './presence.ts';

const ClockText = z.string().check(z.regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be HH:MM'));
const DateText = z.string().check(z.regex(/^\d{4}-\d\d-\d\d$/, 'must be YYYY-MM-DD'));
/** When somebody is to be there. A span whose end is not after its start ends on the next day. */
export const BusinessHours = z.strictObject({
	/** IANA: "Europe/Lisbon". */
	timeZone: z.string().check(z.minLength(1), z.maxLength(64)),
	/** `day`: 1 is Monday, 7 is Sunday. */
	spans: z
		.array(
			z.strictObject({
				day: z.int().check(z.minimum(1), z.maximum(7)),
				from: ClockText,
				to: ClockText
			})
		)
		.check(z.maxLength(LIMITS.businessSpans)),
	/** Local dates, "2026-12-25", on which no span begins. */
	holidays: z.array(DateText).check(z.maxLength(LIMITS.holidays)),
	/** What they are called; those without a name are missing. */
	holidayNames: z.optional(
		z
			.array(
				z.strictObject({
					date: DateText,
					name: z.string().check(z.trim(), z.minLength(1), z.maxLength(LIMITS.holidayName))
				})
			)
			.check(z.maxLength(LIMITS.holidays))
	)
});
export type BusinessHours = z.infer<typeof BusinessHours>;
/** `hours` null: the team has none, and nothing is measured. */
export const HoursRequest = z.strictObject({ teamId: Id, hours: z.nullable(BusinessHours) });
export type HoursRequest = z.infer<typeof HoursRequest>;

/** A team's own numbers, within LEASE_S. */
export const TeamLeases = z.strictObject({
	visibleS: z.int().check(z.minimum(LEASE_S.visible.least), z.maximum(LEASE_S.visible.most)),
	hiddenS: z.int().check(z.minimum(LEASE_S.hidden.least), z.maximum(LEASE_S.hidden.most))
});
export type TeamLeases = z.infer<typeof TeamLeases>;
/** `leases` null: the least again. */
export const LeasesRequest = z.strictObject({ teamId: Id, leases: z.nullable(TeamLeases) });
export type LeasesRequest = z.infer<typeof LeasesRequest>;

/** A time in business hours without anybody online. */
export const UncoveredSpan = z.object({
	from: Timestamp,
	/** Null: it lasts. */
	to: z.nullable(Timestamp),
	isAlerted: z.boolean(),
	/** Who was online last, by today's name; null: nobody was when the hours began, or has left the team. */
	lastName: z.optional(z.nullable(z.string())),
	/** Why that person went offline; null: nobody was online when the hours began. */
	cause: z.optional(z.nullable(PresenceCause))
});
export type UncoveredSpan = z.infer<typeof UncoveredSpan>;

export const CoverageQuery = z.strictObject({ team: Id });
export const CoverageResponse = z.object({
	hours: z.nullable(BusinessHours),
	isOpen: z.boolean(),
	/** When the business day ends; null while closed. */
	closesAt: z.nullable(Timestamp),
	/** In business hours, and nobody else is online: going offline leaves visitors alone. */
	isLast: z.boolean(),
	/** When nobody was online in business hours in the last 30 days, the newest first. */
	uncovered: z.array(UncoveredSpan),
	uncoveredMs: z.int(),
	/** The same since midnight in the hours' time zone, and in the last 7 days. */
	uncoveredTodayMs: z.optional(z.int()),
	uncoveredWeekMs: z.optional(z.int()),
	/** How many agents who are offline a ring would reach now. */
	reachableCount: z.optional(z.int()),
	/** The team's own numbers; null: the least. */
	leases: z.optional(z.nullable(TeamLeases))
});
export type CoverageResponse = z.infer<typeof CoverageResponse>;

/** Somebody goes offline and asks a colleague to take over. `giveChats`: also hands over the chats they have. */
export const TakeOverRequest = z.strictObject({
	teamId: Id,
	userId: Id,
	/** Milliseconds from now after which it is needed no longer; without it the end of the business day. */
	untilMs: z.optional(z.int().check(z.minimum(60_000), z.maximum(7 * 86_400_000))),
	giveChats: z.boolean()
});
export type TakeOverRequest = z.infer<typeof TakeOverRequest>;
/** `given`: how many chats the colleague has from now on. */
export const TakeOverResponse = z.object({ given: z.int(), until: z.nullable(Timestamp) });
export type TakeOverResponse = z.infer<typeof TakeOverResponse>;
/** Who was asked says no. */
export const TakeOverDecline = z.strictObject({ teamId: Id });
