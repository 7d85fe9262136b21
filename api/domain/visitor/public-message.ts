import type { Message } from '#contract/entities.ts';
import type { PublicAgent, PublicMessage } from '#contract/widget.ts';

/** The agent a visitor sees beside a message: who wrote it, or whom an event is about. */
export function agentIdOf({ event, authorKind, authorId }: Message): string | null {
	if (event?.agentId) return event.agentId;
	return authorKind === 'agent' ? authorId : null;
}

/** A text or public event as the visitor sees it. */
export function publicMessage(
	message: Message,
	agentOf: (userId: string) => PublicAgent
): PublicMessage {
	const { id, seq, kind, authorKind, body, event, createdAt } = message;
	const agentId = agentIdOf(message);
	return {
		id,
		seq,
		kind: kind === 'event' ? 'event' : 'text',
		authorKind,
		author: agentId === null ? null : agentOf(agentId),
		body,
		event: event && (event.type as PublicMessage['event']),
		createdAt
	};
}
