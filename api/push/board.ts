import type { BoardRow, PushAlarm } from '#contract/notifications.ts';
import type { AgentCtx } from '../domain/context.ts';
import { expiryOf } from '../domain/notification/expiry.ts';
import { healthOf } from '../domain/notification/health.ts';
import { requireMember, requirePermission } from '../domain/team/access.ts';
import { colleagueName } from '../domain/team/name.ts';
import type { TeamTx } from '../store/db.ts';
import { membersOfTeam } from '../store/member.ts';
import { findTeamSettings } from '../store/notification-team-settings.ts';
import { listAlarms } from '../store/push-alarm.ts';
import { type DeviceRow, devicesOf } from '../store/push-subscription.ts';
import { type RecipientRow, recipientsOfTeam } from '../store/recipient.ts';
import { failingWebhook } from '../store/webhook-call.ts';
import { decide, type Person, type Rule } from './decide.ts';
import { peopleOf } from './plan.ts';

/** Why nobody would be rung, where that is not one of the ledger's rules. */
type Reason = Rule | 'no bot' | 'push service refuses' | 'silent';

/** Who of the team can be rung now, on what, and what was last proved. */
export async function readBoard(
	ctx: AgentCtx,
	{ teamId }: { teamId: string }
): Promise<{ rows: BoardRow[]; alarms: PushAlarm[] }> {
	const now = ctx.now();
	const { people, names, webhook } = await ctx.db.team(teamId, async (tx) => {
		requirePermission(await requireMember(tx, ctx.actor.userId), 'team.manage');
		const recipients = await recipientsOfTeam(tx, now);
		const members = await membersOfTeam(tx);
		const withBots = new Set(recipients.filter(hasBot).map(({ userId }) => userId));
		const people = await peopleOf(ctx, tx, { recipients, botId: '', seq: 0 });
		return {
			people: people
				.filter(({ isAgent }) => isAgent)
				.map((person) => ({ ...person, hasAccess: withBots.has(person.userId) })),
			names: new Map(members.map((member) => [member.userId, colleagueName(member)])),
			webhook: await alarmOfWebhook(tx)
		};
	});
	const ids = people.map(({ userId }) => userId);
	const devices = Map.groupBy(await devicesOf(ctx.db.person, ids, now), (row) => row.userId);
	const alarms = await listAlarms(ctx.db.person);
	const refusing = new Set(alarms.map(({ service }) => service));
	const rows = people.map((person) =>
		rowOf(person, {
			name: names.get(person.userId) ?? '',
			devices: devices.get(person.userId) ?? [],
			refusing,
			now
		})
	);
	return { rows, alarms: [...alarms, ...webhook] };
}

const hasBot = ({ hasAllBots, botIds }: RecipientRow): boolean => hasAllBots || botIds.length > 0;

/** That the webhook does not take what it is told; it concerns this team alone. */
async function alarmOfWebhook(tx: TeamTx): Promise<PushAlarm[]> {
	const { webhookUrl } = (await findTeamSettings(tx)) ?? {};
	const failing = webhookUrl ? await failingWebhook(tx, webhookUrl) : undefined;
	if (!webhookUrl || !failing) return [];
	const { problem, since, lastAt } = failing;
	const service = `The webhook at ${new URL(webhookUrl).host}`;
	return [{ service, what: problem, reason: null, since, lastAt }];
}

interface Known {
	name: string;
	devices: readonly DeviceRow[];
	/** Hosts of push services that refuse this server. */
	refusing: ReadonlySet<string>;
	now: number;
}

function deviceOf(
	device: DeviceRow,
	{ refusing, now }: Pick<Known, 'refusing' | 'now'>
): BoardRow['devices'][number] {
	const health = healthOf(device, now);
	const { endpoint, state } = device;
	const host = state === 'live' && endpoint !== null ? new URL(endpoint).host : '';
	return {
		id: device.id,
		name: device.name,
		health,
		isSignedOut: device.isSignedOut,
		isRefused: refusing.has(host),
		lastSeenAt: device.lastSeenAt,
		lastShownAt: device.lastShownAt,
		lastShownLatencyMs: device.lastShownLatencyMs,
		lastOpenedAt: device.lastOpenedAt,
		lastRungAt: device.lastRungAt,
		silentSince: health === 'silent' ? missedSince(device) : null,
		expiry: expiryOf(device, now)
	};
}

/** From when on it was there and showed nothing; when it was seen is forgotten in time, the verdict is not. */
const missedSince = ({ unconfirmedFrom, silentSince }: DeviceRow): number | null =>
	unconfirmedFrom.length > 0 ? Math.min(...unconfirmedFrom) : silentSince;

/** As if a visitor asked for a person at this moment, for a bot that the person may answer. */
function rowOf(person: Person, { name, devices, refusing, now }: Known): BoardRow {
	const occasion = { kind: 'escalation', at: now, assigneeId: null, isSettled: false } as const;
	const decisions = decide(occasion, [person]);
	const shown = devices.map((device) => deviceOf(device, { refusing, now }));
	const idsOf = (rows: BoardRow['devices']) => new Set<string | null>(rows.map(({ id }) => id));
	const silent = idsOf(shown.filter(({ health }) => health === 'silent'));
	const refused = idsOf(shown.filter(({ isRefused }) => isRefused));
	const sent = decisions.filter(({ action, deviceId }) => action === 'send' && deviceId !== null);
	const rung = sent.find(({ deviceId }) => !silent.has(deviceId) && !refused.has(deviceId));
	const whyNot = (): Reason => {
		if (!person.hasAccess) return 'no bot';
		if (sent.some(({ deviceId }) => refused.has(deviceId))) return 'push service refuses';
		return sent.length > 0 ? 'silent' : (decisions[0]?.rule ?? 'no device');
	};
	return {
		userId: person.userId,
		name,
		status: person.status,
		canBeRung: rung !== undefined,
		reason: rung?.rule ?? whyNot(),
		devices: shown
	};
}
