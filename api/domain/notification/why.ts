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
/** A device that has shown an accepted push has said so by then, or may never. */
const UNSHOWN_AFTER_MS = 60_000;

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
		const found = await trailsOf(tx, { conversationId, eventId, limit: EVENTS + 1 });
		const events = found.slice(-EVENTS);
		const [first] = events;
		if (!first) return [];
		if (first.botId !== null && !canSeeBot(access, first.botId)) throw noConversation();
		const onlyOf = access.permissions.has('log.view') ? input.userId : ctx.actor.userId;
		const names = await namesOf(ctx, tx);
		const about = { names, onlyOf, now: ctx.now() };
		const rows = events.flatMap((event) => rowsOf(event, about));
		if (found.length > EVENTS)
			rows.unshift({ ...ofNobody, at: first.at, kind: 'event', text: MORE });
		const isOne = eventId !== null || conversationId === null;
		const ladders = isOne ? [] : await laddersOf(tx, conversationId);
		const steps = ladders.flatMap(({ trail }) =>
			trail.map(({ at, detail }) => ({ ...ofNobody, at, kind: 'ladder' as const, text: detail }))
		);
		// A sort keeps the order of what happened within one millisecond.
		return [...rows, ...steps].sort((a, b) => a.at - b.at);
	});
}

const MORE = `Only the newest ${EVENTS} events are told here.`;
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

interface About {
	names: Names;
	/** Whose rows are told; null: everybody's. */
	onlyOf: string | null;
	now: number;
}

function rowsOf(event: EventTrailRow, about: About): WhyRow[] {
	const { names, onlyOf } = about;
	const eventId = event.id;
	const deliveries = event.deliveries.filter(({ userId }) => !onlyOf || userId === onlyOf);
	const steps = deliveries.flatMap((delivery) => {
		const { userId, deviceId, trail } = delivery;
		const who = names.person(userId) + (deviceId ? ` on ${names.device(deviceId)}` : '');
		const of = { eventId, userId, deviceId };
		const told: WhyRow[] = trail.map((step, i) => ({
			...of,
			at: step.at,
			kind: step.what,
			text: `${who}: ${sentence(step, trail.slice(0, i))}`
		}));
		const at = unshownAt(delivery);
		const text = `${who}: the device has not said that it showed it.`;
		return at > about.now ? told : [...told, { ...of, at, kind: 'answered' as const, text }];
	});
	const text = headline(event, names);
	const head = { ...ofNobody, at: event.at, eventId, kind: 'event' as const, text };
	return [head, ...unconcerned(event, about), ...steps];
}

/** From when on it is told that a push which was accepted has not been shown. */
const unshownAt = ({ state, trail }: EventTrailRow['deliveries'][number]): number =>
	state === 'accepted' ? (trail.at(-1)?.at ?? 0) + UNSHOWN_AFTER_MS : Infinity;

/** Who asks and has no row, as the event was for others. */
function unconcerned(event: EventTrailRow, { names, onlyOf }: About): WhyRow[] {
	const of = new Set(event.deliveries.map(({ userId }) => userId));
	if (onlyOf === null || of.size === 0 || of.has(onlyOf)) return [];
	const [one = ''] = of;
	const whose = of.size === 1 ? `${names.person(one)} alone` : 'others';
	const rule = event.byId === onlyOf ? 'this was their own doing' : `this was for ${whose}`;
	const text = `${names.person(onlyOf)}: is not rung: ${rule}.`;
	const { id: eventId, at } = event;
	return [{ at, eventId, userId: onlyOf, deviceId: null, kind: 'decided', text }];
}

function headline(event: EventTrailRow, names: Names): string {
	const who = event.visitorName?.trim() || 'The visitor';
	if (event.isSnooze) return 'Snoozed: it rings once more when the snooze is over.';
	if (event.kind === 'take_over' && !event.byId)
		return 'Nobody was online in business hours: the admins were asked to take over.';
	if (event.kind === 'unanswered' && event.byId)
		return `${names.person(event.byId)} gave the chat back unanswered.`;
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

/** How long after it was sent a push was shown: as its device says, which may be kept and told much later. */
function lateness({ at, detail }: TrailStep, before: readonly TrailStep[]): string {
	const sentAt = before.findLast((step) => step.what === 'sent')?.at;
	if (sentAt === undefined) return '';
	const lateMs = detail === '' ? at - sentAt : Number(detail);
	return ` ${(lateMs / 1000).toFixed(1)} s after it was sent`;
}

function sentence(step: TrailStep, before: readonly TrailStep[]): string {
	const { what, detail } = step;
	const [action = '', ...rule] = detail.split(': ');
	return {
		decided: `${VERBS[action] ?? action}: ${rule.join(': ')}.`,
		changed: `${VERBS[action] ?? action}: ${rule.join(': ')}.`,
		sent: detail === '1' ? 'the push was sent.' : `the push was sent again (attempt ${detail}).`,
		answered: `the push service: ${detail}.`,
		shown: `shown${lateness(step, before)}.`,
		opened: 'opened.'
	}[what];
}
