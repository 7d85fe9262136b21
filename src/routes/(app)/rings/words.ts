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

type Counts = Pick<
	EventLogRow,
	'sentCount' | 'shownCount' | 'failedCount' | 'waitingCount' | 'suppressedCount' | 'isDecided'
>;

const devices = (count: number) => (count === 1 ? '1 device' : `${count} devices`);

/** What became of it, in one line: "2 devices rung, 1 showed it · 1 left alone by a rule". */
export function outcome({ isDecided = true, ...counts }: Counts): string {
	const { sentCount, shownCount, failedCount, waitingCount = 0, suppressedCount } = counts;
	const parts = [];
	if (sentCount > 0) parts.push(`${devices(sentCount)} rung, ${shownCount} showed it`);
	if (failedCount > 0) parts.push(`${devices(failedCount)} not reached`);
	if (waitingCount > 0) parts.push(`${devices(waitingCount)} still to be rung`);
	if (suppressedCount > 0) parts.push(`${suppressedCount} left alone by a rule`);
	if (parts.length > 0) return parts.join(' · ');
	return isDecided ? 'Nobody was to be rung' : 'Being decided';
}

/** The verdict beside it; null where nothing was to ring, or is still to. */
export function verdict({
	sentCount,
	shownCount,
	failedCount,
	waitingCount = 0
}: Counts): 'Rang' | 'Not confirmed' | 'Failed' | null {
	if (shownCount > 0) return 'Rang';
	if (sentCount > 0) return 'Not confirmed';
	return failedCount > 0 && waitingCount === 0 ? 'Failed' : null;
}
