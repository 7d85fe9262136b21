import { describe, expect, it } from 'vitest';
import type { PushRequest } from '../../api/push/deliver.ts';
import type { Answer } from '../../api/push/outcome.ts';
import { createSender, type Push } from '../../api/push/sender.ts';

const ENDPOINT = 'https://fcm.googleapis.com/fcm/send/secret';
const push = (given: Partial<Push> = {}): Push => ({
	subscription: { deviceId: 'd', endpoint: ENDPOINT, keys: { p256dh: 'p', auth: 'a' } },
	payload: (isGeneric) => (isGeneric ? 'generic' : 'full'),
	topic: 't',
	deadline: 900_000,
	attempts: 1,
	unanswered: 1,
	...given
});

/** A sender over a push service that answers these, in order. */
function sending(...statuses: number[]) {
	return sendingBeside({ takesOthers: false }, ...statuses);
}

/** The same where the service takes pushes for other devices, or not. */
function sendingBeside({ takesOthers }: { takesOthers: boolean }, ...statuses: number[]) {
	const clock = { now: 0 };
	const requests: PushRequest[] = [];
	const alarms: Record<string, unknown>[] = [];
	const raised = new Set<string>();
	const writes: string[] = [];
	let tokens = 1;
	const send = createSender({
		deliverer: {
			async deliver(request): Promise<Answer> {
				requests.push(request);
				const status = statuses.shift() ?? 201;
				return { kind: 'answered', status, retryAfter: null, body: 'because' };
			},
			close() {}
		},
		vapid: async () => ({
			publicKey: '',
			keyId: '',
			authorization: (origin) => `${origin} ${tokens}`,
			forget: () => void tokens++
		}),
		alarms: {
			async raise({ service }) {
				writes.push('raise');
				raised.add(service);
			},
			async end(service) {
				writes.push('end');
				raised.delete(service);
			},
			takesOthers: async () => takesOthers
		},
		now: () => clock.now,
		log: { info() {}, warn() {}, error: (fields) => alarms.push(fields) }
	});
	return { send, clock, requests, alarms, raised, writes };
}

describe('sending', () => {
	it('signs for the push service’s origin and gives the time that is left', async () => {
		const { send, clock, requests } = sending(201);
		clock.now = 300_400;
		expect((await send(push())).outcome).toEqual({ do: 'accepted' });
		expect(requests[0]).toMatchObject({
			payload: 'full',
			ttlSeconds: 600,
			topic: 't',
			authorization: 'https://fcm.googleapis.com 1'
		});
	});

	it('signs anew after a refusal', async () => {
		const { send, requests, alarms } = sending(403, 201);
		expect((await send(push())).outcome.do).toBe('retry');
		await send(push({ attempts: 2 }));
		expect(requests.map(({ authorization }) => authorization.slice(-1))).toEqual(['1', '2']);
		expect(alarms).toEqual([]);
	});

	it('sends the generic payload at once where the full one is too large, and says so', async () => {
		const { send, requests, alarms } = sending(413, 201);
		expect((await send(push())).outcome.do).toBe('accepted');
		expect(requests.map(({ payload }) => payload)).toEqual(['full', 'generic']);
		expect(alarms).toHaveLength(1);
	});

	it('raises one alarm for one trouble in ten minutes, which never names the endpoint', async () => {
		const { send, clock, alarms } = sending(400, 400, 401, 400);
		await send(push());
		await send(push());
		expect(alarms).toEqual([
			{ service: 'fcm.googleapis.com', what: 'status 400', reason: 'because' }
		]);
		await send(push({ attempts: 2 }));
		expect(alarms).toHaveLength(2);
		clock.now = 600_001;
		await send(push());
		expect(alarms).toHaveLength(3);
		expect(JSON.stringify(alarms)).not.toContain('secret');
	});

	it('keeps the alarm until the service takes a push again', async () => {
		const { send, raised } = sending(401, 201);
		await send(push({ attempts: 2 }));
		expect([...raised]).toEqual(['fcm.googleapis.com']);
		await send(push());
		expect([...raised]).toEqual([]);
	});

	it('has one device register again where the service takes the others’ pushes', async () => {
		const { send, raised } = sendingBeside({ takesOthers: true }, 403);
		expect((await send(push({ attempts: 2 }))).outcome).toEqual({
			do: 'needs_resubscribe',
			isAlarm: false
		});
		expect([...raised]).toEqual([]);
	});

	it('writes a thousand refusals down as one alarm', async () => {
		const { send, writes, clock } = sending(...Array.from({ length: 41 }, () => 403));
		for (let i = 0; i < 40; i++) await send(push({ attempts: 2 }));
		expect(writes).toEqual(['raise']);
		clock.now = 10_001;
		await send(push({ attempts: 2 }));
		expect(writes).toEqual(['raise', 'raise']);
		for (let i = 0; i < 40; i++) await send(push());
		expect(writes).toEqual(['raise', 'raise', 'end']);
		clock.now = 20_002;
		// Another process may have raised one meanwhile.
		await send(push());
		expect(writes).toEqual(['raise', 'raise', 'end', 'end']);
	});

	it('has the log alone told of a refusal that concerns one device and is no matter of keys', async () => {
		const { send, raised, alarms } = sendingBeside({ takesOthers: true }, 400);
		expect((await send(push())).outcome.do).toBe('failed');
		expect([...raised]).toEqual([]);
		expect(alarms).toHaveLength(1);
	});
});
