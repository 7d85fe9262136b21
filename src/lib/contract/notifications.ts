import * as z from 'zod/mini';
import { Id, Seq, Timestamp } from './ids.ts';
import { LIMITS } from './limits.ts';

/** Answers what has nothing more to say. */
export const Done = z.object({});

/** What a person can be told about: the rows of the event table. */
export const NotificationEventName = z.enum([
	'escalation',
	'unanswered',
	'message_mine',
	'message_unassigned',
	'assigned',
	'mention'
]);
export type NotificationEventName = z.infer<typeof NotificationEventName>;

/** The event table's columns, each within what the two-by-two allows. */
const Ways = z.strictObject({ push: z.boolean(), browser: z.boolean(), sound: z.boolean() });
export type NotificationWay = keyof z.infer<typeof Ways>;

/** What a lock screen may show. From left to right each shows less. */
export const Privacy = z.enum(['full', 'name', 'nothing']);
export type Privacy = z.infer<typeof Privacy>;
/** Of two, the one that shows less. */
export const lesserPrivacy = (a: Privacy, b: Privacy): Privacy =>
	Privacy.options.indexOf(a) > Privacy.options.indexOf(b) ? a : b;

const clockTime = z
	.string()
	.check(z.regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day such as 22:30'));

/** From and until in the person's own time zone (an IANA name); over midnight where `until` is not later. */
export const QuietHours = z.strictObject({
	isOn: z.boolean(),
	from: clockTime,
	until: clockTime,
	timeZone: z.string().check(z.minLength(1), z.maxLength(LIMITS.timeZone))
});
export type QuietHours = z.infer<typeof QuietHours>;

/** The person's own settings beside the two-by-two. */
export const NotificationSettings = z.strictObject({
	events: z.strictObject({
		escalation: Ways,
		unanswered: Ways,
		message_mine: Ways,
		message_unassigned: Ways,
		assigned: Ways,
		mention: Ways
	}),
	privacy: Privacy,
	quietHours: QuietHours,
	/** The sound of an escalation comes again until somebody has claimed it. */
	isSoundRepeated: z.boolean(),
	/** To be rung after going offline by hand was offered and answered; it is offered once. */
	isRingOfflineOffered: z.optional(z.boolean())
});
export type NotificationSettings = z.infer<typeof NotificationSettings>;
/** `maxPrivacy`: of each team; a lock screen shows the lesser of the two. */
export const SettingsResponse = z.object({
	settings: NotificationSettings,
	teams: z.array(z.object({ teamId: Id, maxPrivacy: Privacy }))
});
export type SettingsResponse = z.infer<typeof SettingsResponse>;

/**
 * A page in front of a person has shown what is new in a conversation up to message number `seq`, so the device
 * need not ring. Counts within 3 s of the event.
 */
export const ConfirmRequest = z.strictObject({
	teamId: Id,
	deviceId: Id,
	conversationId: Id,
	seq: Seq
});
export type ConfirmRequest = z.infer<typeof ConfirmRequest>;

/** By the page that a notification led to, where no worker could tell. Without a team: a test's. */
export const OpenedRequest = z.strictObject({ teamId: z.optional(Id), deliveryId: Id });

/** From a notification's *Snooze*, by its token. `waitedMs`: since the press, as it lay in the queue. */
export const SnoozeRequest = z.strictObject({
	token: z.string().check(z.minLength(20), z.maxLength(200)),
	id: Id,
	waitedMs: z.int().check(z.nonnegative())
});
export type SnoozeRequest = z.infer<typeof SnoozeRequest>;
export const SNOOZE_MS = 10 * 60_000;

/** The agent types an answer: nobody else is rung for 30 s. Sent at most every 10 s. */
export const TypingRequest = z.strictObject({ teamId: Id, conversationId: Id });

export const NotificationTeamQuery = z.strictObject({ team: Id });
/** What holds for a whole team. `webhook`: signed as Standard Webhooks says; `secret` is read only. */
export const TeamNotificationSettings = z.object({
	isLadderOn: z.boolean(),
	/** Seconds until everyone who allows it is rung, and until it rings again and admins are told. */
	everyoneAfterS: z.int(),
	adminsAfterS: z.int(),
	tellBy: z.enum(['email', 'webhook', 'nobody']),
	webhookUrl: z.nullable(z.string()),
	webhookSecret: z.nullable(z.string()),
	maxPrivacy: Privacy,
	/** False: what is told by email stays in Bellhop. Read only; absent in answers of an older server. */
	isMailServerSet: z.optional(z.boolean()),
	/** True: the secret was kept under another key of the server, and nothing is sent until it is renewed. Read only. */
	isSecretUnreadable: z.optional(z.boolean())
});
export type TeamNotificationSettings = z.infer<typeof TeamNotificationSettings>;
/** Changing the webhook's address makes a new secret, as `isSecretRenewed` does for the same address. */
export const TeamSettingsRequest = z.strictObject({
	teamId: Id,
	isLadderOn: z.boolean(),
	everyoneAfterS: z.int().check(z.minimum(10), z.maximum(600)),
	adminsAfterS: z.int().check(z.minimum(20), z.maximum(3600)),
	tellBy: z.enum(['email', 'webhook', 'nobody']),
	webhookUrl: z.nullable(z.string().check(z.minLength(1), z.maxLength(LIMITS.endpoint))),
	maxPrivacy: Privacy,
	isSecretRenewed: z.optional(z.boolean())
});
export type TeamSettingsRequest = z.infer<typeof TeamSettingsRequest>;

/** How far a device is proved. `silent`: took three pushes, confirmed none, though it was seen otherwise. */
export const DeviceHealth = z.enum([
	'proved',
	'unproved',
	'not confirmed',
	'silent',
	'needs renewal',
	'gone',
	'none',
	'stopped'
]);
export type DeviceHealth = z.infer<typeof DeviceHealth>;

/**
 * Soon a device stops ringing unless somebody opens Bellhop on it before `at`: its sign-in ends then, or its push
 * service forgets browsers that have been away for so long.
 */
export const Expiry = z.object({ at: Timestamp, why: z.enum(['sign-in', 'push service']) });
export type Expiry = z.infer<typeof Expiry>;

const BoardDevice = z.object({
	id: Id,
	name: z.string(),
	health: DeviceHealth,
	/** The person's session on it has ended: nothing is sent. */
	isSignedOut: z.boolean(),
	/** Its push service refuses this server's pushes. Absent in answers of an older server. */
	isRefused: z.optional(z.boolean()),
	lastSeenAt: Timestamp,
	lastShownAt: z.nullable(Timestamp),
	lastShownLatencyMs: z.nullable(z.int()),
	/** Absent in answers of an older server, as is `lastRungAt`: when the person last said that a test had rung. */
	lastOpenedAt: z.optional(z.nullable(Timestamp)),
	lastRungAt: z.optional(z.nullable(Timestamp)),
	/** When a silent device took the first push of those that it did not show; null for any other. */
	silentSince: z.nullable(Timestamp),
	/** Null: nothing is known to end soon. Absent in answers of an older server. */
	expiry: z.optional(z.nullable(Expiry))
});

/**
 * One agent on the reachability board. `reason`: the rule by which a ring now would (not) go out, or `no bot`,
 * `push service refuses`, `silent`.
 */
export const BoardRow = z.object({
	userId: Id,
	name: z.string(),
	status: z.enum(['online', 'offline', 'checking']),
	/** A ring now would go to a device that is not silent, by a push service that takes it. */
	canBeRung: z.boolean(),
	reason: z.string(),
	devices: z.array(BoardDevice)
});
export type BoardRow = z.infer<typeof BoardRow>;

/** A push service that refuses this server's pushes, or a webhook's address that cannot be reached. */
export const PushAlarm = z.object({
	service: z.string(),
	what: z.string(),
	reason: z.nullable(z.string()),
	since: Timestamp,
	lastAt: Timestamp
});
export type PushAlarm = z.infer<typeof PushAlarm>;
export const BoardResponse = z.object({ rows: z.array(BoardRow), alarms: z.array(PushAlarm) });
export type BoardResponse = z.infer<typeof BoardResponse>;
/** `userId` null: everybody's devices. */
export const BoardTestRequest = z.strictObject({ teamId: Id, userId: z.nullable(Id) });
export const BoardTestResponse = z.object({
	tests: z.array(z.object({ testId: Id, userId: Id, deviceId: Id }))
});

/**
 * Who is there then, which nobody can know: `now`, as at this moment; `offline`, nobody, and who went offline by hand
 * stays so.
 */
export const AssumedPresence = z.enum(['now', 'offline']);
export type AssumedPresence = z.infer<typeof AssumedPresence>;
/**
 * "If a chat for this bot came then, who rings, on what, when?" `at`: milliseconds since 1970; now without it.
 * Without `presence`: `now` for this moment, `offline` for any other.
 */
export const DryRunQuery = z.strictObject({
	team: Id,
	bot: Id,
	at: z.optional(z.string().check(z.regex(/^\d{1,14}$/, 'must be milliseconds since 1970'))),
	presence: z.optional(AssumedPresence)
});
/** One line of it; `atS`: seconds after the visitor asked. */
export const DryRunRow = z.object({
	step: z.enum(['first', 'everyone', 'admins']),
	atS: z.int(),
	userId: z.nullable(Id),
	name: z.string(),
	deviceName: z.nullable(z.string()),
	isRung: z.boolean(),
	rule: z.string()
});
export type DryRunRow = z.infer<typeof DryRunRow>;
/** `presence` is absent in answers of an older server, which knew `now` alone. */
export const DryRunResponse = z.object({
	at: Timestamp,
	presence: z.optional(AssumedPresence),
	rows: z.array(DryRunRow)
});
export type DryRunResponse = z.infer<typeof DryRunResponse>;

/** Either of a conversation or of one event; `userId`: one person's rows alone. */
export const WhyQuery = z.strictObject({
	team: Id,
	conversation: z.optional(Id),
	event: z.optional(Id),
	user: z.optional(Id)
});
/** One step of the answer to "Why did (not) my phone ring?", as a sentence that is complete in itself. */
export const WhyRow = z.object({
	at: Timestamp,
	eventId: z.nullable(Id),
	userId: z.nullable(Id),
	deviceId: z.nullable(Id),
	kind: z.enum(['event', 'decided', 'changed', 'sent', 'answered', 'shown', 'opened', 'ladder']),
	text: z.string()
});
export type WhyRow = z.infer<typeof WhyRow>;
export const WhyResponse = z.object({ rows: z.array(WhyRow) });
export type WhyResponse = z.infer<typeof WhyResponse>;

/**
 * The log of what there was to be told about, the newest first. `before`: the last row's `at` of the page before.
 * `questions`: to take over as well; an app that does not ask for them does not know them.
 */
export const EventLogQuery = z.strictObject({
	team: Id,
	questions: z.optional(z.literal('1')),
	before: z.optional(z.string().check(z.regex(/^\d{1,14}$/, 'must be milliseconds since 1970')))
});
export const EventLogRow = z.object({
	id: Id,
	at: Timestamp,
	kind: z.enum(['escalation', 'unanswered', 'message', 'assigned', 'mention', 'take_over']),
	/** Null of a question to take over, as is `visitorName`. */
	conversationId: z.nullable(Id),
	visitorName: z.nullable(z.string()),
	/** Which colleague did it; null: none. Absent in answers of an older server. */
	byId: z.optional(z.nullable(Id)),
	/** Devices whose push was taken by their push service, and of these how many have shown it. */
	sentCount: z.int(),
	shownCount: z.int(),
	failedCount: z.int(),
	/** Devices that are held, or tried again. Absent in answers of an older server, which counted them as sent. */
	waitingCount: z.optional(z.int()),
	suppressedCount: z.int(),
	/** False: who is rung is being decided. Absent in answers of an older server. */
	isDecided: z.optional(z.boolean())
});
export type EventLogRow = z.infer<typeof EventLogRow>;
export const EventLogResponse = z.object({ rows: z.array(EventLogRow), hasMore: z.boolean() });
export type EventLogResponse = z.infer<typeof EventLogResponse>;

export const DoctorQuery = z.strictObject({ device: Id });
/** One layer, from the server's side. `remedy` is null where it is well. */
export const DoctorRow = z.object({
	layer: z.enum([
		'server record',
		'key match',
		'session',
		'push service',
		'acknowledgement',
		'preferences',
		'quiet hours',
		'contact'
	]),
	state: z.enum(['ok', 'warning', 'broken', 'unknown']),
	evidence: z.string(),
	remedy: z.nullable(z.string())
});
export type DoctorRow = z.infer<typeof DoctorRow>;
export const DoctorResponse = z.object({ health: DeviceHealth, rows: z.array(DoctorRow) });
export type DoctorResponse = z.infer<typeof DoctorResponse>;

/** How a test stands. `verdict` is final once it is not `waiting`. */
export const TestResultQuery = z.strictObject({ id: Id });
export const TestResult = z.object({
	testId: Id,
	deviceId: Id,
	/** When it goes out, or went. */
	dueAt: Timestamp,
	verdict: z.enum(['waiting', 'delivered', 'unreachable', 'not confirmed', 'no device']),
	/** A sentence: how long it took, or why not. */
	text: z.string(),
	status: z.nullable(z.int()),
	acceptedAt: z.nullable(Timestamp),
	shownAt: z.nullable(Timestamp),
	openedAt: z.nullable(Timestamp),
	latencyMs: z.nullable(z.int()),
	/** What the person said to "Did it ring?". */
	didRing: z.nullable(z.boolean())
});
export type TestResult = z.infer<typeof TestResult>;
export const DidRingRequest = z.strictObject({ id: Id, didRing: z.boolean() });
/** Before it goes out; afterwards there is nothing to take back. */
export const CancelTestRequest = z.strictObject({ id: Id });
