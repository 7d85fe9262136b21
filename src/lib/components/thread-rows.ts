import type { Message } from '#contract/entities.ts';
import type { ThreadItem, UnsentText } from '$lib/state/thread.svelte.ts';
import { isSameDay } from '$lib/ui/time.ts';

/** Messages of one author closer together than this stand as one run. */
const RUN_MS = 300_000;

/** One thing in the thread with what its neighbours decide: whether it starts or ends a run, or a day. */
export interface ThreadRow {
	key: string;
	item: ThreadItem;
	isRunStart: boolean;
	isRunEnd: boolean;
	/** Set on the first of a day. */
	dayAt: number | null;
}

/** Orders nothing, adds nothing: only tells each item how it stands to the one before and after. */
export function threadRows(items: readonly ThreadItem[], meId: string | undefined): ThreadRow[] {
	return items.map((item, index) => {
		const before = items[index - 1];
		const after = items[index + 1];
		const at = timeOf(item);
		return {
			key: item.key,
			item,
			isRunStart: !before || !isOneRun(before, item, meId),
			isRunEnd: !after || !isOneRun(item, after, meId),
			dayAt: before && isSameDay(timeOf(before), at) ? null : at
		};
	});
}

/** The key of the newest message of one's own that was delivered: the one that says how far it got. */
export function lastSentKey(items: readonly ThreadItem[], meId: string | undefined): string | null {
	for (let index = items.length - 1; index >= 0; index--) {
		const item = items[index];
		if (!item || !('message' in item)) continue;
		const { kind, authorKind, authorId } = item.message;
		if (kind === 'text' && authorKind === 'agent' && authorId === meId) return item.key;
	}
	return null;
}

/** The key of the first message that somebody else wrote after number `readSeq`; null where all is read. */
export function firstUnreadKey(
	items: readonly ThreadItem[],
	{ readSeq, meId }: { readSeq: number; meId: string | undefined }
): string | null {
	const unread = items.find(
		(item) =>
			'message' in item &&
			item.message.seq > readSeq &&
			item.message.kind !== 'event' &&
			item.message.authorId !== meId
	);
	return unread?.key ?? null;
}

const timeOf = (item: ThreadItem): number =>
	'message' in item ? item.message.createdAt : item.unsent.createdAt;

function isOneRun(a: ThreadItem, b: ThreadItem, meId: string | undefined): boolean {
	const [one, two] = [speaker(a, meId), speaker(b, meId)];
	const isClose = isSameDay(timeOf(a), timeOf(b)) && timeOf(b) - timeOf(a) < RUN_MS;
	return one !== null && one === two && isClose;
}

/** Null for events, which belong to no run. */
function speaker(item: ThreadItem, meId: string | undefined): string | null {
	if ('unsent' in item) return unsentSpeaker(item.unsent, meId);
	const { kind, authorKind, authorId }: Message = item.message;
	return kind === 'event' ? null : `${kind} ${authorKind} ${authorId}`;
}

const unsentSpeaker = ({ kind, state }: UnsentText, meId: string | undefined): string =>
	state === 'unsent' ? `${kind === 'note' ? 'note' : 'text'} agent ${meId}` : state;
