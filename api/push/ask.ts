import { closesAt } from '#contract/business-hours.ts';
import { colleagueName as colleagueNameOf } from '../domain/team/name.ts';
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
import { findTeam } from '../store/team.ts';
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
	colleagueName: string | null;
	teamName: string;
	until: string | null;
	privacyOf: Awaited<ReturnType<typeof privacies>>;
}

/**
 * The job `ask`: a colleague who goes offline asks somebody to take over, or nobody is there and admins are asked. It
 * rings where an assigned chat would, by each person's own settings; decided once, sent once a device, and over as
 * soon as it is answered.
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
	const team = await findTeam(tx);
	if (!event || !team) return null;
	const at = deps.now();
	const targets = event.targetIds ?? [];
	const all = await recipientsOfTeam(tx, at);
	const recipients = all.filter(({ userId }) => targets.includes(userId));
	const people = await peopleOf(deps, tx, { recipients, botId: '', seq: 0 });
	const question = await questionOf(tx, event, team.uncoveredSince !== null);
	if (!question || people.some(({ status }) => status !== 'offline')) {
		await suppressRest(tx, eventId, { rule: 'no longer waiting' satisfies Rule, at });
		return null;
	}
	if (event.decidedAt === null) {
		const occasion = { kind: 'assigned', at, assigneeId: null, isSettled: false } as const;
		const asked = people.map((person) => ({ ...person, hasAccess: true }));
		const rows = decide(occasion, asked).map((decision) => {
			const id = deps.newId();
			const isSent = decision.action !== 'suppress';
			return { ...decision, id, ackDigest: isSent ? digestOf(deps.tokens.ackTokenOf(id)) : null };
		});
		await insertDeliveries(tx, { eventId, at }, rows);
		await markDecided(tx, eventId, at);
	}
	const { colleagueName, until } = question;
	const privacyOf = await privacies(tx, recipients);
	return { event, colleagueName, teamName: team.name, until: await clockOf(tx, until), privacyOf };
}

/** Who asks, and until when it matters; null: it is answered. */
async function questionOf(
	tx: TeamTx,
	{ byId, targetIds, at }: NotificationEventRow,
	isUncovered: boolean
): Promise<{ colleagueName: string | null; until: number | null } | null> {
	if (byId === null) {
		const hours = isUncovered ? await findHours(tx) : undefined;
		return hours ? { colleagueName: null, until: closesAt(hours, at) } : null;
	}
	const colleague = await findMember(tx, byId);
	const asked = (await takeOversOf(tx)).find(({ userId }) => targetIds?.includes(userId));
	if (!colleague || asked?.askedBy !== byId) return null;
	return { colleagueName: colleagueNameOf(colleague), until: asked.until };
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
	const { colleagueName, teamName, until } = asked;
	const result = await deps.send({
		subscription,
		payload: () =>
			composeAsk({
				...{ teamId, userId, colleagueName, teamName, until, isNew: unanswered === 1 },
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
