import { setImmediate } from 'node:timers/promises';
import type { Privacy } from '#contract/notifications.ts';
import type { PresenceReader } from '../domain/context.ts';
import {
	DEFAULT_PREFERENCES,
	DEFAULT_SETTINGS,
	DEFAULT_TEAM_SETTINGS
} from '../domain/notification/preferences.ts';
import { canSeeBot, type MemberAccess, permissionsOf } from '../domain/team/access.ts';
import type { TeamTx } from '../store/db.ts';
import { currentStep, markStep } from '../store/ladder.ts';
import {
	type DeliveryInput,
	insertDeliveries,
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
	countWaiting,
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
	releasedRule
} from './decide.ts';
import { digestOf, type PushTokens } from './secrets.ts';

/** A page proves that it is in front with every beat; one that has missed a beat may be there no longer. */
const WATCHING_MS = 45_000;

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
	/** Conversations that wait for a person. */
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
	else await settleHeld(tx, event, at);
	if (isSettled) return null;
	return {
		teamId: tx.teamId,
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

async function settleHeld(tx: TeamTx, event: NotificationEventRow, at: number): Promise<void> {
	const { id, kind } = event;
	if (kind !== 'escalation' && kind !== 'unanswered')
		await suppressRead(tx, event, { rule: 'read meanwhile' satisfies Rule, at });
	await releaseHeld(tx, id, { at, rules: releasedRule(kind) });
}

async function countsOf(
	tx: TeamTx,
	recipients: readonly RecipientRow[]
): Promise<Plan['waitingOf']> {
	const waiting = await countWaiting(tx);
	const access = new Map(recipients.map((row) => [row.userId, accessOf(row)]));
	return (userId) => {
		const member = access.get(userId);
		let count = 0;
		for (const [botId, n] of waiting) if (member && canSeeBot(member, botId)) count += n;
		return count;
	};
}

const SHOWS_LESS: readonly Privacy[] = ['full', 'name', 'nothing'];

/** Of what the person and the team allow, that which shows less. */
const lesser = (a: Privacy, b: Privacy): Privacy =>
	SHOWS_LESS.indexOf(a) > SHOWS_LESS.indexOf(b) ? a : b;

export async function privacies(
	tx: TeamTx,
	recipients: readonly RecipientRow[]
): Promise<Plan['privacyOf']> {
	const { maxPrivacy } = (await findTeamSettings(tx)) ?? DEFAULT_TEAM_SETTINGS;
	const own = new Map(recipients.map(({ userId, settings }) => [userId, settings?.privacy]));
	return (userId) => lesser(own.get(userId) ?? 'full', maxPrivacy);
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
	const watching = await watchingDevices(tx, { since: now - WATCHING_MS, now });
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
	// Nobody online heard of it, so everyone has just been rung: the ladder goes on from there.
	if (isOnlineFirst && !isSettled && !isOnlineReached(occasion, people)) {
		const detail = 'No agent was online, so everyone who allows it was rung at once.';
		await markStep(tx, ladder.id, { to: 'everyone', at: now, detail });
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
