import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '#contract/ids.ts';
import type { PushDevice } from '#contract/push.ts';
import { sql } from '../../api/store/sql.ts';
import { type TestAgent, type TestApp, testApp } from '../support/app.ts';
import { createReceiver } from '../support/push/receiver.ts';

let app: TestApp;
let keyId: string;
beforeAll(async () => {
	app = await testApp();
	({ keyId } = await app.deps.push.key());
});
afterAll(() => app.close());

let endpoints = 0;
const subscription = (given: Record<string, unknown> = {}) => ({
	deviceId: newId(),
	deviceName: 'Chrome on Android',
	endpoint: `https://fcm.googleapis.com/fcm/send/${++endpoints}`,
	keys: createReceiver().keys,
	keyId,
	isStandalone: true,
	...given
});

const stateOf = async (agent: TestAgent) =>
	(await (await agent.get('/api/push/state')).json()) as {
		devices: PushDevice[];
		preferences: Record<string, boolean>;
	};
const register = (agent: TestAgent, input: ReturnType<typeof subscription>) =>
	agent.put('/api/push/subscription', input);
const errorOf = async (answer: Response) => {
	const { error } = (await answer.json()) as { error: { code: string; field?: string } };
	return { status: answer.status, code: error.code, field: error.field };
};

describe('a subscription', () => {
	test('is taken at every open, and listed for its owner alone', async () => {
		const agent = await app.signedInAgent();
		const colleague = await app.signedInAgent({ team: agent.team });
		const input = subscription();
		for (const _ of ['first', 'again'])
			expect(await (await register(agent, input)).json()).toEqual({ state: 'live' });
		expect((await stateOf(agent)).devices).toEqual([
			expect.objectContaining({
				id: input.deviceId,
				name: 'Chrome on Android',
				isSubscribed: true,
				state: 'live',
				lastShownAt: null
			})
		]);
		expect((await stateOf(colleague)).devices).toEqual([]);
		expect(JSON.stringify(await stateOf(agent))).not.toContain(input.endpoint);
	});

	test('made with another key has to be made anew', async () => {
		const agent = await app.signedInAgent();
		const answer = await register(agent, subscription({ keyId: 'another' }));
		expect(await answer.json()).toEqual({ state: 'needs_resubscribe' });
	});

	test('that the push service has ended stays so until the browser brings another', async () => {
		const agent = await app.signedInAgent();
		const input = subscription();
		await register(agent, input);
		await app.db.person.run(sql`
			update push_subscriptions set state = 'gone' where device_id = ${input.deviceId}`);
		expect(await (await register(agent, input)).json()).toEqual({ state: 'needs_resubscribe' });
		const renewed = subscription({ deviceId: input.deviceId });
		expect(await (await register(agent, renewed)).json()).toEqual({ state: 'live' });
	});

	test('belongs to whoever signed in last on that browser', async () => {
		const ana = await app.signedInAgent();
		const ben = await app.signedInAgent();
		const hers = subscription();
		await register(ana, hers);
		await register(ben, { ...hers, deviceId: newId() });
		expect((await stateOf(ana)).devices).toMatchObject([{ isSubscribed: false, state: 'none' }]);
		expect((await stateOf(ben)).devices).toMatchObject([{ isSubscribed: true }]);
	});

	test('of somebody else’s device is neither taken nor removed', async () => {
		const ana = await app.signedInAgent();
		const stranger = await app.signedInAgent();
		const hers = subscription();
		await register(ana, hers);
		const stolen = await register(stranger, subscription({ deviceId: hers.deviceId }));
		expect(await errorOf(stolen)).toMatchObject({ status: 409, field: 'deviceId' });
		await stranger.delete('/api/push/subscription', { deviceId: hers.deviceId });
		expect((await stateOf(ana)).devices).toMatchObject([{ isSubscribed: true }]);
		expect(await (await register(ana, hers)).json()).toEqual({ state: 'live' });
		await ana.delete('/api/push/subscription', { deviceId: hers.deviceId });
		expect((await stateOf(ana)).devices).toMatchObject([{ isSubscribed: false }]);
	});

	test('that its owner has stopped stays so until they enable it, whatever the browser brings', async () => {
		const agent = await app.signedInAgent();
		const stranger = await app.signedInAgent();
		const input = subscription();
		const { deviceId } = input;
		await register(agent, input);
		await agent.delete('/api/push/subscription', { deviceId });
		const stopped = [{ id: deviceId, isSubscribed: false, state: 'stopped', health: 'stopped' }];
		expect((await stateOf(agent)).devices).toMatchObject(stopped);
		for (const held of [input, subscription({ deviceId })]) {
			expect(await (await register(agent, held)).json()).toEqual({ state: 'stopped' });
			expect((await stateOf(agent)).devices).toMatchObject(stopped);
		}
		await register(stranger, subscription({ deviceId, isEnabling: true }));
		expect((await stateOf(agent)).devices).toMatchObject(stopped);
		const enabled = subscription({ deviceId, isEnabling: true });
		expect(await (await register(agent, enabled)).json()).toEqual({ state: 'live' });
		for (const _ of ['the next open', 'and the next'])
			expect(await (await register(agent, enabled)).json()).toEqual({ state: 'live' });
		expect((await stateOf(agent)).devices).toMatchObject([{ isSubscribed: true, state: 'live' }]);
	});

	test.each([
		['endpoint', { endpoint: 'https://evil.example/x' }],
		['endpoint', { endpoint: 'https://127.0.0.1/x' }],
		['endpoint', { endpoint: 'http://fcm.googleapis.com/x' }],
		['endpoint', { endpoint: `https://fcm.googleapis.com/${'x'.repeat(2048)}` }],
		['keys.p256dh', { keys: { p256dh: 'A'.repeat(86), auth: 'A'.repeat(22) } }],
		['keys.auth', { keys: { ...createReceiver().keys, auth: 'A'.repeat(40) } }],
		['keys.extra', { keys: { ...createReceiver().keys, extra: 'x' } }],
		['deviceId', { deviceId: 'mine' }],
		['deviceName', { deviceName: ' ' }],
		['userId', { userId: 'somebody' }]
	])('with a wrong %s is refused before anything is written (%#)', async (field, given) => {
		const agent = await app.signedInAgent();
		const answer = await agent.put('/api/push/subscription', subscription(given));
		expect(await errorOf(answer)).toEqual({ status: 400, code: 'invalid', field });
		expect((await stateOf(agent)).devices).toEqual([]);
	});
});

describe('the switches', () => {
	test('come as the product says, and are each person’s own', async () => {
		const agent = await app.signedInAgent();
		const colleague = await app.signedInAgent({ team: agent.team });
		const defaults = (await stateOf(agent)).preferences;
		expect(defaults).toEqual({
			pushOnline: true,
			pushOffline: true,
			pushOfflineByHand: false,
			browserOnline: true,
			browserOffline: false
		});
		const changed = { ...defaults, pushOnline: false, pushOfflineByHand: true };
		await agent.put('/api/push/preferences', changed);
		expect((await stateOf(agent)).preferences).toEqual(changed);
		expect((await stateOf(colleague)).preferences).toEqual(defaults);
		const partial = await agent.put('/api/push/preferences', { pushOnline: true });
		expect(partial.status).toBe(400);
	});
});

describe('a test', () => {
	test('goes to no device that is not registered, and to nobody else’s', async () => {
		const agent = await app.signedInAgent();
		const stranger = await app.signedInAgent();
		const input = subscription();
		await register(agent, input);
		const theirs = await stranger.post('/api/push/test', { deviceId: input.deviceId });
		expect(await errorOf(theirs)).toMatchObject({ status: 409 });
	});

	test('can be sent a few times only', async () => {
		const agent = await app.signedInAgent();
		const send = () => agent.post('/api/push/test', { deviceId: newId() });
		const statuses: number[] = [];
		for (let i = 0; i < 4; i++) statuses.push((await send()).status);
		expect(statuses).toEqual([409, 409, 409, 429]);
	});
});

describe('without a session', () => {
	test('only the key and an acknowledgement are answered', async () => {
		const nobody = app.stranger();
		expect(await (await nobody.get('/api/push/key')).json()).toEqual({
			publicKey: expect.stringMatching(/^[A-Za-z0-9_-]{87}$/),
			keyId
		});
		expect((await nobody.get('/api/push/state')).status).toBe(401);
		expect((await nobody.put('/api/push/subscription', subscription())).status).toBe(401);
		expect((await nobody.post('/api/push/test', { deviceId: newId() })).status).toBe(401);
		const ack = { token: 'x'.repeat(43), state: 'shown' };
		expect((await nobody.post('/api/push/ack', ack)).status).toBe(404);
	});

	test('the key stays the same, and its private half is sealed', async () => {
		const { publicKey } = await app.deps.push.key();
		const rows = await app.db.person.many<{ public: string; sealed: string }>(
			sql`select public_value as public, sealed_value as sealed from server_keys`
		);
		expect(rows).toHaveLength(1);
		expect(rows[0]?.public).toBe(publicKey);
		// A private key is 32 bytes; sealed it carries an IV and a tag.
		expect(Buffer.from(rows[0]?.sealed ?? '', 'base64url').length).toBeGreaterThanOrEqual(32 + 28);
	});
});
