import type { TeamTx } from '../store/db.ts';

/** Durable work, by name. Payloads hold ids only; the handler reads what is so when it runs. */
export type Job =
	| { name: 'notify'; data: { teamId: string; eventId: string } }
	| { name: 'ask'; data: { teamId: string; eventId: string } }
	| { name: 'climb'; data: { teamId: string; ladderId: string } }
	| { name: 'ring'; data: { userId: string; testId: string } }
	| { name: 'prove'; data: { userId: string; deviceId: string } }
	| { name: 'alarm'; data: { teamId: string; service: string } }
	| { name: 'webhook'; data: { teamId: string; callId: string } }
	/** `ladderId`: the ladder whose trail says what becomes of the mail. */
	| { name: 'mail'; data: { teamId: string; mailId: string; ladderId?: string } }
	| { name: 'prune'; data: Record<never, never> };

export type DataOf<N extends Job['name']> = Extract<Job, { name: N }>['data'];

/**
 * Puts a job into the queue within the event's own transaction: it exists exactly if the event does.
 * Workers are woken after the commit, or pick it up `afterMs` later (rounded up to whole seconds).
 */
export type Enqueue = (tx: TeamTx, job: Job, options?: { afterMs?: number }) => Promise<void>;
