import { colleagueName } from '../domain/team/name.ts';
import { findHours } from '../store/coverage.ts';
import type { TeamTx } from '../store/db.ts';
import { findMember } from '../store/member.ts';
import {
	type ClaimedDelivery,
	claimDeliveries,
	insertDeliveries,
	nextDue,
	recordAttempt,
	suppressRest
} from '../store/notification-delivery.ts';
import {
	lockNotificationEvent,
	markDecided,
	type NotificationEventRow
} from '../store/notification-event.ts';
import { findSubscriptions, type SubscriptionRow } from '../store/push-subscription.ts';
import { recipientsOfTeam } from '../store/recipient.ts';
import { takeOversOf } from '../store/take-over.ts';
import { composeAsk } from './compose.ts';
import { decide, type Rule } from './decide.ts';
import { type NotifyDeps, noteResult } from './notify.ts';
import { peopleOf, privacies } from './plan.ts';
import { digestOf } from './secrets.ts';

/** Later nobody waits for the answer any more. */
const WORTH_MS = 15 * 60_000;
const CLAIM_MS = 25_000;
const MOST_DEVICES = 50;

/** What is to be sent about the question, as things stand now. */
interface Asked {
	event: NotificationEventRow;
	colleagueName: string;
	until: string | null;
	privacyOf: Awaited<ReturnType<typeof privacies>>;
}

/**
 * The job `ask`: a colleague who goes offline asks somebody to take over. It rings where an assigned chat would, by the
 * person's own settings; decided once, sent once a device, and over as soon as the person is online.
 */
export async function ask(
	deps: NotifyDeps,
	{ teamId, eventId }: { teamId: string; eventId: string }
): Promise<void> {
	const { db, now } = deps;
	const asked = await db.team(teamId, (tx) => planAsk(deps, tx, eventId));
	if (!asked) return;
	const claim = { now: now(), untilMs: CLAIM_MS, limit: MOST_DEVICES };
	const batch = await db.team(teamId, (tx) => claimDeliveries(tx, eventId, claim));
	const held = await findSubscriptions(
		db.person,
		batch.map(({ deviceId }) => deviceId)
	);
	await Promise.all(
		batch.map(async (delivery) => {
			const subscription = held.get(delivery.deviceId);
			const result = await attempt(deps, { teamId, asked, delivery, subscription });
			await db.team(teamId, (tx) => recordAttempt(tx, delivery.id, result));
		})
	);
	await db.team(teamId, async (tx) => {
		const at = await nextDue(tx, eventId);
		if (at === null) return;
		const job = { name: 'ask', data: { teamId, eventId } } as const;
		await deps.jobs.enqueue(tx, job, { afterMs: Math.max(0, at - now()) });
	});
}

async function planAsk(deps: NotifyDeps, tx: TeamTx, eventId: string): Promise<Asked | null> {
	const event = await lockNotificationEvent(tx, eventId);
	const [userId] = event?.targetIds ?? [];
	if (!event || !userId || !event.byId) return null;
	const question = (await takeOversOf(tx)).find((row) => row.userId === userId);
	const colleague = await findMember(tx, event.byId);
	const at = deps.now();
	const recipients = (await recipientsOfTeam(tx, at)).filter((row) => row.userId === userId);
	const [person] = await peopleOf(deps, tx, { recipients, botId: '', seq: 0 });
	const isStanding = question?.askedBy === event.byId && person?.status === 'offline';
	if (!colleague || !person || !isStanding) {
		await suppressRest(tx, eventId, { rule: 'no longer waiting' satisfies Rule, at });
		return null;
	}
	if (event.decidedAt === null) {
		const occasion = { kind: 'assigned', at, assigneeId: null, isSettled: false } as const;
		const rows = decide(occasion, [{ ...person, hasAccess: true }]).map((decision) => {
			const id = deps.newId();
			const isSent = decision.action !== 'suppress';
			return { ...decision, id, ackDigest: isSent ? digestOf(deps.tokens.ackTokenOf(id)) : null };
		});
		await insertDeliveries(tx, { eventId, at }, rows);
		await markDecided(tx, eventId, at);
	}
	return {
		event,
		colleagueName: colleagueName(colleague),
		until: await clockOf(tx, question.until),
		privacyOf: await privacies(tx, recipients)
	};
}

/** As the team's clocks show it. */
async function clockOf(tx: TeamTx, until: number | null): Promise<string | null> {
	const hours = until === null ? undefined : await findHours(tx);
	if (until === null || !hours) return null;
	const { timeZone } = hours;
	return new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone }).format(until);
}

async function attempt(
	deps: NotifyDeps,
	{
		teamId,
		asked,
		delivery,
		subscription
	}: {
		teamId: string;
		asked: Asked;
		delivery: ClaimedDelivery;
		subscription: SubscriptionRow | undefined;
	}
) {
	const { id, userId, attempts, unanswered } = delivery;
	const deadline = asked.event.at + WORTH_MS;
	const unsent = { status: null, isAnswered: true, at: deps.now() };
	if (subscription?.state !== 'live')
		return { ...unsent, state: 'gone', reason: 'the registration has ended' } as const;
	if (deps.now() >= deadline)
		return { ...unsent, state: 'expired', reason: 'it is too late to ring' } as const;
	if (unanswered > 1)
		return { ...unsent, state: 'failed', reason: 'an earlier attempt may have arrived' } as const;
	const { colleagueName, until } = asked;
	const result = await deps.send({
		subscription,
		payload: () =>
			composeAsk({
				...{ teamId, userId, colleagueName, until, isNew: unanswered === 1 },
				deliveryId: id,
				ackToken: deps.tokens.ackTokenOf(id),
				publicOrigin: deps.publicOrigin,
				privacy: asked.privacyOf(userId)
			}),
		deadline,
		attempts,
		unanswered
	});
	return noteResult(deps, subscription, result);
}
