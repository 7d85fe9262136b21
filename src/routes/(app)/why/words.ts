import type { LedgerRow } from '#contract/presence.ts';
import { clockTime, exactTime } from '$lib/ui/time.ts';

/** The tag of a row. What somebody did themselves is "set by you" to nobody else. */
export const causeWord = ({ cause }: LedgerRow, isOwn: boolean): string =>
	cause === 'set by you' && !isOwn ? 'set by hand' : cause;

/** What a row knows beyond status and cause, as one line; empty where it knows nothing. */
export function storyOf(row: LedgerRow, isOwn: boolean): string {
	const { cause, byName, reason, until, deviceName } = row;
	const said = reason ? `“${reason}”` : null;
	if (cause === 'set by admin') return joined([byName && `By ${byName}`, said]);
	if (cause === 'heartbeat lost') return evidenceOf(row);
	const end = until ? `until ${clockTime(until)}` : null;
	const where = deviceName && (isOwn ? `You, on ${deviceName}` : deviceName);
	return joined([[said, end].filter(Boolean).join(' '), where]);
}

function evidenceOf({ deviceName, lastBeatAt, visibility }: LedgerRow): string {
	const page = visibility && (visibility === 'visible' ? 'page in front' : 'page behind');
	return joined([
		`${deviceName ?? 'The last device'} stopped reporting`,
		lastBeatAt === null ? null : `last beat ${exactTime(lastBeatAt)}`,
		page
	]);
}

const joined = (parts: (string | null | undefined)[]): string => parts.filter(Boolean).join(' · ');
