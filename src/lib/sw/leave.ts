import type { LeaveRequest } from '#contract/presence.ts';
import { isLeaveMessage } from '../presence/messages.ts';
import type { BeatDeps } from './beat.ts';

/** What the handler needs of an ExtendableMessageEvent. */
export interface LeaveEvent {
	readonly data: unknown;
	waitUntil(work: Promise<unknown>): void;
}

/** Repeats the farewell of a page that closes; the server takes it once. */
export function onLeave(event: LeaveEvent, { leave, memory }: Pick<BeatDeps, 'leave' | 'memory'>) {
	if (!isLeaveMessage(event.data)) return;
	const { deviceId, pageId } = event.data;
	const said = leave({ deviceId, pageId }).then(() => {
		for (const [id, { page }] of memory.pages) if (page.id === pageId) memory.pages.delete(id);
	});
	// Said again when the page is found gone; without a connection the lease runs out by itself.
	event.waitUntil(said.catch(() => {}));
}

/** As the page's own goes out: as text. */
export const leave = (farewell: LeaveRequest): Promise<unknown> =>
	fetch('/api/presence/leave', { method: 'POST', body: JSON.stringify(farewell) });
