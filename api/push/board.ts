import type { BoardRow, PushAlarm } from '#contract/notifications.ts';
import type { AgentCtx } from '../domain/context.ts';
import { healthOf } from '../domain/notification/health.ts';
import { requireMember, requirePermission } from '../domain/team/access.ts';
import { colleagueName } from '../domain/team/name.ts';
import { membersOfTeam } from '../store/member.ts';
import { listAlarms } from '../store/push-alarm.ts';
import { type DeviceRow, devicesOf } from '../store/push-subscription.ts';
import { recipientsOfTeam } from '../store/recipient.ts';
import { decide, type Person } from './decide.ts';
import { peopleOf } from './plan.ts';

/** Who of the team can be rung now, on what, and what was last proved. */
export async function readBoard(
	ctx: AgentCtx,
	{ teamId }: { teamId: string }
): Promise<{ rows: BoardRow[]; alarms: PushAlarm[] }> {
	const now = ctx.now();
	const { people, names } = await ctx.db.team(teamId, async (tx) => {
		requirePermission(await requireMember(tx, ctx.actor.userId), 'team.manage');
		const recipients = await recipientsOfTeam(tx, now);
		const members = await membersOfTeam(tx);
		const about = { recipients, botId: '', seq: 0 };
		return {
			people: (await peopleOf(ctx, tx, about)).filter(({ isAgent }) => isAgent),
			names: new Map(members.map((member) => [member.userId, colleagueName(member)]))
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
	return { rows, alarms: await listAlarms(ctx.db.person) };
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
		silentSince: device.silentSince
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
