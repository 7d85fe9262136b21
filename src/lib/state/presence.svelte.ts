import type { PresenceCause } from '#contract/entities.ts';
import type { LedgerRow } from '#contract/presence.ts';

export interface OfflineOptions {
	/** Milliseconds from now after which the intent returns to what it was. */
	untilMs?: number;
	reason?: string;
}

export interface PresenceState {
	/** Of the person in the active team. `not connected` until the server has confirmed it, and whenever it cannot. */
	readonly status: 'online' | 'offline' | 'checking' | 'not connected';
	/** A choice is on its way to the server. */
	readonly isBusy: boolean;
	readonly since: number | null;
	readonly until: number | null;
	readonly reason: string | null;
	readonly cause: PresenceCause | null;
	readonly lastBeatAt: number | null;
	/** Newest first; see `loadLedger`. */
	readonly ledger: LedgerRow[];
	/** Throws ApiFailure or Offline: going online is never queued. */
	goOnline(): Promise<void>;
	/** Without a connection it is kept in this page and sent on return, if still wanted. Throws ApiFailure. */
	goOffline(options?: OfflineOptions): Promise<void>;
	/** Throws ApiFailure or Offline. */
	loadLedger(): Promise<void>;
	/** Beats from this page until the returned function is called. */
	start(): () => void;
}

export const presence: PresenceState = {
	status: 'not connected',
	isBusy: false,
	since: null,
	until: null,
	reason: null,
	cause: null,
	lastBeatAt: null,
	ledger: [],
	goOnline: async () => {},
	goOffline: async () => {},
	loadLedger: async () => {},
	start: () => () => {}
};
