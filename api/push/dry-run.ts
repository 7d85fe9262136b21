import type { AssumedPresence, DryRunResponse, DryRunRow } from '#contract/notifications.ts';
import { requireBot } from '../domain/bot/require.ts';
import type { AgentCtx } from '../domain/context.ts';
import { adminsOf } from '../domain/notification/admins.ts';
import { stepAfterMs } from '../domain/notification/climb.ts';
import { settingsHere, type WebhookRules } from '../domain/notification/team-settings.ts';
import { colleagueName } from '../domain/team/name.ts';
import type { TeamTx } from '../store/db.ts';
import type { LadderStep } from '../store/ladder.ts';
import { membersOfTeam } from '../store/member.ts';
import { devicesOf } from '../store/push-subscription.ts';
import { recipientsOfTeam } from '../store/recipient.ts';
import { type Decision, decide, isOnlineReached, type Occasion, type Person } from './decide.ts';
import { peopleOf } from './plan.ts';

interface Names {
	of(userId: string): string;
	ofDevice(deviceId: string): string | null;
}

/** A moment this near is now. */
const NOW_MS = 60_000;

/**
 * Who would be rung, on what and when, if a chat for the bot came at `at` (now without it): by the code that decides,
 * quiet hours as they are then, devices and settings as they are now. Who is there then nobody knows, so that is
 * assumed, and the answer says how. Nothing is sent or written.
 */
export function dryRun(
	ctx: AgentCtx,
	{
		teamId,
		botId,
		isMailServerSet,
		webhooks,
		at = ctx.now(),
		presence = Math.abs(at - ctx.now()) < NOW_MS ? 'now' : 'offline'
	}: {
		teamId: string;
		botId: string;
		isMailServerSet: boolean;
		webhooks: WebhookRules;
		at?: number | undefined;
		presence?: AssumedPresence | undefined;
	}
): Promise<DryRunResponse> {
	return ctx.db.team(teamId, async (tx) => {
		const settings = await settingsHere({ ...ctx, tx }, webhooks);
		await requireBot(tx, botId);
		const recipients = await recipientsOfTeam(tx, ctx.now());
		const members = await peopleOf(ctx, tx, { recipients, botId, seq: 0 });
		const people = presence === 'now' ? members : members.map(offline);
		const names = await namesOf(ctx, tx, people);
		const ring = (step: LadderStep, kind: Occasion['kind']): DryRunRow[] => {
			const afterMs = stepAfterMs(settings, step);
			const occasion = { ...nobody, kind, at: at + afterMs, isOnlineFirst: settings.isLadderOn };
			const isFirst = { isOnlineFirst: settings.isLadderOn && step === 'first' };
			return decide({ ...occasion, ...isFirst }, people).map((decision) =>
				rowOf(decision, { step, atS: afterMs / 1000, names })
			);
		};
		const rows = ring('first', 'escalation');
		if (!settings.isLadderOn) return { at, presence, rows };
		// With nobody online everyone was rung at once.
		if (isOnlineReached({ ...nobody, kind: 'escalation', at }, people))
			rows.push(...ring('everyone', 'unanswered'));
		rows.push(...ring('admins', 'unanswered'));
		const last = { step: 'admins' as const, atS: settings.adminsAfterS, deviceName: null };
		const { tellBy, isSecretUnreadable = false } = settings;
		if (tellBy === 'webhook') {
			const rule = isSecretUnreadable ? 'webhook: its secret cannot be read' : 'webhook';
			rows.push({ ...last, userId: null, name: 'The webhook', isRung: !isSecretUnreadable, rule });
		}
		// Mail takes the place of a webhook that fails.
		if (tellBy === 'email' || (tellBy === 'webhook' && isSecretUnreadable))
			for (const admin of await adminsOf(tx))
				rows.push({
					...last,
					userId: admin.userId,
					name: colleagueName(admin),
					isRung: isMailServerSet,
					rule: `email to admins${isMailServerSet ? '' : ': no mail server is set'}`
				});
		return { at, presence, rows };
	});
}

/** Phones in pockets: offline by expiry, but for who has said so by hand, which holds until they say otherwise. */
const offline = (person: Person): Person => ({
	...person,
	status: 'offline',
	cause: person.status === 'offline' ? person.cause : 'heartbeat lost'
});

const nobody = { assigneeId: null, isSettled: false };

async function namesOf(ctx: AgentCtx, tx: TeamTx, people: readonly Person[]): Promise<Names> {
	const members = await membersOfTeam(tx);
	const ids = people.map(({ userId }) => userId);
	const devices = await devicesOf(ctx.db.person, ids, ctx.now());
	const ofPeople = new Map(members.map((member) => [member.userId, colleagueName(member)]));
	const ofDevices = new Map(devices.map(({ id, name }) => [id, name]));
	return {
		of: (userId) => ofPeople.get(userId) ?? '',
		ofDevice: (deviceId) => ofDevices.get(deviceId) ?? null
	};
}

const rowOf = (
	{ userId, deviceId, action, rule }: Decision,
	{ step, atS, names }: { step: LadderStep; atS: number; names: Names }
): DryRunRow => ({
	step,
	atS,
	userId,
	name: names.of(userId),
	deviceName: deviceId && names.ofDevice(deviceId),
	isRung: action !== 'suppress',
	rule
});
