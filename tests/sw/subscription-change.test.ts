import { describe, expect, it, vi } from 'vitest';
import { onIdentity, onSubscriptionChange } from '../../src/lib/sw/subscription-change.ts';

describe('a dropped registration', () => {
	const unsubscribe = vi.fn(async () => true);
	const subscription = {
		unsubscribe,
		toJSON: () => ({ endpoint: 'https://push.example/new', keys: { p256dh: 'p', auth: 'a' } })
	} as unknown as PushSubscription;
	async function change(
		deviceId: string | null,
		newSubscription: PushSubscription | null = null,
		state = 'live'
	) {
		const requests: [string, unknown][] = [];
		const subscribe = vi.fn(async () => subscription);
		const until: Promise<unknown>[] = [];
		const event = { newSubscription, waitUntil: (work: Promise<unknown>) => until.push(work) };
		onSubscriptionChange(
			event,
			{ registration: { pushManager: { subscribe } } },
			{
				async fetch(path, init) {
					requests.push([path, init?.body ? JSON.parse(String(init.body)) : null]);
					return Response.json({ publicKey: 'KEY', keyId: 'id', state });
				},
				deviceId: async () => deviceId,
				deviceName: () => 'Firefox on Linux'
			}
		);
		await Promise.all(until);
		return { requests, subscribe };
	}

	it('is made anew with the server’s key and reported', async () => {
		const { requests, subscribe } = await change('device-1');
		expect(subscribe).toHaveBeenCalledWith({ userVisibleOnly: true, applicationServerKey: 'KEY' });
		expect(requests[1]).toEqual([
			'/api/push/subscription',
			{
				deviceId: 'device-1',
				deviceName: 'Firefox on Linux',
				endpoint: 'https://push.example/new',
				keys: { p256dh: 'p', auth: 'a' },
				keyId: 'id',
				isStandalone: false
			}
		]);
	});

	it('that the browser has already replaced is reported as it is', async () => {
		const { subscribe, requests } = await change('device-1', subscription);
		expect(subscribe).not.toHaveBeenCalled();
		expect(requests).toHaveLength(2);
	});

	it('that the person has stopped from ringing is given back, not kept until the next open', async () => {
		for (const newSubscription of [null, subscription]) {
			unsubscribe.mockClear();
			await change('device-1', newSubscription, 'stopped');
			expect(unsubscribe).toHaveBeenCalledOnce();
		}
		unsubscribe.mockClear();
		await change('device-1');
		expect(unsubscribe).not.toHaveBeenCalled();
	});

	it('is left alone while nobody is signed in', async () => {
		const { requests, subscribe } = await change(null);
		expect(requests).toEqual([]);
		expect(subscribe).not.toHaveBeenCalled();
	});

	it('is one of the person that the pages named last', () => {
		const set = vi.fn(async () => {});
		const tell = (data: unknown) => onIdentity({ data, waitUntil() {} }, set);
		for (const data of [
			{ type: 'identity', deviceId: 'd1' },
			{ type: 'identity', deviceId: 'd2', userId: 'ana' },
			{ type: 'signed-out' },
			{ type: 'x' },
			null
		])
			tell(data);
		expect(set.mock.calls).toEqual([
			[{ deviceId: 'd1' }],
			[{ deviceId: 'd2', userId: 'ana' }],
			[null]
		]);
	});
});
