import type { Conversation, Message } from '#contract/entities.ts';
import { mentioned } from '#contract/mentioned.ts';
import type { NotificationEventName } from '#contract/notifications.ts';
import type { SyncPage } from '#contract/sync.ts';

/** What is new for the person in one conversation, as a page shows it. */
export interface Alert {
	event: NotificationEventName;
	teamId: string;
	conversationId: string;
	botId: string;
	/** The conversation's newest message: all up to it is told with this. */
	seq: number;
	/** Which ring of an escalation that nobody answers it is, by its time; null: it tells what came. */
	ring: number | null;
	title: string;
	body: string;
}

/** The same for all that tells the same state, whoever has brought it. */
export const alertKey = ({ conversationId, seq, ring }: Alert): string =>
	`${conversationId} ${seq}${ring === null ? '' : ` ${ring}`}`;

/** What lay longer on its way is found in the list; telling it now would come too late. */
const FRESH_MS = 30_000;

/** The more pressing comes first. */
const ORDER: readonly NotificationEventName[] = [
	'escalation',
	'assigned',
	'mention',
	'message_mine',
	'message_unassigned',
	'unanswered'
];

/** What a page of changes has to tell the person, of the last `withinMs`: at most one alert a conversation. */
export function alertsOf(
	page: Pick<SyncPage, 'teamId' | 'serverNow' | 'conversations' | 'messages'>,
	me: { userId: string; name: string },
	withinMs = FRESH_MS
): Alert[] {
	const since = page.serverNow - Math.min(withinMs, FRESH_MS);
	return page.conversations.flatMap((conversation) => {
		const fresh = page.messages.filter(
			({ conversationId, createdAt }) => conversationId === conversation.id && createdAt > since
		);
		const [best] = fresh
			.flatMap((message) => {
				const event = eventOf(message, conversation, me);
				return event ? [{ event, message }] : [];
			})
			.sort(
				(a, b) => ORDER.indexOf(a.event) - ORDER.indexOf(b.event) || b.message.seq - a.message.seq
			);
		const alert = (event: NotificationEventName, body: string, ring: number | null = null) => ({
			...{ event, body, ring, teamId: page.teamId },
			...{ conversationId: conversation.id, botId: conversation.botId, seq: conversation.seq },
			title: titleOf(event, conversation.visitor.name?.trim() || 'Visitor')
		});
		const preview = conversation.preview?.body ?? '';
		if (best) {
			const { event, message } = best;
			return [alert(event, message.kind === 'event' ? preview : message.body)];
		}
		const { rungAt } = conversation;
		// Who has just done something with the chat, such as giving it back, knows of it.
		const isMine = fresh.some(({ authorId }) => authorId === me.userId);
		return rungAt !== null && rungAt > since && !isMine
			? [alert('unanswered', preview, rungAt)]
			: [];
	});
}

function eventOf(
	{ kind, authorKind, authorId, body, event, createdAt }: Message,
	{ state, assigneeId, escalatedAt }: Conversation,
	me: { userId: string; name: string }
): NotificationEventName | null {
	const isOpen = state === 'pending' || state === 'unresolved';
	if (!isOpen || authorId === me.userId) return null;
	if (event?.type === 'escalated') return state === 'pending' ? 'escalation' : null;
	// Given back without an answer.
	if (event?.type === 'unassigned')
		return state === 'pending' && assigneeId === null ? 'unanswered' : null;
	if (event?.type === 'assigned' || event?.type === 'transferred')
		return event.agentId === me.userId ? 'assigned' : null;
	if (kind === 'note') return mentioned(body, [me]).length > 0 ? 'mention' : null;
	if (kind !== 'text' || authorKind !== 'visitor') return null;
	// A chat may come ahead of its messages, and is told once: what led to the call is told as the call.
	if (state === 'pending' && escalatedAt !== null && escalatedAt >= createdAt) return 'escalation';
	if (assigneeId === me.userId) return 'message_mine';
	return assigneeId === null ? 'message_unassigned' : null;
}

const titleOf = (event: NotificationEventName, who: string): string =>
	({
		escalation: `${who} waits for a person`,
		unanswered: `${who} still waits`,
		message_mine: who,
		message_unassigned: who,
		assigned: `${who} · given to you`,
		mention: `${who} · you were mentioned`
	})[event];
