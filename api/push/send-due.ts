import { isAppleEndpoint, looksAfterMs, SILENT_PUSHES } from '../domain/notification/health.ts';
import { together } from '../domain/together.ts';
import type { Jobs } from '../jobs/boss.ts';
import type { Db, TeamTx } from '../store/db.ts';
import {
	type AttemptResult,
	type Claim,
	type ClaimedDelivery,
	nextDue,
	recordAttempts
} from '../store/notification-delivery.ts';
import { lockNotificationEvent } from '../store/notification-event.ts';
import {
	findSubscriptions,
	markSubscription,
	noteAccepted,
	noteFailed,
	type SubscriptionRow
} from '../store/push-subscription.ts';
import { sideBySide } from './lanes.ts';
import { type Answer, outcome, wordsOf } from './outcome.ts';
import type { Result, Send } from './sender.ts';

/** Pushes of one event that are claimed at once. */
const BATCH = 32;
/** As many may hang without holding up the rest. */
const SLOW = 32;
/** Longer than two attempts take, one after the other in a full lane, so that nobody else sends what is being sent. */
const CLAIM_MS = 25_000;
/** How often it is seen to what is due before those that hang have ended. */
const LOOK_MS = 1_000;

export interface SendDeps {
	db: Db;
	now(): number;
	jobs: Pick<Jobs, 'enqueue'>;
	send: Send;
}

/** What is sent about an event. */
export interface Message {
	teamId: string;
	eventId: string;
	/** `isNew` false: the same may have arrived before. */
	payload(delivery: ClaimedDelivery, about: { isNew: boolean; isGeneric: boolean }): string;
	topic?: string;
	/** When it is no longer worth delivering, milliseconds since 1970. */
	deadline: number;
}

/**
 * Sends what is due, and puts what is left of the event into the queue again, without waiting for devices whose push
 * service does not answer. Each delivery is claimed before it is sent, and what came back is written as it comes.
 */
export async function sendDue(
	deps: SendDeps,
	message: Message,
	{
		job,
		take
	}: { job: 'notify' | 'ask'; take(tx: TeamTx, claim: Claim): Promise<ClaimedDelivery[]> }
): Promise<void> {
	const { db, now } = deps;
	const { teamId, eventId } = message;
	const record = together((done: Done[]) => writeDown(deps, message, done));
	const work = sideBySide();
	const underWay = new Set<string>();
	const startedAt = now();
	let queuedFor: number | undefined;
	// A job that is queued for the same time sees to it.
	const queueAgain = async (before: number) => {
		const unless = (at: number) => at >= before || at === queuedFor;
		queuedFor = (await queueRest(deps, { job, teamId, eventId, unless })) ?? queuedFor;
	};
	try {
		for (;;) {
			const claim = { now: now(), untilMs: CLAIM_MS, limit: BATCH, except: [...underWay] };
			const batch = await db.team(teamId, (tx) => take(tx, claim));
			if (batch.length === 0) break;
			const ids = batch.map(({ deviceId }) => deviceId);
			const held = await findSubscriptions(db.person, ids);
			for (const delivery of batch) {
				underWay.add(delivery.id);
				work.start(async () => {
					await record(await attempt(deps, message, delivery, held.get(delivery.deviceId)));
					underWay.delete(delivery.id);
				});
			}
			await work.left(SLOW);
		}
		// What hangs is due when its claim ends, which is no reason to come back.
		while (!(await work.isOverWithin(LOOK_MS))) await queueAgain(startedAt + CLAIM_MS);
	} finally {
		await work.left(0);
	}
	await queueAgain(Number.POSITIVE_INFINITY);
}

/** Puts an event into the queue again for what is left of it; returns for when, null where nothing was put there. */
export function queueRest(
	{ db, now, jobs }: Pick<SendDeps, 'db' | 'now' | 'jobs'>,
	rest: {
		job: 'notify' | 'ask';
		teamId: string;
		eventId: string;
		/** Whether what is due then is seen to otherwise. */
		unless?(at: number): boolean;
	}
): Promise<number | null> {
	const { job, teamId, eventId, unless } = rest;
	return db.team(teamId, async (tx) => {
		const at = await nextDue(tx, eventId);
		if (at === null || unless?.(at)) return null;
		const again = { name: job, data: { teamId, eventId } } as const;
		await jobs.enqueue(tx, again, { afterMs: Math.max(0, at - now()) });
		return at;
	});
}

/** One attempt and what it says about the device's registration. */
interface Done {
	delivery: ClaimedDelivery;
	result: AttemptResult;
	sign: 'accepted' | 'gone' | 'needs_resubscribe' | 'failed' | null;
	endpoint: string;
}

async function attempt(
	deps: SendDeps,
	message: Message,
	delivery: ClaimedDelivery,
	subscription: SubscriptionRow | undefined
): Promise<Done> {
	const unsent = (state: 'expired' | 'failed' | 'gone', reason: string): Done => ({
		delivery,
		result: { id: delivery.id, state, status: null, isAnswered: true, at: deps.now(), reason },
		sign: null,
		endpoint: ''
	});
	if (subscription?.state !== 'live') return unsent('gone', 'the registration has ended');
	const { endpoint } = subscription;
	const { deadline, topic } = message;
	const { attempts, unanswered } = delivery;
	if (deps.now() >= deadline) return unsent('expired', 'it is too late to ring');
	// Attempts whose end was never written went down with their process: perhaps delivered.
	const lost = unanswered - 1;
	if (lost > 0) {
		const isApple = isAppleEndpoint(endpoint);
		const before = {
			...{ n: 1, isFreshToken: false, unanswered: lost, isApple, isGeneric: false },
			...{ now: deps.now(), deadline }
		};
		const verdict = outcome({ kind: 'ambiguous', reason: 'the process ended' }, before);
		if (verdict.do !== 'retry')
			return unsent('failed', 'an earlier attempt may have arrived and another could ring twice');
	}
	const result = await deps.send({
		id: delivery.id,
		subscription,
		payload: (isGeneric) => message.payload(delivery, { isNew: lost === 0, isGeneric }),
		...(topic !== undefined && { topic }),
		deadline,
		attempts,
		unanswered
	});
	return { delivery, endpoint, ...meaningOf(result, delivery.id, deps.now()) };
}

/** What an outcome is for the ledger's row and for the device's registration. */
function meaningOf(
	{ outcome, answer, isPostponed }: Result,
	id: string,
	at: number
): Pick<Done, 'result' | 'sign'> {
	const status = answer.kind === 'answered' ? answer.status : null;
	const row = {
		...{ id, status, isAnswered: answer.kind !== 'ambiguous', at, reason: reasonOf(answer) },
		...(isPostponed && { isPostponed })
	};
	switch (outcome.do) {
		case 'accepted':
		case 'gone':
			return { result: { ...row, state: outcome.do }, sign: outcome.do };
		case 'needs_resubscribe':
			return { result: { ...row, state: 'failed' }, sign: outcome.do };
		case 'retry':
			return { result: { ...row, state: 'decided', dueAt: at + outcome.afterMs }, sign: null };
		case 'expired': {
			const reason = `${row.reason}, and it is too late to try again`;
			return { result: { ...row, state: 'expired', reason }, sign: 'failed' };
		}
		default:
			return { result: { ...row, state: 'failed' }, sign: 'failed' };
	}
}

/** What came back, in a few words; a service's own only where it refused. */
export function reasonOf(answer: Answer): string {
	if (answer.kind === 'unreached') return `not reached: ${answer.reason}`;
	if (answer.kind === 'ambiguous') return `no answer: ${answer.reason}`;
	return answer.status < 300 ? `accepted (${answer.status})` : wordsOf(answer);
}

/** Writes what became of attempts: to the devices' registrations and to the ledger. */
async function writeDown(
	{ db, now, jobs }: SendDeps,
	{ teamId, eventId, deadline }: Message,
	done: readonly Done[]
): Promise<void> {
	const accepted = done.filter(({ sign }) => sign === 'accepted');
	for (const { delivery, sign, endpoint, result } of done)
		if (sign === 'failed') await noteFailed(db.person, delivery.deviceId, result);
		else if (sign === 'gone' || sign === 'needs_resubscribe')
			await markSubscription(db.person, endpoint, sign);
	await db.team(teamId, async (tx) => {
		// Whoever settles the event's rows meanwhile holds it too: neither waits for a row of the other's.
		await lockNotificationEvent(tx, eventId);
		const confirmed = await recordAttempts(
			tx,
			done.map(({ result }) => result)
		);
		const taken = accepted.map(({ delivery: { id, deviceId } }) => ({
			...{ deviceId, deadline },
			isConfirmed: confirmed.has(id)
		}));
		const unconfirmed = await noteAccepted(tx, taken, now());
		for (const { delivery } of accepted) {
			const { userId, deviceId } = delivery;
			if ((unconfirmed.get(deviceId) ?? 0) < SILENT_PUSHES) continue;
			// Several in a row were taken and none was shown: has it fallen silent?
			const job = { name: 'prove', data: { userId, deviceId } } as const;
			for (const afterMs of looksAfterMs(deadline - now()))
				await jobs.enqueue(tx, job, { afterMs });
		}
	});
}
