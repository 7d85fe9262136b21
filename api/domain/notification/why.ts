import type { WhyRow } from '#contract/notifications.ts';
import type { TeamTx } from '../../store/db.ts';
import { laddersOf } from '../../store/ladder.ts';
import { membersOfTeam } from '../../store/member.ts';
import type { TrailStep } from '../../store/notification-delivery.ts';
import { type EventTrailRow, trailsOf } from '../../store/notification-trail.ts';
import { devicesOf } from '../../store/push-subscription.ts';
import type { AgentCtx } from '../context.ts';
import { noConversation } from '../conversation/open.ts';
import { canSeeBot, requireMember, requirePermission } from '../team/access.ts';
import { colleagueName } from '../team/name.ts';

const EVENTS = 50;

/**
 * "Why did (not) my phone ring?": every decision, send, answer and sign, in order, as sentences. Who may not read
 * the team's log sees the rows about themselves.
 */
export function why(
	ctx: AgentCtx,
	input: {
		teamId: string;
		conversationId: string | null;
		eventId: string | null;
		userId: string | null;
	}
): Promise<WhyRow[]> {
	const { teamId, conversationId, eventId } = input;
	return ctx.db.team(teamId, async (tx) => {
		const access = await requireMember(tx, ctx.actor.userId);
		requirePermission(access, 'chat.view');
		if (conversationId === null && eventId === null) throw noConversation();
		const events = await trailsOf(tx, { conversationId, eventId, limit: EVENTS });
		const [first] = events;
		if (!first) return [];
		if (first.botId !== null && !canSeeBot(access, first.botId)) throw noConversation();
		const onlyOf = access.permissions.has('log.view') ? input.userId : ctx.actor.userId;
		const names = await namesOf(ctx, tx);
		const rows = events.flatMap((event) => rowsOf(event, { names, onlyOf }));
		const isOne = eventId !== null || conversationId === null;
		const ladders = isOne ? [] : await laddersOf(tx, conversationId);
		const steps = ladders.flatMap(({ trail }) =>
			trail.map(({ at, detail }) => ({ ...ofNobody, at, kind: 'ladder' as const, text: detail }))
		);
		// A sort keeps the order of what happened within one millisecond.
		return [...rows, ...steps].sort((a, b) => a.at - b.at);
	});
}

const ofNobody = { eventId: null, userId: null, deviceId: null };

interface Names {
	person(userId: string): string;
	device(deviceId: string): string;
}

async function namesOf(ctx: AgentCtx, tx: TeamTx): Promise<Names> {
	const members = await membersOfTeam(tx);
	const ids = members.map(({ userId }) => userId);
	const devices = await devicesOf(ctx.db.person, ids, ctx.now());
	const people = new Map(members.map((member) => [member.userId, colleagueName(member)]));
	const ofDevice = new Map(devices.map(({ id, name }) => [id, name]));
	return {
		person: (id) => people.get(id) ?? 'Somebody who has left',
		device: (id) => ofDevice.get(id) ?? 'a device that is no longer known'
	};
}

function rowsOf(
	event: EventTrailRow,
	{ names, onlyOf }: { names: Names; onlyOf: string | null }
): WhyRow[] {
	const eventId = event.id;
	const deliveries = event.deliveries.filter(({ userId }) => !onlyOf || userId === onlyOf);
	const steps = deliveries.flatMap(({ userId, deviceId, trail }) => {
		const who = names.person(userId) + (deviceId ? ` on ${names.device(deviceId)}` : '');
		return trail.map((step, i) => ({
			at: step.at,
			eventId,
			userId,
			deviceId,
			kind: step.what,
			text: `${who}: ${sentence(step, trail.slice(0, i))}`
		}));
	});
	const text = headline(event, names);
	return [{ ...ofNobody, at: event.at, eventId, kind: 'event', text }, ...steps];
}

function headline(event: EventTrailRow, names: Names): string {
	const who = event.visitorName?.trim() || 'The visitor';
	if (event.isSnooze) return 'Snoozed: it rings once more when the snooze is over.';
	if (event.kind === 'take_over' && !event.byId)
		return 'Nobody was online in business hours: the admins were asked to take over.';
	const by = event.byId ? names.person(event.byId) : 'Somebody';
	return {
		escalation: `${who} asked for a person.`,
		unanswered: `${who} still had no answer.`,
		message: `${who} wrote.`,
		assigned: `${by} gave the chat to a colleague.`,
		mention: `${by} mentioned a colleague in a note.`,
		take_over: `${by} asked a colleague to take over.`
	}[event.kind];
}

const VERBS: Record<string, string> = {
	send: 'is rung',
	hold: 'is held back for now',
	suppress: 'is not rung'
};

function sentence({ at, what, detail }: TrailStep, before: readonly TrailStep[]): string {
	const [action = '', ...rule] = detail.split(': ');
	const sentAt = before.findLast((step) => step.what === 'sent')?.at;
	const late =
		sentAt === undefined ? '' : ` ${((at - sentAt) / 1000).toFixed(1)} s after it was sent`;
	return {
		decided: `${VERBS[action] ?? action}: ${rule.join(': ')}.`,
		changed: `${VERBS[action] ?? action}: ${rule.join(': ')}.`,
		sent: detail === '1' ? 'the push was sent.' : `the push was sent again (attempt ${detail}).`,
		answered: `the push service: ${detail}.`,
		shown: `shown${late}.`,
		opened: 'opened.'
	}[what];
}
