import type { LeaveRequest } from '#contract/presence.ts';
import { isLeaveMessage } from '../presence/messages.ts';

/** What the handler needs of an ExtendableMessageEvent. */
export interface LeaveEvent {
	readonly data: unknown;
	waitUntil(work: Promise<unknown>): void;
}

/** Repeats the farewell of a page that closes; the server takes it once. */
export function onLeave(
	event: LeaveEvent,
	send: (farewell: LeaveRequest) => Promise<unknown> = post
): void {
	if (!isLeaveMessage(event.data)) return;
	const { deviceId, pageId } = event.data;
	// Without a connection the lease runs out by itself.
	event.waitUntil(send({ deviceId, pageId }).catch(() => {}));
}

/** As the page's own goes out: as text. */
const post = (farewell: LeaveRequest): Promise<unknown> =>
	fetch('/api/presence/leave', { method: 'POST', body: JSON.stringify(farewell) });
