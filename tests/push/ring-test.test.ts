import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { newId } from '#contract/ids.ts';
import type { TestResult } from '#contract/notifications.ts';
import type { TestPushResponse } from '#contract/push.ts';
import { claimPushTest, insertPushTest } from '../../api/store/push-test.ts';
import type { TestAgent, TestApp } from '../support/app.ts';
import { callPerson } from '../support/chat.ts';
import { startPushApp } from '../support/push/app.ts';
import { type Device, deviceOf, ledger } from '../support/push/device.ts';
import type { PushServices } from '../support/push/services.ts';
import type { ScriptedAnswer } from '../support/push/vapid.ts';

let started: Awaited<ReturnType<typeof startPushApp>>;
let services: PushServices;
let app: TestApp;
beforeAll(async () => {
	started = await startPushApp({ timeoutMs: 500 });
	({ services, app } = started);
});
afterAll(() => started?.close());

const resultOf = async (agent: TestAgent, id: string) =>
	(await (await agent.get(`/api/push/test?id=${id}`)).json()) as TestResult;

const sendTo = async (agent: TestAgent, { id }: Device) =>
	(await (await agent.post('/api/push/test', { deviceId: id })).json()) as TestPushResponse;

/** An agent's ring test to which the push service gives this answer, once its device had its time. */
async function ringAnswered(given: ScriptedAnswer): Promise<TestResult> {
	const agent = await app.signedInAgent();
	const device = await deviceOf(services, agent);
	device.answers.push(given);
	const { deliveryId } = await sendTo(agent, device);
	app.clock.advance(21_000);
	return resultOf(agent, deliveryId);
}

describe('a ring test that the push service', () => {
	test('took is not confirmed while its device says nothing', async () => {
		const { verdict, acceptedAt } = await ringAnswered('lose');
		expect({ verdict, isTaken: acceptedAt !== null }).toEqual({
			...{ verdict: 'not confirmed', isTaken: true }
		});
	});

	test('refused is unreachable, for the reason it gave', async () => {
		const { verdict, text, status } = await ringAnswered({ status: 507, body: 'disk is full' });
		expect({ verdict, status }).toEqual({ verdict: 'unreachable', status: 507 });
		expect(text).toContain('did not take it (507 disk is full)');
	});

	test('did not answer is unreachable, and is not said to have been refused', async () => {
		const { verdict, text, acceptedAt } = await ringAnswered('hang');
		expect({ verdict, acceptedAt }).toEqual({ verdict: 'unreachable', acceptedAt: null });
		expect(text).toContain('whether the push service took it (no answer in time)');
		expect(text).not.toContain('did not take it');
	});

	test('asks to wait goes out after that, and is not said to have failed before', async () => {
		const world = async () => {
			const agent = await app.signedInAgent();
			const device = await deviceOf(services, agent);
			return { agent, device, send: () => sendTo(agent, device) };
		};
		const [asked, paused] = [await world(), await world()];
		const sent: { device: Device; result(): Promise<TestResult> }[] = [];
		asked.device.answers.push({ status: 503, headers: { 'retry-after': '2' } });
		for (const [{ agent, device, send }, reason] of [
			[asked, /^It has to wait \(503\), and is tried again\.$/],
			[paused, /^It has to wait \(the push service: it has asked to wait [12] s\)/]
		] as const) {
			const { deliveryId: id, outcome } = await send();
			expect(outcome).toBe('waiting');
			expect(device.received()).toEqual([]);
			const text = expect.stringMatching(reason);
			expect(await resultOf(agent, id)).toMatchObject({ verdict: 'waiting', text });
			sent.push({ device, result: () => resultOf(agent, id) });
		}
		for (const { device, result } of sent) {
			await vi.waitFor(async () => expect((await result()).acceptedAt).not.toBeNull(), 15_000);
			expect(device.received()).toHaveLength(1);
		}
	});

	test('wants no request from for longer than the test is worth is unreachable, for that reason', async () => {
		const agent = await app.signedInAgent();
		const device = await deviceOf(services, agent);
		device.answers.push({ status: 503, headers: { 'retry-after': '90' } });
		await callPerson(await app.newVisitor({ team: agent.team }), newId());
		await vi.waitFor(async () => {
			const lines = await ledger(app, agent.team);
			expect(lines.some(({ status }) => status === 503)).toBe(true);
		}, 10_000);
		const { deliveryId } = await sendTo(agent, device);
		const { verdict, text } = await resultOf(agent, deliveryId);
		expect(verdict).toBe('unreachable');
		expect(text).toMatch(/^It was not sent \(the push service: it has asked to wait \d+ s\)\./);
		app.clock.advance(90_000);
	});

	test('never lets out within the time that it is worth is unreachable in the end', async () => {
		const agent = await app.signedInAgent();
		const device = await deviceOf(services, agent);
		device.answers.push({ status: 429, headers: { 'retry-after': '50' } });
		const { deliveryId } = await sendTo(agent, device);
		app.clock.advance(59_000);
		expect((await resultOf(agent, deliveryId)).verdict).toBe('waiting');
		app.clock.advance(2_000);
		expect(await resultOf(agent, deliveryId)).toMatchObject({
			verdict: 'unreachable',
			text: 'The push service did not take it (429). Try again in a minute.'
		});
	});

	test('sends elsewhere has no device until it registers again', async () => {
		const { verdict, text } = await ringAnswered({ status: 301 });
		expect({ verdict, text }).toEqual({
			verdict: 'no device',
			text: 'The registration has to be renewed. Enable notifications again.'
		});
	});
});

test('a ring test that did not ring, says its person, asks no more', async () => {
	const agent = await app.signedInAgent();
	const device = await deviceOf(services, agent);
	const sent = await agent.post('/api/push/test', { deviceId: device.id });
	const { deliveryId: id } = (await sent.json()) as TestPushResponse;
	app.clock.advance(21_000);
	expect((await resultOf(agent, id)).text).toMatch(/Did it ring\?$/);
	await agent.put('/api/push/test', { id, didRing: false });
	expect(await resultOf(agent, id)).toMatchObject({
		verdict: 'not confirmed',
		text: 'The push service took it, and you say that it did not ring.'
	});
});

describe('a ring test whose server', () => {
	/** One that is due now, and nobody's work. */
	async function abandoned() {
		const agent = await app.signedInAgent();
		const { id: deviceId } = await deviceOf(services, agent);
		const id = newId();
		const sentAt = app.clock.now();
		await insertPushTest(app.db.person, { id, deviceId, ackDigest: randomBytes(32), sentAt });
		return { agent, id };
	}

	test('never came to it was not sent, and no push service is said to have taken it', async () => {
		const { agent, id } = await abandoned();
		expect((await resultOf(agent, id)).verdict).toBe('waiting');
		app.clock.advance(21_000);
		expect(await resultOf(agent, id)).toMatchObject({
			verdict: 'unreachable',
			text: 'It was not sent: the server has not come to it in time. Try again in a minute.'
		});
	});

	test('ended while it was sent is unreachable, though it may have gone out', async () => {
		const { agent, id } = await abandoned();
		await claimPushTest(app.db.person, id, app.clock.now());
		app.clock.advance(21_000);
		expect(await resultOf(agent, id)).toMatchObject({
			verdict: 'unreachable',
			text: 'It is not known whether the push service took it (no answer in time). Try again in a minute.'
		});
	});
});
