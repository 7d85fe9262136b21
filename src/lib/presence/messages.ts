import type { BeatResponse, LeaveRequest, PageState } from '#contract/presence.ts';

/** A page's tick, as the worker gets it. */
export interface BeatMessage {
	type: 'beat';
	/** A page of before an update does not say. */
	userId?: string;
	deviceId: string;
	page: PageState;
}

const isOf = (message: unknown, type: string): boolean =>
	typeof message === 'object' && message !== null && 'type' in message && message.type === type;

export const isBeatMessage = (message: unknown): message is BeatMessage => isOf(message, 'beat');

/** A page's farewell, for the worker to repeat. */
export interface LeaveMessage extends LeaveRequest {
	type: 'leave';
}

export const isLeaveMessage = (message: unknown): message is LeaveMessage => isOf(message, 'leave');

/** What the worker tells all pages over this channel. */
export const PRESENCE_CHANNEL = 'bellhop-presence';
export type WorkerMessage =
	/** `pages` as they were reported; a worker of before an update does not say. */
	| { type: 'answered'; response: BeatResponse; pages?: readonly PageState[] }
	/** No answer came: what pages believe is confirmed no longer. */
	| { type: 'unreached' }
	/** The worker has just started: pages that are not in `known` are to tick at once. */
	| { type: 'ask'; known: string[] }
	/** A page that the browser no longer knows; a worker has said farewell for it. */
	| { type: 'left'; pageId: string };
