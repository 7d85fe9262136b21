import type { DeviceHealth, DoctorRow } from '#contract/notifications.ts';
import { newestProof, type Proof, UNSHOWN_REMEDY } from '#contract/proof.ts';
import { DEFAULT_PREFERENCES } from '#contract/push.ts';
import { isQuiet } from '#contract/quiet-hours.ts';
import type { AgentCtx } from '../domain/context.ts';
import { DomainError } from '../domain/errors.ts';
import { healthOf, isAppleEndpoint, SILENT_PUSHES } from '../domain/notification/health.ts';
import { DEFAULT_SETTINGS } from '../domain/notification/preferences.ts';
import { listAlarms } from '../store/push-alarm.ts';
import { findPreferences, findSettings } from '../store/push-preference.ts';
import { type DeviceRow, devicesOf } from '../store/push-subscription.ts';
import { ago } from './ago.ts';

type Finding = Omit<DoctorRow, 'layer'>;

const ok = (evidence: string): Finding => ({ state: 'ok', evidence, remedy: null });
const broken = (evidence: string, remedy: string): Finding => ({
	state: 'broken',
	evidence,
	remedy
});
const warning = (evidence: string, remedy: string): Finding => ({
	state: 'warning',
	evidence,
	remedy
});
const unknown = (evidence: string, remedy: string | null = null): Finding => ({
	state: 'unknown',
	evidence,
	remedy
});

const REGISTER = 'Enable notifications on this device.';
const AGAIN = 'Press Re-enable notifications on this device.';

/** What the server can tell about one of the person's devices, layer by layer; the rest the browser knows. */
export async function examine(
	ctx: AgentCtx,
	server: { keyId: string; hasContact: boolean },
	{ deviceId }: { deviceId: string }
): Promise<{ health: DeviceHealth; rows: DoctorRow[] }> {
	const { userId } = ctx.actor;
	const now = ctx.now();
	const devices = await devicesOf(ctx.db.person, [userId], now);
	const device = devices.find(({ id }) => id === deviceId);
	if (!device)
		throw new DomainError('not_found', 'This device is not known here.', { remedy: REGISTER });
	const rows: DoctorRow[] = [
		{ layer: 'server record', ...record(device) },
		{ layer: 'key match', ...keyMatch(device, server.keyId) },
		{ layer: 'session', ...session(device) },
		{ layer: 'push service', ...(await service(ctx, device)) },
		{ layer: 'acknowledgement', ...acknowledgement(device, now) },
		{ layer: 'preferences', ...(await preferences(ctx)) },
		{ layer: 'quiet hours', ...(await quiet(ctx, now)) }
	];
	if (device.endpoint && isAppleEndpoint(device.endpoint))
		rows.push({ layer: 'contact', ...contact(server.hasContact) });
	return { health: healthOf(device, now), rows };
}

const record = ({ state }: DeviceRow): Finding => {
	if (state === 'live') return ok('The server holds this device’s registration.');
	if (state === 'none') return broken('The server holds no registration of it.', REGISTER);
	if (state === 'stopped') return broken('You have stopped it from ringing.', REGISTER);
	return state === 'gone'
		? broken('The push service says that the registration has ended.', AGAIN)
		: broken('The registration has to be renewed.', AGAIN);
};

const keyMatch = ({ keyId }: DeviceRow, current: string): Finding => {
	if (keyId === null) return unknown('There is no registration to compare.', REGISTER);
	return keyId === current
		? ok('The registration was made with this server’s key.')
		: broken('The registration was made with another key.', AGAIN);
};

const session = ({ isSignedOut }: DeviceRow): Finding =>
	isSignedOut
		? broken(
				'The session on this device has ended, so nothing is sent to it.',
				'Sign in on it again.'
			)
		: ok('Somebody is signed in on this device.');

async function service(
	{ db, now }: AgentCtx,
	{ endpoint, lastAcceptedAt, lastFailedAt, lastFailure }: DeviceRow
): Promise<Finding> {
	if (endpoint === null) return unknown('There is no registration.', REGISTER);
	const { host } = new URL(endpoint);
	const alarm = (await listAlarms(db.person)).find((one) => one.service === host);
	if (alarm)
		return broken(
			`${host} refuses this server’s pushes: ${alarm.what}.`,
			'Tell whoever runs this Bellhop: the server’s log says more.'
		);
	if (lastFailedAt !== null)
		return warning(
			`The last push to ${host} failed ${ago(lastFailedAt, now())}: ${lastFailure}.`,
			'Send a test notification.'
		);
	return lastAcceptedAt === null
		? unknown(`${host} has not been asked yet.`, 'Send a test notification.')
		: ok(`${host} took a push ${ago(lastAcceptedAt, now())}.`);
}

function acknowledgement(device: DeviceRow, now: number): Finding {
	const health = healthOf(device, now);
	if (health === 'proved') return ok(proofWords(newestProof(device), now));
	if (health === 'silent')
		return broken(
			`The last ${Math.max(SILENT_PUSHES, device.unconfirmedFrom.length)} pushes were taken, and none was shown.`,
			UNSHOWN_REMEDY
		);
	if (health === 'not confirmed')
		return unknown(
			'Apple devices may show without telling.',
			'Send a test, and say whether it rang.'
		);
	return unknown('Nothing was shown on it in the last 14 days.', 'Send a test notification.');
}

function proofWords(proof: Proof | null, now: number): string {
	if (!proof) return 'It was shown.';
	const when = ago(proof.at, now);
	if (proof.how === 'opened') return `Opened from its notification ${when}.`;
	if (proof.how === 'rang') return `You said of a ring ${when} that you heard it.`;
	const { latencyMs: late } = proof;
	return late === null
		? `Shown ${when}.`
		: `Shown ${(late / 1000).toFixed(1)} s after it was sent, ${when}.`;
}

async function preferences({ db, actor }: AgentCtx): Promise<Finding> {
	const found = (await findPreferences(db.person, actor.userId)) ?? DEFAULT_PREFERENCES;
	const { events } = (await findSettings(db.person, actor.userId)) ?? DEFAULT_SETTINGS;
	if (!found.pushOnline && !found.pushOffline)
		return broken('Push is off while you are online and offline.', 'Turn one of them on.');
	if (!events.escalation.push)
		return warning('Push for new escalations is off.', 'Turn it on in the event table.');
	if (!found.pushOffline)
		return warning(
			'Push is off while you are offline.',
			'A phone in a pocket is offline: turn it on.'
		);
	return ok('Push is on.');
}

async function quiet({ db, actor }: AgentCtx, now: number): Promise<Finding> {
	const { quietHours } = (await findSettings(db.person, actor.userId)) ?? DEFAULT_SETTINGS;
	const { isOn, from, until, timeZone } = quietHours;
	if (!isOn) return ok('There are no quiet hours.');
	const hours = `${from} to ${until} (${timeZone})`;
	return isQuiet(quietHours, now)
		? warning(
				`It is quiet now: ${hours}.`,
				'Nothing rings before they end. Change them if it should.'
			)
		: ok(`Quiet hours are ${hours}, not now.`);
}

const contact = (hasContact: boolean): Finding =>
	hasContact
		? ok('Apple knows whom to write to about this server.')
		: broken(
				'Apple refuses servers without a contact.',
				'Set CONTACT to a mailto: or https: address.'
			);
