import * as z from 'zod/mini';
import { Id, Timestamp } from './ids.ts';

/** `checking`: the server has just started or lost its database and cannot vouch yet. */
export const PresenceStatus = z.enum(['online', 'offline', 'checking']);
export type PresenceStatus = z.infer<typeof PresenceStatus>;

export const PresenceCause = z.enum([
	'set by you',
	'heartbeat lost',
	'signed out',
	'set by admin',
	'end time reached',
	/** By itself after an expiry, as the agent's setting asks. */
	'came back'
]);
export type PresenceCause = z.infer<typeof PresenceCause>;

/** What is so about one member's presence in one team. */
export const Presence = z.object({
	status: PresenceStatus,
	since: Timestamp,
	cause: z.nullable(PresenceCause),
	/** When the agent's word ends by itself, and why ("Lunch"). */
	until: z.nullable(Timestamp),
	reason: z.nullable(z.string()),
	/** The admin who set it. */
	setBy: z.optional(z.nullable(Id)),
	/** The last heartbeat of any of the person's devices. */
	lastBeatAt: z.nullable(Timestamp)
});
export type Presence = z.infer<typeof Presence>;

/** What a role is made of. Any role with `chat.handle` is an agent. */
export const Permission = z.enum([
	'chat.handle',
	'chat.view',
	'chat.delete',
	'bot.manage',
	'member.manage',
	'team.manage',
	'log.view'
]);
export type Permission = z.infer<typeof Permission>;

/** `custom`: made by the team from permissions. */
export const Role = z.enum(['owner', 'admin', 'editor', 'agent', 'viewer', 'custom']);
export type Role = z.infer<typeof Role>;

export const Team = z.object({
	id: Id,
	name: z.string(),
	brandName: z.nullable(z.string()),
	brandColor: z.string(),
	/** Content hash of the brand's picture. */
	brandAvatar: z.optional(z.nullable(z.string())),
	showAgentsAs: z.enum(['agents', 'team']),
	/** Since when nobody has been online in business hours; null: somebody is, or need not be. */
	uncoveredSince: z.optional(z.nullable(Timestamp))
});
export type Team = z.infer<typeof Team>;

/** A person in a team as colleagues see them. `name` is first + last name, else the email address. */
export const Member = z.object({
	userId: Id,
	name: z.string(),
	email: z.string(),
	/** Content hash of the avatar; without one, initials on a colour derived from the id. */
	avatar: z.nullable(z.string()),
	role: Role,
	presence: Presence,
	/** A colleague who went offline asks this one to take over, and it stands unanswered. */
	asked: z.optional(z.nullable(z.object({ by: Id, at: Timestamp, until: z.nullable(Timestamp) })))
});
export type Member = z.infer<typeof Member>;

export const Bot = z.object({
	id: Id,
	name: z.string(),
	color: z.string(),
	/** Content hash of its picture; without one visitors see the brand's. */
	avatar: z.optional(z.nullable(z.string())),
	greeting: z.string(),
	quickQuestions: z.array(z.string()),
	humanEscalation: z.boolean(),
	humanOnly: z.boolean(),
	showAvailability: z.boolean()
});
export type Bot = z.infer<typeof Bot>;

export const ConversationState = z.enum(['bot', 'pending', 'unresolved', 'resolved']);
export type ConversationState = z.infer<typeof ConversationState>;

export const AuthorKind = z.enum(['visitor', 'agent', 'bot', 'system']);
export type AuthorKind = z.infer<typeof AuthorKind>;

export const Conversation = z.object({
	id: Id,
	botId: Id,
	state: ConversationState,
	assigneeId: z.nullable(Id),
	/** Number of the newest message; the first is 1. Gapless within the conversation. */
	seq: z.int(),
	visitor: z.object({
		id: Id,
		name: z.nullable(z.string()),
		email: z.nullable(z.string()),
		isVerified: z.boolean(),
		browser: z.nullable(z.string()),
		pageUrl: z.nullable(z.string()),
		pageTitle: z.nullable(z.string())
	}),
	createdAt: Timestamp,
	lastMessageAt: Timestamp,
	escalatedAt: z.nullable(Timestamp),
	/** The first agent reply after the last escalation. */
	answeredAt: z.nullable(Timestamp),
	/** When everyone was last rung since nobody answers; null: not for this escalation, or it waits no longer. */
	rungAt: z.nullable(Timestamp),
	escalation: z.nullable(
		z.object({
			by: z.enum(['visitor', 'bot', 'team']),
			reason: z.nullable(z.string()),
			summary: z.nullable(z.string())
		})
	),
	preview: z.nullable(
		z.object({ authorKind: AuthorKind, authorId: z.nullable(Id), body: z.string() })
	),
	/** Newest message number that the visitor's open widget has shown. */
	visitorReadSeq: z.int()
});
export type Conversation = z.infer<typeof Conversation>;

export const EventType = z.enum([
	'started',
	'escalated',
	'joined',
	'assigned',
	'transferred',
	'unassigned',
	'resolved',
	'reopened',
	'handed_back'
]);
export type EventType = z.infer<typeof EventType>;

/** A state change told in the thread. `byId` is who did it, `agentId` whom it concerns, `fromId` who had it before. */
export const ThreadEvent = z.object({
	type: EventType,
	byKind: AuthorKind,
	byId: z.nullable(Id),
	agentId: z.nullable(Id),
	fromId: z.nullable(Id),
	reason: z.nullable(z.string()),
	summary: z.nullable(z.string())
});
export type ThreadEvent = z.infer<typeof ThreadEvent>;

export const Message = z.object({
	id: Id,
	conversationId: Id,
	seq: z.int(),
	kind: z.enum(['text', 'note', 'event']),
	authorKind: AuthorKind,
	authorId: z.nullable(Id),
	body: z.string(),
	event: z.nullable(ThreadEvent),
	createdAt: Timestamp
});
export type Message = z.infer<typeof Message>;

/** How far one person has read one conversation. */
export const Read = z.object({ conversationId: Id, userId: Id, seq: z.int() });
export type Read = z.infer<typeof Read>;
