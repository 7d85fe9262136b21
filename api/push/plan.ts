import type { PresenceReader } from '../domain/context.ts';
import { DEFAULT_PREFERENCES } from '../domain/notification/preferences.ts';
import { canSeeBot, type MemberAccess, permissionsOf } from '../domain/team/access.ts';
import type { TeamTx } from '../store/db.ts';
import { insertDeliveries, suppressRest } from '../store/notification-delivery.ts';
import {
	lockNotificationEvent,
	markDecided,
	type NotificationEventRow
} from '../store/notification-event.ts';
import {
	countWaiting,
	findSubject,
	type RecipientRow,
	recipientsOfTeam,
	type SubjectRow
} from '../store/recipient.ts';
import { decide, type Person, type Rule } from './decide.ts';
import { digestOf, type PushTokens } from './secrets.ts';

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
}

/**
 * Decides once who is told about the event and writes the ledger; a repeated job finds that done.
 * Null where there is nothing (any more) to send.
 */
export async function planEvent(deps: PlanDeps, tx: TeamTx, eventId: string): Promise<Plan | null> {
	const event = await lockNotificationEvent(tx, eventId);
	const subject = event && (await findSubject(tx, event));
	if (!event || !subject) return null;
	const isSettled = isSettledNow(event, subject);
	const recipients = await recipientsOfTeam(tx, deps.now());
	if (event.decidedAt === null)
		await decideNow(deps, tx, { event, subject, isSettled, recipients });
	else if (isSettled) await suppressRest(tx, eventId, 'no longer waiting' satisfies Rule);
	if (isSettled) return null;
	const waiting = await countWaiting(tx);
	const access = new Map(recipients.map((row) => [row.userId, accessOf(row)]));
	return {
		teamId: tx.teamId,
		event,
		subject,
		waitingOf(userId) {
			const member = access.get(userId);
			let count = 0;
			for (const [botId, n] of waiting) if (member && canSeeBot(member, botId)) count += n;
			return count;
		}
	};
}

/** An escalation waits for its first answer; a message for anything but the chat's end. */
const isSettledNow = ({ kind }: NotificationEventRow, { state }: SubjectRow): boolean =>
	kind === 'escalation' ? state !== 'pending' : state === 'resolved' || state === 'bot';

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
	const presences = await deps.presence.ofTeam(tx);
	const people = recipients.map((row): Person => {
		const access = accessOf(row);
		const presence = presences.get(row.userId);
		return {
			userId: row.userId,
			hasAccess: canSeeBot(access, subject.botId),
			isAgent: access.permissions.has('chat.handle'),
			status: presence?.status ?? 'offline',
			cause: presence?.cause ?? null,
			preferences: row.preferences ?? DEFAULT_PREFERENCES,
			devices: row.devices
		};
	});
	const { assigneeId } = subject;
	const decisions = decide({ kind: event.kind, at: event.at, assigneeId, isSettled }, people);
	const rows = decisions.map((decision) => {
		const id = deps.newId();
		const isSent = decision.action === 'send';
		return { ...decision, id, ackDigest: isSent ? digestOf(deps.tokens.ackTokenOf(id)) : null };
	});
	const at = deps.now();
	if (rows.length > 0) await insertDeliveries(tx, { eventId: event.id, at }, rows);
	await markDecided(tx, event.id, at);
}
