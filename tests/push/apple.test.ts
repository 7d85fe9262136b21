import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { newId } from '#contract/ids.ts';
import { type TestApp, testApp } from '../support/app.ts';
import { type Certificate, makeCertificate } from '../support/certificate.ts';
import { callPerson, say } from '../support/chat.ts';
import { APPLE_HOST, startApple } from '../support/push/apple.ts';
import { ledger } from '../support/push/device.ts';
import { startProxy } from '../support/push/proxy.ts';

let certificate: Certificate;
let apple: Awaited<ReturnType<typeof startApple>>;
let proxy: Awaited<ReturnType<typeof startProxy>>;
let app: TestApp;
beforeAll(async () => {
	certificate = makeCertificate([APPLE_HOST]);
	apple = await startApple(certificate);
	proxy = await startProxy({ [APPLE_HOST]: apple.port });
	app = await testApp({
		push: {
			config: { pushProxy: proxy.url },
			transport: { ca: certificate.ca, timeoutMs: 500 }
		}
	});
});
afterAll(async () => {
	await app?.close();
	proxy?.close();
	apple?.close();
	certificate?.remove();
});

/** An agent with an iPhone, whose worker never runs. */
async function world() {
	const agent = await app.signedInAgent();
	const { publicKey, keyId } = await app.deps.push.key();
	const { endpoint, phone } = apple.register(publicKey);
	const deviceId = newId();
	const device = { deviceId, deviceName: 'Safari on iPhone', endpoint, keyId, isStandalone: true };
	await agent.put('/api/push/subscription', { ...device, keys: phone.receiver.keys });
	const lines = async () =>
		(await ledger(app, agent.team)).filter((line) => line.deviceId === deviceId);
	const settled = (n: number) =>
		vi.waitFor(async () => {
			const rest = (await lines()).filter(({ state }) => state !== 'decided');
			expect(rest).toHaveLength(n);
		}, 15_000);
	return { agent, phone, lines, settled, deviceId };
}

describe('an iPhone', () => {
	test('shows every push without its worker, so none is a strike', async () => {
		const { agent, phone, settled } = await world();
		for (let i = 1; i <= 4; i++) {
			const visitor = await app.newVisitor({ team: agent.team });
			const id = newId();
			await callPerson(visitor, id);
			await settled(2 * i - 1);
			await say(visitor, id, `Message ${i}`);
			await settled(2 * i);
		}
		expect(phone.shown).toHaveLength(8);
		expect(phone.strikes).toBe(0);
		expect(phone.isDead).toBe(false);
	});

	test('that was off for several chats learns of all of them from the one push that is kept', async () => {
		const { agent, phone, settled } = await world();
		phone.isOnline = false;
		for (let i = 1; i <= 3; i++) {
			await callPerson(await app.newVisitor({ team: agent.team }), newId());
			await settled(i);
		}
		apple.wake(phone);
		expect(phone.shown).toHaveLength(1);
		expect(phone.shown[0]?.title).toBe('3 chats waiting · newest: Visitor');
		expect(phone.shown[0]?.app_badge).toBe('3');
	});

	test('is not sent the same again after a request without an answer: it may have rung', async () => {
		const { agent, phone, lines, settled } = await world();
		phone.answers.push('takeAndHang');
		const visitor = await app.newVisitor({ team: agent.team });
		await callPerson(visitor, newId());
		await settled(1);
		expect(await lines()).toMatchObject([{ state: 'failed', attempts: 1 }]);
		expect(phone.shown).toHaveLength(1);
	});

	test('that never says what it showed is not confirmed, and never silent', async () => {
		const { agent, settled } = await world();
		for (let i = 1; i <= 4; i++) {
			await callPerson(await app.newVisitor({ team: agent.team }), newId());
			await settled(i);
		}
		app.clock.advance(120_000);
		const state = (await (await agent.get('/api/push/state')).json()) as {
			devices: { health: string }[];
		};
		expect(state.devices.map(({ health }) => health)).toEqual(['not confirmed']);
	});
});
