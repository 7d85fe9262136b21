import { describe, expect, it, vi } from 'vitest';
import type { PushRequest } from '../../api/push/deliver.ts';
import type { Answer } from '../../api/push/outcome.ts';
import { createSender, type Push } from '../../api/push/sender.ts';

const ENDPOINT = 'https://fcm.googleapis.com/fcm/send/secret';
const push = (given: Partial<Push> = {}): Push => ({
	id: 'p',
	subscription: { deviceId: 'd', endpoint: ENDPOINT, keys: { p256dh: 'p', auth: 'a' } },
	payload: (isGeneric) => (isGeneric ? 'generic' : 'full'),
	topic: 't',
	deadline: 900_000,
	attempts: 1,
	unanswered: 1,
	...given
});

/** A status, or one with a Retry-After, or none. */
type Scripted = number | { status: number; retryAfter: string } | 'hang';

/** A sender over a push service that answers these, in order, and takes what comes after. */
function sending(...scripted: Scripted[]) {
	return sendingBeside({ takesOthers: false }, ...scripted);
}

/** The same where the service takes pushes for other devices, or not. */
function sendingBeside({ takesOthers }: { takesOthers: boolean }, ...scripted: Scripted[]) {
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
				const next = scripted.shift() ?? 201;
				if (next === 'hang') return new Promise(() => {});
				const answer = typeof next === 'number' ? { status: next, retryAfter: null } : next;
				return { kind: 'answered', ...answer, body: 'because' };
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

	it('signs anew after the first refusal, however often it has tried for another reason', async () => {
		const { send, requests, alarms } = sending(500, 500, 403, 201);
		for (const attempts of [1, 2, 3]) await send(push({ attempts }));
		expect((await send(push({ attempts: 4 }))).outcome.do).toBe('accepted');
		expect(requests.map(({ authorization }) => authorization.slice(-1))).toEqual([
			...['1', '1', '1', '2']
		]);
		expect(alarms).toEqual([]);
	});

	it('signs anew once for all that one token was refused for, and gives each push its second try', async () => {
		const { send, requests } = sending(403, 403, 403, 403);
		// Both leave with the first token.
		const [first, second] = [push({ id: 'a' }), push({ id: 'b', topic: 'u' })];
		await Promise.all([send(first), send(second)]);
		expect((await send(first)).outcome.do).toBe('failed');
		expect((await send(second)).outcome.do).toBe('failed');
		expect(requests.map(({ authorization }) => authorization.slice(-1))).toEqual([
			...['1', '1', '2', '2']
		]);
	});

	it('sends the generic payload at once where the full one is too large, and says so', async () => {
		const { send, requests, alarms } = sending(413, 201);
		expect((await send(push())).outcome.do).toBe('accepted');
		expect(requests.map(({ payload }) => payload)).toEqual(['full', 'generic']);
		expect(alarms).toHaveLength(1);
	});

	it('raises one alarm for one trouble in ten minutes, which never names the endpoint', async () => {
		const { send, clock, alarms } = sending(400, 400, 401, 401, 400);
		await send(push());
		await send(push());
		expect(alarms).toEqual([
			{ service: 'fcm.googleapis.com', what: 'status 400', reason: 'because' }
		]);
		for (const attempts of [1, 2]) await send(push({ attempts }));
		expect(alarms).toHaveLength(2);
		clock.now = 600_001;
		await send(push());
		expect(alarms).toHaveLength(3);
		expect(JSON.stringify(alarms)).not.toContain('secret');
	});

	it('keeps the alarm until the service takes a push again', async () => {
		const { send, raised } = sending(401, 401, 201);
		for (const attempts of [1, 2]) await send(push({ attempts }));
		expect([...raised]).toEqual(['fcm.googleapis.com']);
		await send(push());
		expect([...raised]).toEqual([]);
	});

	it('has one device register again where the service takes the others’ pushes', async () => {
		const { send, raised } = sendingBeside({ takesOthers: true }, 403, 403);
		await send(push());
		expect((await send(push({ attempts: 2 }))).outcome).toEqual({
			do: 'needs_resubscribe',
			isAlarm: false
		});
		expect([...raised]).toEqual([]);
	});

	it('writes a thousand refusals down as one alarm', async () => {
		const { send, writes, clock } = sending(...Array.from({ length: 82 }, () => 403));
		for (let i = 0; i < 80; i++) await send(push());
		expect(writes).toEqual(['raise']);
		clock.now = 10_001;
		for (const attempts of [1, 2]) await send(push({ attempts }));
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

/** A push to a device of its own. */
const to = (host: string, n: number): Push => {
	const endpoint = `https://${host}/${n}`;
	return push({ subscription: { ...push().subscription, deviceId: `${n}`, endpoint } });
};
const GOOGLE = 'fcm.googleapis.com';
const MOZILLA = 'updates.push.services.mozilla.com';

describe('a push service', () => {
	const hostsOf = (requests: PushRequest[]) =>
		requests.map(({ subscription }) => new URL(subscription.endpoint).host);

	it('that does not answer has 32 requests under way, and another one’s go past them', async () => {
		const { send, requests } = sending(...Array.from({ length: 32 }, () => 'hang' as const));
		for (let n = 0; n < 33; n++) void send(to(GOOGLE, n));
		expect((await send(to(MOZILLA, 0))).outcome.do).toBe('accepted');
		expect(hostsOf(requests).filter((host) => host === GOOGLE)).toHaveLength(32);
	});

	it('that answers none of them for ten seconds is left alone for a second, which is no attempt', async () => {
		vi.useFakeTimers();
		try {
			const { send, requests } = sending(...Array.from({ length: 32 }, () => 'hang' as const));
			for (let n = 0; n < 32; n++) void send(to(GOOGLE, n));
			const ended = vi.fn();
			void send(to(GOOGLE, 32)).then(ended);
			await vi.advanceTimersByTimeAsync(10_000);
			const outcome = expect.objectContaining({ do: 'retry', afterMs: 1_000 });
			expect(ended).toHaveBeenCalledWith(expect.objectContaining({ isPostponed: true, outcome }));
			expect(requests).toHaveLength(32);
		} finally {
			vi.useRealTimers();
		}
	});

	it('that asks for a pause gets one, which is no attempt, and another one does not', async () => {
		const { send, requests, clock } = sending({ status: 503, retryAfter: '60' });
		await send(to(GOOGLE, 1));
		clock.now = 20_000;
		expect(await send(to(GOOGLE, 2))).toMatchObject({
			...{ isPostponed: true, outcome: { do: 'retry', afterMs: 40_000 } }
		});
		await send(to(MOZILLA, 3));
		expect(hostsOf(requests)).toEqual([GOOGLE, MOZILLA]);
		clock.now = 60_000;
		expect(await send(to(GOOGLE, 2))).not.toHaveProperty('isPostponed');
		expect(hostsOf(requests)).toEqual([GOOGLE, MOZILLA, GOOGLE]);
	});

	it('whose pause is longer than a push is worth gets none of it', async () => {
		const { send, requests } = sending({ status: 503, retryAfter: '600' });
		await send(to(GOOGLE, 1));
		const late = { ...to(GOOGLE, 2), deadline: 500_000 };
		expect((await send(late)).outcome).toEqual({ do: 'expired' });
		expect(requests).toHaveLength(1);
	});
});
