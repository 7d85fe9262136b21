import type { EventLogRow } from '#contract/notifications.ts';

const EVENT_WORDS: Record<EventLogRow['kind'], string> = {
	escalation: 'asked for a person',
	unanswered: 'still had no answer',
	message: 'wrote',
	assigned: 'was given to a colleague',
	mention: 'was mentioned in a note',
	take_over: 'asked a colleague to take over'
};

/** Who, and what happened: "Mia", "asked for a person". `nameOf`: a colleague's name, where that is still known. */
export function happening(
	{ kind, visitorName, byId }: Pick<EventLogRow, 'kind' | 'visitorName' | 'byId'>,
	nameOf: (userId: string) => string | undefined
): [who: string, what: string] {
	if (kind !== 'take_over') return [visitorName?.trim() || 'Visitor', EVENT_WORDS[kind]];
	if (!byId) return ['Nobody', 'was online in business hours'];
	return [nameOf(byId) ?? 'Somebody who has left', EVENT_WORDS[kind]];
}

type Counts = Pick<EventLogRow, 'sentCount' | 'shownCount' | 'failedCount' | 'suppressedCount'>;

const devices = (count: number) => (count === 1 ? '1 device' : `${count} devices`);

/** What became of it, in one line: "2 devices rung, 1 showed it · 1 left alone by a rule". */
export function outcome({ sentCount, shownCount, failedCount, suppressedCount }: Counts): string {
	const parts = [];
	if (sentCount > 0) parts.push(`${devices(sentCount)} rung, ${shownCount} showed it`);
	if (failedCount > 0) parts.push(`${devices(failedCount)} not reached`);
	if (suppressedCount > 0) parts.push(`${suppressedCount} left alone by a rule`);
	return parts.join(' · ') || 'Nobody was to be rung';
}

/** The verdict beside it; null where nothing was to ring. */
export function verdict({
	sentCount,
	shownCount,
	failedCount
}: Counts): 'Rang' | 'Not confirmed' | 'Failed' | null {
	if (shownCount > 0) return 'Rang';
	if (sentCount > 0) return 'Not confirmed';
	return failedCount > 0 ? 'Failed' : null;
}
