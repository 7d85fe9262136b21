import type { Log } from '../domain/context.ts';
import { isAppleEndpoint, SILENT_AFTER_MS, SILENT_PUSHES } from '../domain/notification/health.ts';
import type { Jobs } from '../jobs/boss.ts';
import type { Db, TeamTx } from '../store/db.ts';
import {
	type AttemptResult,
	type ClaimedDelivery,
	claimDeliveries,
	nextDue,
	paceDeliveries,
	recordAttempt,
	suppressOvertaken
} from '../store/notification-delivery.ts';
import {
	findSubscriptions,
	markSubscription,
	noteAccepted,
	noteFailed,
	type SubscriptionRow
} from '../store/push-subscription.ts';
import { compose, TTL_SECONDS } from './compose.ts';
import type { Rule } from './decide.ts';
import { type Answer, outcome } from './outcome.ts';
import { type Plan, type PlanDeps, planEvent } from './plan.ts';
import type { Result, Send } from './sender.ts';

/** Pushes of one event under way at once. */
const BATCH = 32;
/** A visitor who writes line by line makes a phone ring once, with the newest of them. */
const PACE_MS = 3_000;
const PACED: Rule = 'a push left less than 3 s ago';
/** What is held for the pace, and what is then sent. */
const BURST: readonly Rule[] = [PACED, 'the newest of a burst'];
/** Longer than one attempt takes, so that nobody else sends what is being sent. */
const CLAIM_MS = 25_000;

export interface NotifyDeps extends PlanDeps {
	db: Db;
	log: Log;
	jobs: Pick<Jobs, 'enqueue'>;
	send: Send;
	publicOrigin: string;
}

export interface Attempted extends AttemptResult {
	isToProve?: boolean;
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
		const batch = await db.team(teamId, (tx) => claimNewest(tx, plan.event, claim));
		if (batch.length === 0) break;
		const held = await findSubscriptions(
			db.person,
			batch.map(({ deviceId }) => deviceId)
		);
		await Promise.all(
			batch.map(async (delivery) => {
				const result = await attempt(deps, plan, delivery, held.get(delivery.deviceId));
				await db.team(teamId, async (tx) => {
					await recordAttempt(tx, delivery.id, result);
					if (result.isToProve) await askForProof(deps, tx, delivery);
				});
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

/** Takes the rows that are due, unless a newer push about the conversation has overtaken them or one has just left. */
async function claimNewest(
	tx: TeamTx,
	event: Plan['event'],
	claim: { now: number; untilMs: number; limit: number }
): Promise<ClaimedDelivery[]> {
	const at = claim.now;
	const rule: Rule = 'a newer push was sent';
	await suppressOvertaken(tx, event, { rule, burst: BURST, at });
	// A ring for somebody who waits is never put off.
	if (event.kind !== 'escalation' && event.kind !== 'unanswered')
		await paceDeliveries(tx, event, { rule: PACED, gapMs: PACE_MS, at });
	return claimDeliveries(tx, event.id, claim);
}

/** Several pushes in a row were taken and none was shown: has the device fallen silent? */
async function askForProof(
	{ jobs }: NotifyDeps,
	tx: TeamTx,
	{ userId, deviceId }: ClaimedDelivery
): Promise<void> {
	const job = { name: 'prove', data: { userId, deviceId } } as const;
	// A second more than the device is given.
	await jobs.enqueue(tx, job, { afterMs: SILENT_AFTER_MS + 1000 });
}

async function attempt(
	deps: NotifyDeps,
	plan: Plan,
	delivery: ClaimedDelivery,
	subscription: SubscriptionRow | undefined
): Promise<Attempted> {
	const unsent = (state: 'expired' | 'failed' | 'gone', reason: string): Attempted => ({
		state,
		status: null,
		isAnswered: true,
		at: deps.now(),
		reason
	});
	if (subscription?.state !== 'live') return unsent('gone', 'the registration has ended');
	const { event } = plan;
	const deadline = (event.dueAt ?? event.at) + TTL_SECONDS[event.kind] * 1000;
	if (deps.now() >= deadline) return unsent('expired', 'it is too late to ring');
	// Attempts whose end was never written went down with their process: perhaps delivered.
	const lost = delivery.unanswered - 1;
	const isApple = isAppleEndpoint(subscription.endpoint);
	if (lost > 0) {
		const before = { n: 1, unanswered: lost, isApple, isGeneric: false, now: deps.now(), deadline };
		const verdict = outcome({ kind: 'ambiguous', reason: 'the process ended' }, before);
		if (verdict.do !== 'retry')
			return unsent('failed', 'an earlier attempt may have arrived and another could ring twice');
	}
	const result = await deps.send({
		subscription,
		payload: (isGeneric) => payloadOf(deps, plan, delivery, { isNew: lost === 0, isGeneric }),
		topic: deps.tokens.topicOf(event.conversationId),
		deadline,
		attempts: delivery.attempts,
		unanswered: delivery.unanswered
	});
	return noteResult(deps, subscription, result);
}

function payloadOf(
	deps: NotifyDeps,
	{ teamId, event, subject, waitingOf, privacyOf }: Plan,
	{ id, userId }: ClaimedDelivery,
	{ isNew, isGeneric }: { isNew: boolean; isGeneric: boolean }
): string {
	return compose({
		kind: event.kind,
		teamId,
		conversationId: event.conversationId,
		seq: subject.seq,
		userId,
		privacy: privacyOf(userId),
		deliveryId: id,
		ackToken: deps.tokens.ackTokenOf(id),
		publicOrigin: deps.publicOrigin,
		visitorName: subject.visitorName,
		botId: subject.botId,
		botName: subject.botName,
		text: subject.text,
		waitingCount: waitingOf(userId),
		isWaiting: subject.state === 'pending',
		isNew,
		isGeneric
	});
}

/** Carries an outcome over to the device's registration and to the ledger's row. */
export async function noteResult(
	{ db, now }: Pick<NotifyDeps, 'db' | 'now'>,
	{ deviceId, endpoint }: SubscriptionRow,
	{ outcome, answer }: Result
): Promise<Attempted> {
	const at = now();
	const status = answer.kind === 'answered' ? answer.status : null;
	const row = { status, isAnswered: answer.kind !== 'ambiguous', at, reason: reasonOf(answer) };
	switch (outcome.do) {
		case 'accepted':
			return {
				...row,
				state: 'accepted',
				isToProve: (await noteAccepted(db.person, deviceId, at)) >= SILENT_PUSHES
			};
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

/** What came back, in a few words; a service's own only where it refused. */
function reasonOf(answer: Answer): string {
	if (answer.kind === 'unreached') return `not reached: ${answer.reason}`;
	if (answer.kind === 'ambiguous') return `no answer: ${answer.reason}`;
	const { status, body } = answer;
	return status < 300 ? `accepted (${status})` : `${status} ${body.slice(0, 120)}`.trim();
}
