import type { ThreadEvent } from '#contract/entities.ts';

/**
 * What happened, in one line of the thread. `nameOf` gives a colleague's name, "you" for the reader;
 * null where the person is no longer known. Escalations have a card of their own.
 */
export function eventText(
	event: ThreadEvent,
	nameOf: (id: string | null) => string | null
): string {
	const by = event.byKind === 'agent' ? nameOf(event.byId) : null;
	const agent = nameOf(event.agentId) ?? 'a colleague';
	const doneBy = by ? ` by ${by}` : '';
	switch (event.type) {
		case 'started':
			return 'Chat started';
		case 'escalated':
			return ESCALATED[event.byKind];
		case 'joined':
			return `${capital(agent)} joined`;
		case 'assigned':
			return `Assigned to ${agent}${doneBy}`;
		case 'transferred':
			return `Transferred from ${nameOf(event.fromId) ?? 'a colleague'} to ${agent}`;
		case 'unassigned':
			return `Given back to the team${doneBy}`;
		case 'resolved':
			return `Resolved${doneBy}`;
		case 'reopened':
			return event.byKind === 'visitor' ? 'Reopened by the visitor' : `Reopened${doneBy}`;
		case 'handed_back':
			return `Handed back to the bot${doneBy}`;
	}
}

const ESCALATED = {
	visitor: 'Escalated by the visitor',
	bot: 'Escalated by the bot',
	agent: 'Escalated by the team',
	system: 'Escalated by the team'
} as const;

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
