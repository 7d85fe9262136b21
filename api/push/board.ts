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
import { recipientsOfTeam } from '../store/recipient.ts';
import { failingWebhook } from '../store/webhook-call.ts';
import { decide, type Person } from './decide.ts';
import { peopleOf } from './plan.ts';

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
		const about = { recipients, botId: '', seq: 0 };
		return {
			people: (await peopleOf(ctx, tx, about)).filter(({ isAgent }) => isAgent),
			names: new Map(members.map((member) => [member.userId, colleagueName(member)])),
			webhook: await alarmOfWebhook(tx)
		};
	});
	const ids = people.map(({ userId }) => userId);
	const devices = Map.groupBy(await devicesOf(ctx.db.person, ids, now), (row) => row.userId);
	const rows = people.map((person) =>
		rowOf(person, {
			name: names.get(person.userId) ?? '',
			devices: devices.get(person.userId) ?? [],
			now
		})
	);
	return { rows, alarms: [...(await listAlarms(ctx.db.person)), ...webhook] };
}

/** That the webhook does not take what it is told; it concerns this team alone. */
async function alarmOfWebhook(tx: TeamTx): Promise<PushAlarm[]> {
	const { webhookUrl } = (await findTeamSettings(tx)) ?? {};
	const failing = webhookUrl ? await failingWebhook(tx, webhookUrl) : undefined;
	if (!webhookUrl || !failing) return [];
	const { problem, since, lastAt } = failing;
	const service = `The webhook at ${new URL(webhookUrl).host}`;
	return [{ service, what: problem, reason: null, since, lastAt }];
}

/** As if a visitor asked for a person at this moment, for a bot that the person may answer. */
function rowOf(
	person: Person,
	{ name, devices, now }: { name: string; devices: readonly DeviceRow[]; now: number }
): BoardRow {
	const occasion = { kind: 'escalation', at: now, assigneeId: null, isSettled: false } as const;
	const decisions = decide(occasion, [{ ...person, hasAccess: true }]);
	const shown = devices.map((device) => ({
		id: device.id,
		name: device.name,
		health: healthOf(device, now),
		isSignedOut: device.isSignedOut,
		lastSeenAt: device.lastSeenAt,
		lastShownAt: device.lastShownAt,
		lastShownLatencyMs: device.lastShownLatencyMs,
		silentSince: device.silentSince,
		expiry: expiryOf(device, now)
	}));
	const silent = new Set(shown.filter(({ health }) => health === 'silent').map(({ id }) => id));
	const rung = decisions.find(
		({ action, deviceId }) => action === 'send' && deviceId !== null && !silent.has(deviceId)
	);
	return {
		userId: person.userId,
		name,
		status: person.status,
		canBeRung: rung !== undefined,
		reason: (rung ?? decisions[0])?.rule ?? 'no device',
		devices: shown
	};
}
