import { closesAt } from '#contract/business-hours.ts';
import type { BusinessHours } from '#contract/coverage.ts';
import { colleagueName as colleagueNameOf } from '../domain/team/name.ts';
import { findHours } from '../store/coverage.ts';
import type { TeamTx } from '../store/db.ts';
import { findMember } from '../store/member.ts';
import {
	type Claim,
	type ClaimedDelivery,
	claimDeliveries,
	insertDeliveries,
	suppressRest
} from '../store/notification-delivery.ts';
import {
	lockNotificationEvent,
	markDecided,
	type NotificationEventRow
} from '../store/notification-event.ts';
import { recipientsOfTeam } from '../store/recipient.ts';
import { takeOversOf } from '../store/take-over.ts';
import { findTeam } from '../store/team.ts';
import { composeAsk } from './compose.ts';
import { decide, type Rule } from './decide.ts';
import type { NotifyDeps } from './notify.ts';
import { peopleOf, privacies, withTokens } from './plan.ts';
import { queueRest, sendDue } from './send-due.ts';

/** Later nobody waits for the answer any more. */
const WORTH_MS = 15 * 60_000;

/** What is to be sent about the question, as things stand now. */
interface Asked {
	/** When it was asked, milliseconds since 1970. */
	at: number;
	colleagueName: string | null;
	teamName: string;
	until: string | null;
	privacyOf: Awaited<ReturnType<typeof privacies>>;
}

/**
 * The job `ask`: a colleague who goes offline asks somebody to take over, or nobody is there and admins are asked. It
 * rings where an assigned chat would, by each person's own settings; decided once, and over as soon as it is answered.
 */
export async function ask(
	deps: NotifyDeps,
	{ teamId, eventId }: { teamId: string; eventId: string }
): Promise<void> {
	const asked = await deps.db.team(teamId, (tx) => planAsk(deps, tx, eventId));
	if (!asked) return void (await queueRest(deps, { job: 'ask', teamId, eventId }));
	const { at, privacyOf, ...question } = asked;
	const message = {
		...{ teamId, eventId, deadline: at + WORTH_MS },
		payload: ({ id, userId }: ClaimedDelivery, { isNew }: { isNew: boolean }) =>
			composeAsk({
				...{ teamId, userId, ...question, isNew },
				deliveryId: id,
				ackToken: deps.tokens.ackTokenOf(id),
				publicOrigin: deps.publicOrigin,
				privacy: privacyOf(userId)
			})
	};
	const take = (tx: TeamTx, claim: Claim) => claimDeliveries(tx, eventId, claim);
	await sendDue(deps, message, { job: 'ask', take });
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
	const hours = await findHours(tx);
	const question = await questionOf(tx, event, team.uncoveredSince === null ? undefined : hours);
	if (!question || people.some(({ status }) => status !== 'offline')) {
		if (event.decidedAt === null) await markDecided(tx, eventId, at);
		await suppressRest(tx, eventId, { rule: 'no longer waiting' satisfies Rule, at });
		return null;
	}
	if (event.decidedAt === null) {
		const occasion = { kind: 'assigned', at, assigneeId: null, isSettled: false } as const;
		const asked = people.map((person) => ({ ...person, hasAccess: true }));
		const rows = await withTokens(deps, decide(occasion, asked));
		await insertDeliveries(tx, { eventId, at }, rows);
		await markDecided(tx, eventId, at);
	}
	const { colleagueName, until } = question;
	const privacyOf = await privacies(tx, recipients);
	const clock = until === null || !hours ? null : clockOf(hours, until);
	return { at: event.at, colleagueName, teamName: team.name, until: clock, privacyOf };
}

/** Who asks, and until when it matters; null: it is answered. `uncovered`: the hours, where nobody is there in them. */
async function questionOf(
	tx: TeamTx,
	{ byId, targetIds, at }: NotificationEventRow,
	uncovered: BusinessHours | undefined
): Promise<{ colleagueName: string | null; until: number | null } | null> {
	if (byId === null)
		return uncovered ? { colleagueName: null, until: closesAt(uncovered, at) } : null;
	const colleague = await findMember(tx, byId);
	const asked = (await takeOversOf(tx)).find(({ userId }) => targetIds?.includes(userId));
	if (!colleague || asked?.askedBy !== byId) return null;
	return { colleagueName: colleagueNameOf(colleague), until: asked.until };
}

/** As the team's clocks show it. */
const clockOf = ({ timeZone }: BusinessHours, at: number): string =>
	new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone }).format(at);
