import * as z from 'zod/mini';
import { Email } from './auth.ts';
import { AuthorKind, ConversationState } from './entities.ts';
import { Id, Seq, Timestamp } from './ids.ts';
import { LIMITS } from './limits.ts';

/** An agent as a visitor sees one: never an email address, never more than this. */
export const PublicAgent = z.object({
	/** Null where the team shows itself instead of its agents. */
	id: z.nullable(Id),
	name: z.string(),
	avatar: z.nullable(z.string())
});
export type PublicAgent = z.infer<typeof PublicAgent>;

/**
 * `none`: the bot does not show it. Valid for `validForMs` from receipt on the widget's monotonic
 * clock; after that no green dot may be shown until a new answer has come.
 */
export const Availability = z.object({
	status: z.enum(['online', 'offline', 'checking', 'none']),
	agents: z.array(PublicAgent),
	lastActiveAgoMs: z.nullable(z.int()),
	usualReplyMs: z.nullable(z.int()),
	validForMs: z.int()
});
export type Availability = z.infer<typeof Availability>;

/** What the loader asks on a website's page, before anything else of the widget is there. */
export const WidgetAvailability = z.extend(Availability, {
	/** The brand's, for the launcher: the same as the session tells the frame. */
	color: z.string()
});
export type WidgetAvailability = z.infer<typeof WidgetAvailability>;

export const PublicMessage = z.object({
	id: Id,
	seq: z.int(),
	kind: z.enum(['text', 'event']),
	authorKind: AuthorKind,
	author: z.nullable(PublicAgent),
	body: z.string(),
	/** For events the visitor is told about. */
	event: z.nullable(
		z.enum(['escalated', 'joined', 'transferred', 'resolved', 'reopened', 'handed_back'])
	),
	createdAt: Timestamp
});
export type PublicMessage = z.infer<typeof PublicMessage>;

export const PublicConversation = z.object({
	id: Id,
	state: ConversationState,
	seq: z.int(),
	agent: z.nullable(PublicAgent),
	/** Everybody was rung, again and again, and nobody has answered yet. */
	isUnanswered: z.optional(z.literal(true))
});
export type PublicConversation = z.infer<typeof PublicConversation>;

/** Opens or continues a visitor's session. `hostOrigin`: the embedding page's origin. */
export const WidgetSessionRequest = z.strictObject({
	botId: Id,
	token: z.optional(z.string().check(z.maxLength(300))),
	hostOrigin: z.string().check(z.maxLength(300)),
	page: z.optional(
		z.strictObject({
			url: z.string().check(z.maxLength(2000)),
			title: z.string().check(z.maxLength(300))
		})
	)
});

/** All that an open widget shows; also what the stream sends as `event: state`. */
export const WidgetState = z.object({
	conversation: z.nullable(PublicConversation),
	/** Messages after the `after` that was asked for; all of them for a new session. */
	messages: z.array(PublicMessage),
	availability: Availability
});
export type WidgetState = z.infer<typeof WidgetState>;

export const WidgetSessionResponse = z.object({
	token: z.string(),
	brand: z.object({ name: z.string(), color: z.string(), avatar: z.nullable(z.string()) }),
	bot: z.object({
		name: z.string(),
		/** Its own picture; without one the brand's stands beside what it says. */
		avatar: z.optional(z.nullable(z.string())),
		greeting: z.string(),
		quickQuestions: z.array(z.string()),
		humanEscalation: z.boolean(),
		humanOnly: z.boolean()
	}),
	state: WidgetState
});
export type WidgetSessionResponse = z.infer<typeof WidgetSessionResponse>;

/** The visitor's own message; `id` makes a repeat harmless. `conversationId` is made by the widget for the first one. */
export const WidgetMessageRequest = z.strictObject({
	conversationId: Id,
	id: Id,
	body: z.string().check(z.minLength(1), z.maxLength(LIMITS.messageBody))
});
export const WidgetEscalateRequest = z.strictObject({ conversationId: Id, id: Id });
export const WidgetReadRequest = z.strictObject({
	conversationId: Id,
	seq: Seq
});
export const WidgetEmailRequest = z.strictObject({ email: Email });
export const WidgetStateQuery = z.strictObject({
	after: z.optional(z.string().check(z.regex(/^\d{1,9}$/, 'must be a message number')))
});
export const AvailabilityQuery = z.strictObject({ bot: Id });

/**
 * A bot as it is being edited, sent by Bellhop's own page to the frame of a preview (`?preview`), which
 * takes it from nobody else. `agents`: who would be shown as there; none where the bot does not show it.
 */
export interface PreviewMessage {
	bellhop: 'preview';
	brand: WidgetSessionResponse['brand'];
	bot: Omit<WidgetSessionResponse['bot'], 'quickQuestions'> & {
		quickQuestions: readonly { question: string; answer: string }[];
	};
	agents: readonly PublicAgent[];
}
