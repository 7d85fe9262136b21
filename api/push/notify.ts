import { waitingElsewhere } from '../domain/notification/waiting.ts';
import type { TeamTx } from '../store/db.ts';
import {
	type Claim,
	type ClaimedDelivery,
	claimDeliveries,
	paceDeliveries,
	suppressOvertaken
} from '../store/notification-delivery.ts';
import { compose, TTL_SECONDS } from './compose.ts';
import type { Rule } from './decide.ts';
import { type Plan, type PlanDeps, planEvent } from './plan.ts';
import { type Message, queueRest, type SendDeps, sendDue } from './send-due.ts';

/** A visitor who writes line by line makes a phone ring once, with the newest of them. */
const PACE_MS = 3_000;
const PACED: Rule = 'a push left less than 3 s ago';
/** What is held for the pace, and what is then sent. */
const BURST: readonly Rule[] = [PACED, 'the newest of a burst'];

export interface NotifyDeps extends PlanDeps, SendDeps {
	publicOrigin: string;
}

/** What is to be sent, and how many wait for the person in their other teams. */
type Counted = Plan & { elsewhereOf(userId: string): number };

type Telling = Parameters<Message['payload']>[1];

/**
 * The job `notify`: decide -> ledger -> compose -> deliver -> outcome -> ledger. Safe to repeat at any point: an
 * event is decided once, a row is claimed before it is sent, and what is left is put into the queue again.
 */
export async function notify(
	deps: NotifyDeps,
	{ teamId, eventId }: { teamId: string; eventId: string }
): Promise<void> {
	const plan = await deps.db.team(teamId, (tx) => planEvent(deps, tx, eventId));
	// What is in the air is looked at once more when it has come back, or its process has ended.
	if (!plan) return void (await queueRest(deps, { job: 'notify', teamId, eventId }));
	const { event, userIds } = plan;
	const elsewhereOf = await waitingElsewhere(deps.db, { userIds, teamId });
	const message = {
		...{ teamId, eventId },
		payload: (delivery: ClaimedDelivery, about: Telling) =>
			payloadOf(deps, { ...plan, elsewhereOf }, delivery, about),
		topic: deps.tokens.topicOf(event.conversationId),
		deadline: (event.dueAt ?? event.at) + TTL_SECONDS[event.kind] * 1000
	};
	const take = (tx: TeamTx, claim: Claim) => takeNewest(tx, event, claim);
	await sendDue(deps, message, { job: 'notify', take });
}

/** Takes the rows that are due, unless a newer push about the conversation has overtaken them or one has just left. */
async function takeNewest(
	tx: TeamTx,
	event: Plan['event'],
	claim: Claim
): Promise<ClaimedDelivery[]> {
	const at = claim.now;
	const rule: Rule = 'a newer push was sent';
	await suppressOvertaken(tx, event, { rule, burst: BURST, at });
	// A ring for somebody who waits is never put off.
	if (event.kind !== 'escalation' && event.kind !== 'unanswered')
		await paceDeliveries(tx, event, { rule: PACED, gapMs: PACE_MS, at });
	return claimDeliveries(tx, event.id, claim);
}

function payloadOf(
	deps: NotifyDeps,
	{ teamId, event, subject, waitingOf, elsewhereOf, privacyOf }: Counted,
	{ id, userId }: ClaimedDelivery,
	{ isNew, isGeneric }: Telling
): string {
	return compose({
		kind: event.kind,
		teamId,
		conversationId: event.conversationId,
		seq: subject.seq,
		event: { seq: event.seq, at: event.at, id: event.id },
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
		elsewhereCount: elsewhereOf(userId),
		isWaiting: subject.state === 'pending',
		isNew,
		isGeneric
	});
}
