import type { Log } from '../domain/context.ts';
import type { Jobs } from '../jobs/boss.ts';
import type { Db } from '../store/db.ts';
import {
	type AttemptResult,
	type ClaimedDelivery,
	claimDeliveries,
	nextDue,
	recordAttempt
} from '../store/notification-delivery.ts';
import {
	findSubscriptions,
	markSubscription,
	noteAccepted,
	noteFailed,
	type SubscriptionRow
} from '../store/push-subscription.ts';
import { compose, TTL_SECONDS } from './compose.ts';
import { isAppleEndpoint } from './deliver.ts';
import { outcome } from './outcome.ts';
import { type Plan, type PlanDeps, planEvent } from './plan.ts';
import type { Result, Send } from './sender.ts';

/** Pushes of one event under way at once. */
const BATCH = 20;
/** Longer than one attempt takes, so that nobody else sends what is being sent. */
const CLAIM_MS = 25_000;

export interface NotifyDeps extends PlanDeps {
	db: Db;
	log: Log;
	jobs: Pick<Jobs, 'enqueue'>;
	send: Send;
	publicOrigin: string;
}

/**
 * The job `notify`: decide -> ledger -> compose -> deliver -> outcome -> ledger. Safe to repeat at any point: an
 * event is decided once, a row is claimed before it is sent, and what is left is put into the queue again.
 */
export async function notify(
	deps: NotifyDeps,
	{ teamId, eventId }: { teamId: string; eventId: string }
): Promise<void> {
	const { db, now } = deps;
	const plan = await db.team(teamId, (tx) => planEvent(deps, tx, eventId));
	if (!plan) return;
	for (;;) {
		const claim = { now: now(), untilMs: CLAIM_MS, limit: BATCH };
		const batch = await db.team(teamId, (tx) => claimDeliveries(tx, eventId, claim));
		if (batch.length === 0) break;
		const held = await findSubscriptions(
			db.person,
			batch.map(({ deviceId }) => deviceId)
		);
		await Promise.all(
			batch.map(async (delivery) => {
				const result = await attempt(deps, plan, delivery, held.get(delivery.deviceId));
				await db.team(teamId, (tx) => recordAttempt(tx, delivery.id, result));
			})
		);
	}
	await db.team(teamId, async (tx) => {
		const at = await nextDue(tx, eventId);
		if (at === null) return;
		const job = { name: 'notify', data: { teamId, eventId } } as const;
		await deps.jobs.enqueue(tx, job, { afterMs: Math.max(0, at - now()) });
	});
}

async function attempt(
	deps: NotifyDeps,
	plan: Plan,
	delivery: ClaimedDelivery,
	subscription: SubscriptionRow | undefined
): Promise<AttemptResult> {
	const unsent = (state: 'expired' | 'failed' | 'gone'): AttemptResult => ({
		state,
		status: null,
		isAnswered: true,
		at: deps.now()
	});
	if (subscription?.state !== 'live') return unsent('gone');
	const deadline = plan.event.at + TTL_SECONDS[plan.event.kind] * 1000;
	if (deps.now() >= deadline) return unsent('expired');
	// Attempts whose end was never written went down with their process: perhaps delivered.
	const lost = delivery.unanswered - 1;
	const isApple = isAppleEndpoint(subscription.endpoint);
	if (lost > 0) {
		const before = { n: 1, unanswered: lost, isApple, isGeneric: false, now: deps.now(), deadline };
		const verdict = outcome({ kind: 'ambiguous', reason: 'the process ended' }, before);
		if (verdict.do !== 'retry') return unsent('failed');
	}
	const result = await deps.send({
		subscription,
		payload: (isGeneric) => payloadOf(deps, plan, delivery, { isNew: lost === 0, isGeneric }),
		topic: deps.tokens.topicOf(plan.event.conversationId),
		deadline,
		attempts: delivery.attempts,
		unanswered: delivery.unanswered
	});
	return noteResult(deps, subscription, result);
}

function payloadOf(
	deps: NotifyDeps,
	{ teamId, event, subject, waitingOf }: Plan,
	{ id, userId }: ClaimedDelivery,
	{ isNew, isGeneric }: { isNew: boolean; isGeneric: boolean }
): string {
	return compose({
		kind: event.kind,
		teamId,
		conversationId: event.conversationId,
		deliveryId: id,
		ackToken: deps.tokens.ackTokenOf(id),
		publicOrigin: deps.publicOrigin,
		visitorName: subject.visitorName,
		botName: subject.botName,
		text: subject.text,
		waitingCount: waitingOf(userId),
		isWaiting: subject.state === 'pending',
		isNew,
		isGeneric
	});
}

/** Carries an outcome over to the device's registration and to the ledger's row. */
async function noteResult(
	{ db, now }: Pick<NotifyDeps, 'db' | 'now'>,
	{ deviceId, endpoint }: SubscriptionRow,
	{ outcome, answer }: Result
): Promise<AttemptResult> {
	const at = now();
	const status = answer.kind === 'answered' ? answer.status : null;
	const row = { status, isAnswered: answer.kind !== 'ambiguous', at };
	switch (outcome.do) {
		case 'accepted':
			await noteAccepted(db.person, deviceId, at);
			return { ...row, state: 'accepted' };
		case 'gone':
			await markSubscription(db.person, endpoint, 'gone');
			return { ...row, state: 'gone' };
		case 'needs_resubscribe':
			await markSubscription(db.person, endpoint, 'needs_resubscribe');
			return { ...row, state: 'failed' };
		case 'retry':
			return { ...row, state: 'decided', dueAt: at + outcome.afterMs };
		case 'expired':
			return { ...row, state: 'expired' };
		default:
			await noteFailed(db.person, deviceId);
			return { ...row, state: 'failed' };
	}
}
