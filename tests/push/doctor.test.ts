import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DoctorResponse, DoctorRow } from '#contract/notifications.ts';
import { endAlarm, raiseAlarm } from '../../api/store/push-alarm.ts';
import { sql } from '../../api/store/sql.ts';
import type { TestAgent, TestApp } from '../support/app.ts';
import { startAppleApp, startPushApp } from '../support/push/app.ts';
import { type Device, deviceOf, missThree } from '../support/push/device.ts';

let started: Awaited<ReturnType<typeof startPushApp>>;
let app: TestApp;
// Of its own, since an alarm is the whole server's.
beforeAll(async () => {
	started = await startPushApp();
	app = started.app;
});
afterAll(() => started?.close());

async function agentWithDevice(): Promise<{ agent: TestAgent; device: Device }> {
	const agent = await app.signedInAgent();
	return { agent, device: await deviceOf(started.services, agent) };
}

const examined = async (agent: TestAgent, deviceId: string): Promise<DoctorResponse> =>
	(await agent.get(`/api/push/doctor?device=${deviceId}`)).json() as Promise<DoctorResponse>;

const rowsOf = async (agent: TestAgent, deviceId: string) => {
	const { rows } = await examined(agent, deviceId);
	return (layer: DoctorRow['layer']) => rows.find((row) => row.layer === layer);
};

const sendTest = (agent: TestAgent, { id: deviceId }: Device) =>
	agent.post('/api/push/test', { deviceId });

describe('what the server finds of a device', () => {
	test('that registered and was sent nothing: the rest has yet to be tried', async () => {
		const { agent, device } = await agentWithDevice();
		const { health, rows } = await examined(agent, device.id);
		expect(health).toBe('unproved');
		const states = rows.map(({ layer, state }) => [layer, state]);
		expect(states).toEqual([
			['server record', 'ok'],
			['key match', 'ok'],
			['session', 'ok'],
			['push service', 'unknown'],
			['acknowledgement', 'unknown'],
			['preferences', 'ok'],
			['quiet hours', 'ok']
		]);
		const row = await rowsOf(agent, device.id);
		expect(row('push service')).toMatchObject({
			evidence: 'updates.push.services.mozilla.com has not been asked yet.',
			remedy: 'Send a test notification.'
		});
		expect(row('acknowledgement')?.evidence).toBe('Nothing was shown on it in the last 14 days.');
	});

	test('whose push was taken, and then shown', async () => {
		const { agent, device } = await agentWithDevice();
		await sendTest(agent, device);
		const taken = await rowsOf(agent, device.id);
		expect(taken('push service')).toMatchObject({
			state: 'ok',
			evidence: 'updates.push.services.mozilla.com took a push just now.'
		});
		expect(taken('acknowledgement')?.state).toBe('unknown');
		const token = device.received()[0]?.notification.data.ackToken;
		await app.stranger().post('/api/push/ack', { token, state: 'shown' });
		const shown = await rowsOf(agent, device.id);
		expect(shown('acknowledgement')).toMatchObject({
			state: 'ok',
			evidence: expect.stringMatching(/^Shown \d+\.\d s after it was sent, just now\.$/)
		});
	});

	test.each<
		[
			string,
			(given: Awaited<ReturnType<typeof agentWithDevice>>) => Promise<unknown>,
			{ health: string; evidence: string; remedy: string }
		]
	>([
		[
			'holds no registration of',
			({ device: { id } }) =>
				app.db.person.run(sql`delete from push_subscriptions where device_id = ${id}`),
			{
				health: 'none',
				evidence: 'The server holds no registration of it.',
				remedy: 'Enable notifications on this device.'
			}
		],
		[
			'was told has gone',
			async ({ agent, device }) => {
				device.answers.push({ status: 410 });
				await sendTest(agent, device);
			},
			{
				health: 'gone',
				evidence: 'The push service says that the registration has ended.',
				remedy: 'Press Re-enable notifications on this device.'
			}
		],
		[
			'has to renew',
			async ({ agent, device }) => {
				// How Mozilla's service says that a browser has moved.
				device.answers.push({ status: 301 });
				await sendTest(agent, device);
			},
			{
				health: 'needs renewal',
				evidence: 'The registration has to be renewed.',
				remedy: 'Press Re-enable notifications on this device.'
			}
		],
		[
			'was told to stop from ringing',
			({ agent, device: { id: deviceId } }) => agent.delete('/api/push/subscription', { deviceId }),
			{
				health: 'stopped',
				evidence: 'You have stopped it from ringing.',
				remedy: 'Enable notifications on this device.'
			}
		]
	])('that it %s', async (_, bring, { health, evidence, remedy }) => {
		const given = await agentWithDevice();
		await bring(given);
		const { agent, device } = given;
		const answer = await examined(agent, device.id);
		expect(answer.health).toBe(health);
		expect(answer.rows[0]).toEqual({ layer: 'server record', state: 'broken', evidence, remedy });
		const row = await rowsOf(agent, device.id);
		const isHeld = health === 'gone' || health === 'needs renewal';
		// With nothing held there is nothing to compare or to send to: no fault of the key or the service.
		expect(row('key match')?.state).toBe(isHeld ? 'ok' : 'unknown');
		if (!isHeld) expect(row('push service')?.evidence).toBe('There is no registration.');
	});

	test('that registered with another server’s key', async () => {
		const { agent, device } = await agentWithDevice();
		await app.db.person.run(
			sql`update push_subscriptions set key_id = 'another' where device_id = ${device.id}`
		);
		const row = await rowsOf(agent, device.id);
		expect(row('key match')).toMatchObject({
			state: 'broken',
			evidence: 'The registration was made with another key.'
		});
	});

	test('whose session has ended', async () => {
		const { agent, device } = await agentWithDevice();
		await app.db.person.run(sql`update devices set session_id = null where id = ${device.id}`);
		const row = await rowsOf(agent, device.id);
		expect(row('session')).toMatchObject({ state: 'broken', remedy: 'Sign in on it again.' });
	});

	test('is for its own person alone', async () => {
		const { device } = await agentWithDevice();
		const stranger = await app.signedInAgent();
		expect((await stranger.get(`/api/push/doctor?device=${device.id}`)).status).toBe(404);
	});

	test('that took three pushes, showed none, and was seen meanwhile', async () => {
		const { agent, device } = await agentWithDevice();
		await missThree(app, device.id);
		await device.save();
		app.clock.advance(61_000);
		const row = await rowsOf(agent, device.id);
		expect(row('acknowledgement')).toMatchObject({
			state: 'broken',
			evidence: 'The last 3 pushes were taken, and none was shown.',
			remedy: expect.stringContaining('Close the browser whole and open it again')
		});
	});

	test('whose push service refuses this server: that is told before what it took earlier', async () => {
		const { agent, device } = await agentWithDevice();
		await sendTest(agent, device);
		const alarm = {
			service: 'updates.push.services.mozilla.com',
			what: 'status 403',
			reason: null
		};
		await raiseAlarm(app.db.person, { ...alarm, at: app.clock.now() });
		const refused = await rowsOf(agent, device.id);
		expect(refused('push service')).toEqual({
			layer: 'push service',
			state: 'broken',
			evidence: 'updates.push.services.mozilla.com refuses this server’s pushes: status 403.',
			remedy: 'Tell whoever runs this Bellhop: the server’s log says more.'
		});
		expect(refused('server record')?.state).toBe('ok');
		await endAlarm(app.db.person, { service: alarm.service, at: app.clock.now() });
		expect((await rowsOf(agent, device.id))('push service')?.state).toBe('ok');
	});

	test('whose person has switched push off, or has quiet hours now', async () => {
		const { agent, device } = await agentWithDevice();
		const off = {
			pushOnline: false,
			pushOffline: false,
			pushOfflineByHand: false,
			browserOnline: true,
			browserOffline: false
		};
		expect((await agent.put('/api/push/preferences', off)).status).toBe(200);
		const { settings } = (await (await agent.get('/api/push/settings')).json()) as {
			settings: object;
		};
		const quietHours = { isOn: true, from: '00:00', until: '23:59', timeZone: 'UTC' };
		await agent.put('/api/push/settings', { ...settings, quietHours });
		const row = await rowsOf(agent, device.id);
		expect(row('preferences')).toMatchObject({
			state: 'broken',
			remedy: 'Turn one of them on.'
		});
		expect(row('quiet hours')?.evidence).toContain('00:00 to 23:59 (UTC)');
	});
});

test('of an iPhone that has told nothing it says so, and that Apple knows no contact of this server', async () => {
	const apple = await startAppleApp();
	try {
		const agent = await apple.app.signedInAgent();
		const { deviceId } = await apple.iphoneOf(agent);
		const row = await rowsOf(agent, deviceId);
		expect(row('acknowledgement')).toMatchObject({
			state: 'unknown',
			evidence: 'Apple devices may show without telling.',
			remedy: 'Send a test, and say whether it rang.'
		});
		expect(row('contact')).toMatchObject({
			state: 'broken',
			evidence: 'Apple refuses servers without a contact.'
		});
	} finally {
		await apple.close();
	}
});
