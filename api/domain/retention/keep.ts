const DAY_MS = 86_400_000;

/**
 * For how long what grows is kept. Not in it: chats and visitors, which are the team's own, and the audit log,
 * which the run-time role cannot delete from.
 */
export const KEEP_MS = {
	/** A client that was away for longer loads everything anew; its outbox is kept. */
	changes: 30 * DAY_MS,
	/** Twice as long as a mutation may wait, so that none can be done a second time. */
	mutations: 60 * DAY_MS,
	mails: 30 * DAY_MS,
	/** Past their expiry, whatever became of them. */
	invitations: 90 * DAY_MS,
	emailChanges: 7 * DAY_MS,
	/** Every decision about a ring and what became of it. */
	notifications: 90 * DAY_MS,
	ladders: 90 * DAY_MS,
	webhookCalls: 30 * DAY_MS,
	sightings: 7 * DAY_MS,
	snoozes: 7 * DAY_MS,
	/** A year and a month, so that a month can be compared with the one a year before. */
	presenceLedger: 400 * DAY_MS,
	uncoveredSpans: 400 * DAY_MS,
	reachMarks: 400 * DAY_MS,
	pushTests: 30 * DAY_MS,
	signedOutDevices: 90 * DAY_MS,
	accountDeletions: 365 * DAY_MS,
	leasesOfNobody: 0,
	spansOfNobody: 0
} as const;

/** A mutation that lay in an outbox for longer is refused and shown to its writer. */
export const MUTATION_WAIT_MS = 30 * DAY_MS;
