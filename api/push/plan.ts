import { setImmediate } from 'node:timers/promises';
import { lesserPrivacy, type Privacy } from '#contract/notifications.ts';
import { DEFAULT_PREFERENCES } from '#contract/push.ts';
import type { PresenceReader } from '../domain/context.ts';
import { DEFAULT_SETTINGS, DEFAULT_TEAM_SETTINGS } from '../domain/notification/preferences.ts';
import { waitingIn } from '../domain/notification/waiting.ts';
import { canSeeBot, type MemberAccess, permissionsOf } from '../domain/team/access.ts';
import { PRESENCE_SETTINGS } from '../presence/settings.ts';
import type { TeamTx } from '../store/db.ts';
import { currentStep, markStep } from '../store/ladder.ts';
import {
	type DeliveryInput,
	insertDeliveries,
	peopleLeft,
	releaseHeld,
	suppressRead,
	suppressRest
} from '../store/notification-delivery.ts';
import {
	lockNotificationEvent,
	markDecided,
	type NotificationEventRow
} from '../store/notification-event.ts';
import { findTeamSettings } from '../store/notification-team-settings.ts';
import {
	findSubject,
	type RecipientRow,
	recipientsOfTeam,
	type SubjectRow
} from '../store/recipient.ts';
import { sightingsOf, watchingDevices } from '../store/sighting.ts';
import {
	CONFIRM_MS,
	type Decision,
	decide,
	isOnlineReached,
	type Occasion,
	type Person,
	type Rule,
	releasedRule,
	withdrawn
} from './decide.ts';
import { digestOf, type PushTokens } from './secrets.ts';

/** A page proves that it is in front with every beat; one that has missed a beat may be there no longer. */
const WATCHING_MS = 45_000;
/**
 * One that has said goodbye may be loading anew: so long the next one may take to come and show the alert. Presence,
 * which holds nobody up, waits longer.
 */
const RELOAD_MS = 3_000;

/** A ladder that stands on its first step for longer has lost its way: then nobody waits for it. */
const FIRST_MS = 15 * 60_000;

export interface PlanDeps {
	now(): number;
	newId(): string;
	presence: PresenceReader;
	tokens: PushTokens;
}

/** What is to be sent about an event, as things stand now. */
export interface Plan {
	teamId: string;
	event: NotificationEventRow;
	subject: SubjectRow;
	/** Who is still to be told. */
	userIds: readonly string[];
	/** Conversations of the team that wait for the person's answer: nobody's, and their own. */
	waitingOf(userId: string): number;
	/** What the person's lock screens may show. */
	privacyOf(userId: string): Privacy;
}

/**
 * Decides once who is told about the event and writes the ledger; a repeated job finds that done and settles
 * what was held. Null where there is nothing (any more) to send.
 */
export async function planEvent(deps: PlanDeps, tx: TeamTx, eventId: string): Promise<Plan | null> {
	const event = await lockNotificationEvent(tx, eventId);
	const subject = event && (await findSubject(tx, event));
	if (!event || !subject) return null;
	const at = deps.now();
	const isSettled = isSettledNow(event, subject);
	const { conversationId } = event;
	const recipients = await recipientsOfTeam(tx, at, conversationId);
	if (event.decidedAt === null)
		await decideNow(deps, tx, { event, subject, isSettled, recipients });
	else if (isSettled)
		await suppressRest(tx, eventId, { rule: 'no longer waiting' satisfies Rule, at });
	else await settleHeld(deps, tx, { event, subject, recipients, at });
	if (isSettled) return null;
	return {
		teamId: tx.teamId,
		userIds: await peopleLeft(tx, eventId),
		event,
		subject,
		waitingOf: await countsOf(tx, recipients),
		privacyOf: await privacies(tx, recipients)
	};
}

/** An escalation waits for its first answer; a message for anything but the chat's end. */
const isSettledNow = ({ kind }: NotificationEventRow, { state }: SubjectRow): boolean =>
	kind === 'escalation' || kind === 'unanswered'
		? state !== 'pending'
		: kind !== 'mention' && (state === 'resolved' || state === 'bot');

async function settleHeld(
	deps: PlanDeps,
	tx: TeamTx,
	about: {
		event: NotificationEventRow;
		subject: SubjectRow;
		recipients: readonly RecipientRow[];
		at: number;
	}
): Promise<void> {
	const { event, subject, recipients, at } = about;
	const { id, kind } = event;
	// Before its end a snooze stands, whatever has changed by then.
	const dueAt = event.dueAt !== null && event.dueAt <= at ? event.dueAt : null;
	const occasion: Occasion = {
		...{ ...event, dueAt },
		...{ assigneeId: subject.assigneeId, isSettled: false }
	};
	const left = await peopleLeft(tx, id);
	if (left.length === 0) return;
	const people = await peopleOf(deps, tx, { recipients, botId: subject.botId, seq: event.seq });
	for (const userId of left) {
		const rule = withdrawn(occasion, people, userId);
		if (rule) await suppressRest(tx, id, { rule, at, userId });
	}
	if (kind !== 'escalation' && kind !== 'unanswered')
		await suppressRead(tx, event, { rule: 'read meanwhile' satisfies Rule, at });
	await releaseHeld(tx, id, { at, rules: releasedRule(kind) });
}

async function countsOf(
	tx: TeamTx,
	recipients: readonly RecipientRow[]
): Promise<Plan['waitingOf']> {
	const waitingFor = await waitingIn(tx);
	const access = new Map(recipients.map((row) => [row.userId, accessOf(row)]));
	return (userId) => {
		const member = access.get(userId);
		return member ? waitingFor(member) : 0;
	};
}

export async function privacies(
	tx: TeamTx,
	recipients: readonly RecipientRow[]
): Promise<Plan['privacyOf']> {
	const { maxPrivacy } = (await findTeamSettings(tx)) ?? DEFAULT_TEAM_SETTINGS;
	const own = new Map(recipients.map(({ userId, settings }) => [userId, settings?.privacy]));
	// Who is a member no more is told nothing of the team's.
	return (userId) =>
		lesserPrivacy(own.has(userId) ? (own.get(userId) ?? 'full') : 'nothing', maxPrivacy);
}

const accessOf = (row: RecipientRow): MemberAccess => ({
	userId: row.userId,
	role: row.role,
	permissions: permissionsOf(row.role, row.customPermissions),
	botIds: row.hasAllBots ? 'all' : row.botIds
});

async function decideNow(
	deps: PlanDeps,
	tx: TeamTx,
	about: {
		event: NotificationEventRow;
		subject: SubjectRow;
		isSettled: boolean;
		recipients: RecipientRow[];
	}
): Promise<void> {
	const { event, subject, isSettled, recipients } = about;
	const { conversationId, seq } = event;
	const now = deps.now();
	const watching = await watchingDevices(tx, {
		since: now - WATCHING_MS,
		leavesAfter: now + PRESENCE_SETTINGS.leaveMs - RELOAD_MS
	});
	const window = { from: event.at, until: event.at + CONFIRM_MS };
	const sightings = await sightingsOf(tx, { conversationId, seq, ...window });
	const people = await peopleOf(deps, tx, { recipients, botId: subject.botId, seq });
	for (const person of people) {
		const of = (rows: typeof watching) =>
			rows.filter(({ userId }) => userId === person.userId).map(({ deviceId }) => deviceId);
		person.watching = of(watching);
		person.confirmed = of(sightings).filter((id) => person.watching.includes(id));
	}
	const ladder = await currentStep(tx, conversationId);
	const isFirst = ladder?.step === 'first' && now - ladder.startedAt < FIRST_MS;
	const isOnlineFirst = isFirst && event.kind !== 'unanswered' && !event.targetIds;
	const { assigneeId } = subject;
	const occasion: Occasion = { ...event, assigneeId, isSettled, isOnlineFirst };
	const rows = await withTokens(deps, decide(occasion, people));
	if (rows.length > 0) await insertDeliveries(tx, { eventId: event.id, at: now }, rows);
	await markDecided(tx, event.id, now);
	// Nobody online heard of it, so everyone has just been rung: the ladder goes on from there. A message does not ring
	// everyone, and says nothing of who was rung before.
	const isFirstRing = isOnlineFirst && event.kind === 'escalation' && !isSettled;
	if (isFirstRing && !isOnlineReached(occasion, people)) {
		const detail =
			'No agent who is online could be rung, so everyone who allows it was rung at once.';
		await markStep(tx, ladder.id, { to: 'everyone', at: now, detail, isRing: false });
	}
}

/** So many at once; the tokens of a thousand devices take longer than others should wait. */
const AT_ONCE = 100;

/** Gives each decision an id, and what is sent the digest of its token. */
export async function withTokens(
	{ newId, tokens }: Pick<PlanDeps, 'newId' | 'tokens'>,
	decisions: readonly Decision[]
): Promise<DeliveryInput[]> {
	const rows: DeliveryInput[] = [];
	for (const decision of decisions) {
		if (rows.length % AT_ONCE === AT_ONCE - 1) await setImmediate();
		const id = newId();
		const isSent = decision.action !== 'suppress';
		rows.push({ ...decision, id, ackDigest: isSent ? digestOf(tokens.ackTokenOf(id)) : null });
	}
	return rows;
}

/** The team's members as they stand now; who watches what is left open. */
export async function peopleOf(
	{ presence }: Pick<PlanDeps, 'presence'>,
	tx: TeamTx,
	{ recipients, botId, seq }: { recipients: readonly RecipientRow[]; botId: string; seq: number }
): Promise<(Person & { watching: string[]; confirmed: string[] })[]> {
	const presences = await presence.ofTeam(tx);
	return recipients.map((row) => {
		const access = accessOf(row);
		const known = presences.get(row.userId);
		return {
			userId: row.userId,
			hasAccess: canSeeBot(access, botId),
			isAgent: access.permissions.has('chat.handle'),
			status: known?.status ?? 'offline',
			cause: known?.cause ?? null,
			preferences: row.preferences ?? DEFAULT_PREFERENCES,
			settings: row.settings ?? DEFAULT_SETTINGS,
			devices: row.devices,
			watching: [],
			confirmed: [],
			hasRead: row.readSeq >= seq && seq > 0,
			snoozedUntil: row.snoozedUntil
		};
	});
}
