import { describe, expect, it, vi } from 'vitest';
import type { AckRequest } from '#contract/push.ts';
import { compose } from '../../api/push/compose.ts';
import { acknowledge } from '../../src/lib/sw/ack.ts';
import { type ClickScope, onNotificationClick } from '../../src/lib/sw/click.ts';
import { onPush, type PushScope } from '../../src/lib/sw/push.ts';
import { onIdentity, onSubscriptionChange } from '../../src/lib/sw/subscription-change.ts';

const ORIGIN = 'https://chat.example.com';
const CONVERSATION = '0192f000-0000-7000-8000-000000000001';
const TOKEN = 'A'.repeat(43);
const payload = compose({
	kind: 'escalation',
	teamId: '0192f000-0000-7000-8000-000000000002',
	conversationId: CONVERSATION,
	deliveryId: '0192f000-0000-7000-8000-000000000003',
	ackToken: TOKEN,
	seq: 3,
	event: { seq: 3, at: 3, id: '0192f000-0000-7000-8000-000000000005' },
	userId: '0192f000-0000-7000-8000-000000000004',
	privacy: 'full',
	publicOrigin: ORIGIN,
	visitorName: 'Mia',
	botId: '0192f000-0000-7000-8000-00000000000b',
	botName: 'Shop',
	text: 'Where is my parcel?',
	waitingCount: 3,
	isWaiting: true,
	isNew: true,
	isGeneric: false
});

interface Shown {
	title: string;
	options: NotificationOptions & { renotify?: boolean; data: { path: string } };
}

/** The worker's world: what happened in it, in order. */
function world({ showFails = 0 } = {}) {
	const log: string[] = [];
	const shown: Shown[] = [];
	const acks: AckRequest[] = [];
	let failures = showFails;
	const scope: PushScope = {
		location: { origin: ORIGIN },
		registration: {
			async showNotification(title, options) {
				log.push('show');
				if (failures-- > 0) throw new TypeError('refused');
				shown.push({ title, options } as Shown);
			}
		},
		navigator: {
			async setAppBadge(count) {
				log.push(`badge ${count}`);
			}
		}
	};
	const deps = {
		async acknowledge(ack: AckRequest) {
			log.push(`ack ${ack.state}`);
			acks.push(ack);
		},
		catchUp: async () => void log.push('catch up'),
		shown: new Map(),
		turns: new Map(),
		pause: async () => {}
	};
	const push = async (data: { text(): string } | null) => {
		const until: Promise<unknown>[] = [];
		const event = { data, waitUntil: (work: Promise<unknown>) => until.push(work) };
		onPush(event, scope, deps);
		// Called within the event itself, before anything could be awaited.
		const isShownAtOnce = log.at(-1) === 'show';
		await Promise.all(until);
		return isShownAtOnce;
	};
	return { log, shown, acks, push, text: (text: string) => push({ text: () => text }) };
}

describe('a push', () => {
	it('is shown at once, then counted on the icon, then acknowledged, and then what waited is sent', async () => {
		const { text, log, shown, acks } = world();
		expect(await text(payload)).toBe(true);
		expect(log).toEqual(['show', 'badge 3', 'ack shown', 'catch up']);
		expect(shown[0]).toMatchObject({
			title: '3 chats waiting · newest: Mia',
			options: {
				body: 'Where is my parcel?',
				tag: `c-${CONVERSATION}`,
				renotify: true,
				data: { path: expect.stringContaining(`/chats/${CONVERSATION}?`) }
			}
		});
		expect(acks).toEqual([{ token: TOKEN, state: 'shown' }]);
	});

	it.each([
		['escalation', ['claim', 'snooze']],
		['unanswered', ['claim', 'snooze']],
		['message', ['snooze', 'reply']],
		['assigned', ['snooze']],
		['test', []]
	])('of a new %s has the buttons %j', async (kind, buttons) => {
		const { text, shown } = world();
		const { notification } = JSON.parse(payload);
		const data = { ...notification.data, kind };
		if (kind === 'test') data.conversationId = null;
		await text(JSON.stringify({ notification: { ...notification, data } }));
		const options = shown[0]?.options as { actions?: { action: string }[] } | undefined;
		expect(options?.actions?.map(({ action }) => action)).toEqual(buttons);
	});

	it.each<[string, string | null]>([
		['no payload', null],
		['an empty one', ''],
		['bad JSON', '{"web_push":8030,'],
		['another kind of JSON', '[1, null, "x"]'],
		['null', 'null'],
		['no notification', '{"web_push":8030}'],
		['no title', '{"notification":{"body":"x"}}'],
		['a title that is no text', '{"notification":{"title":{}}}']
	])(
		'with %s shows something that leads to the chats, and acknowledges nothing',
		async (_, text) => {
			const { push, shown, acks } = world();
			await push(text === null ? null : { text: () => text });
			expect(shown).toMatchObject([{ title: 'Bellhop', options: { data: { path: '/chats' } } }]);
			expect(acks).toEqual([]);
		}
	);

	it('of a kind from a later version is shown as it says', async () => {
		const { text, shown } = world();
		await text('{"notification":{"title":"Later","body":"b","data":{"kind":"mention"},"new":1}}');
		expect(shown).toMatchObject([{ title: 'Later', options: { body: 'b' } }]);
	});

	it('whose payload cannot be read shows something', async () => {
		const { push, shown } = world();
		await push({
			text() {
				throw new TypeError('broken');
			}
		});
		expect(shown).toHaveLength(1);
	});

	it('that leads to another site leads nowhere but into this app', async () => {
		for (const navigate of [
			'https://evil.example/chats',
			'//evil.example/x',
			'javascript:alert(1)'
		]) {
			const { text, shown } = world();
			await text(JSON.stringify({ notification: { title: 't', navigate } }));
			expect(new URL(shown[0]?.options.data.path ?? '', ORIGIN).origin).toBe(ORIGIN);
		}
	});

	it('is shown without its options where the browser refuses them, and still acknowledged', async () => {
		const { text, shown, acks } = world({ showFails: 1 });
		await text(payload);
		expect(shown).toEqual([
			{ title: '3 chats waiting · newest: Mia', options: { body: 'Where is my parcel?' } }
		]);
		expect(acks).toHaveLength(1);
	});

	it('that could not be shown is not acknowledged, and fails for the browser to see', async () => {
		const { text, acks } = world({ showFails: 2 });
		await expect(text(payload)).rejects.toThrow('refused');
		expect(acks).toEqual([]);
	});
});

describe('pushes of one conversation', () => {
	/** The payload of another push of the same conversation, about its event number `n`. */
	const later = (seq: number, n: number, body: string, more = {}) => {
		const { notification } = JSON.parse(payload);
		const event = { seq, at: n, id: `0192f000-0000-7000-8000-00000000000${n}` };
		const data = { ...notification.data, event, ackToken: `${n}`.repeat(43), ...more };
		return JSON.stringify({ notification: { ...notification, body, data } });
	};
	const told = (shown: Shown[]) =>
		shown.map(({ options }) => `${options.body}${options.renotify ? ', sounds' : ''}`);

	it('that comes twice sounds once', async () => {
		const { text, shown } = world();
		await text(later(4, 4, 'first'));
		await text(later(4, 4, 'first'));
		expect(told(shown)).toEqual(['first, sounds', 'first']);
	});

	it('of which the older comes last leave the newer standing, in silence, and both are acknowledged', async () => {
		const { text, shown, acks } = world();
		await text(later(5, 5, 'newer'));
		await text(later(4, 4, 'older'));
		await text(later(6, 6, 'newest'));
		expect(told(shown)).toEqual(['newer, sounds', 'newer', 'newest, sounds']);
		expect(acks.map(({ token }) => token[0])).toEqual(['5', '4', '6']);
	});

	it('that ring again for the same message sound again', async () => {
		const { text, shown } = world();
		await text(later(4, 4, 'first'));
		await text(later(4, 5, 'still waits', { kind: 'unanswered' }));
		expect(told(shown)).toEqual(['first, sounds', 'still waits, sounds']);
	});

	it.each([
		['of one moment stand by their messages, whatever their ids', { seq: 5, at: 4, id: 'a' }],
		['by two servers’ clocks stand by their messages', { seq: 5, at: 3, id: 'b' }],
		['that ring again within the moment stand by their events', { seq: 4, at: 4, id: 'c' }]
	])('%s', async (_, newer) => {
		const { text, shown } = world();
		await text(later(4, 4, 'older', { event: { seq: 4, at: 4, id: 'b' } }));
		await text(later(4, 4, 'newer', { event: newer }));
		await text(later(4, 4, 'older', { event: { seq: 4, at: 4, id: 'b' } }));
		expect(told(shown)).toEqual(['older, sounds', 'newer, sounds', 'newer']);
	});

	it('of two people who share a browser are not mixed up', async () => {
		const { text, shown } = world();
		await text(later(5, 5, 'for Ann'));
		await text(later(4, 4, 'for Ben', { userId: 'ben' }));
		expect(told(shown)).toEqual(['for Ann, sounds', 'for Ben, sounds']);
	});

	it('of an older server, which names no event, are shown as they come', async () => {
		const { text, shown } = world();
		for (let i = 0; i < 2; i++) await text(later(4, 4, 'x', { event: undefined }));
		expect(told(shown)).toEqual(['x, sounds', 'x, sounds']);
	});

	it('are not remembered for ever', async () => {
		const { text, shown } = world();
		const of = (i: number) => later(4, 4, `${i}`).replaceAll(`c-${CONVERSATION}`, `c-${i}`);
		for (let i = 0; i <= 100; i++) await text(of(i));
		await text(of(100));
		await text(of(0));
		expect(told(shown).slice(-2)).toEqual(['100', '0, sounds']);
	});
});

interface Window {
	url: string;
	/** A page that does not answer: it loads, or is not the app. */
	isDeaf?: boolean;
	frameType?: string;
	isClosed?: boolean;
}

function pressing(
	windows: Window[],
	data: unknown = { path: `/chats/${CONVERSATION}`, ackToken: TOKEN },
	button: { action?: string; reply?: string } = {},
	onLost = () => {}
) {
	const log: string[] = [];
	const scope: ClickScope = {
		location: { origin: ORIGIN },
		clients: {
			matchAll: async () =>
				windows.map((w) => ({
					frameType: 'top-level',
					...w,
					async focus() {
						if (w.isClosed) {
							onLost();
							throw new TypeError('closed');
						}
						log.push(`focus ${w.url}`);
						return {
							postMessage(message: unknown, [port]: Transferable[]) {
								log.push(`post ${JSON.stringify(message)}`);
								if (!w.isDeaf) (port as MessagePort).postMessage('followed');
							},
							navigate: async (path: string) => void log.push(`navigate ${path}`)
						};
					}
				})),
			openWindow: async (path) => {
				log.push(`open ${path}`);
				return null;
			}
		}
	};
	const until: Promise<unknown>[] = [];
	const event = {
		...button,
		notification: { data, close: () => log.push('close') },
		waitUntil: (work: Promise<unknown>) => until.push(work)
	};
	onNotificationClick(event, scope, {
		acknowledge: async ({ state }) => void log.push(`ack ${state}`),
		act: async (_, what) => void log.push(`act ${JSON.stringify(what)}`),
		snooze: async (token) => void log.push(`snooze ${token === TOKEN}`),
		// Later than any message.
		late: () => new Promise((_, reject) => setTimeout(() => reject(new Error('late')), 50))
	});
	return Promise.all(until).then(() => log);
}

describe('pressing a notification', () => {
	it('opens the conversation in the window that is there', async () => {
		const windows = [{ url: `${ORIGIN}/chats` }, { url: `${ORIGIN}/more` }];
		expect(await pressing(windows)).toEqual([
			'close',
			`focus ${ORIGIN}/chats`,
			`post {"type":"open","path":"/chats/${CONVERSATION}"}`,
			'ack opened'
		]);
	});

	it('leads a window there that does not follow by itself', async () => {
		const log = await pressing([{ url: `${ORIGIN}/chats`, isDeaf: true }]);
		expect(log.at(-1)).toBe(`navigate /chats/${CONVERSATION}`);
		expect(log).not.toContain(`open /chats/${CONVERSATION}`);
	});

	it('opens one window where there is none', async () => {
		expect(await pressing([])).toEqual(['close', `open /chats/${CONVERSATION}`, 'ack opened']);
	});

	it('takes no frame, no widget and no other site for a window of the app', async () => {
		const windows = [
			{ url: `${ORIGIN}/frame/x` },
			{ url: `${ORIGIN}/chats`, frameType: 'nested' },
			{ url: 'https://shop.example/chats' }
		];
		expect(await pressing(windows)).toContain(`open /chats/${CONVERSATION}`);
	});

	it('finds the page that a window has gone on to meanwhile', async () => {
		const windows = [{ url: `${ORIGIN}/sign-in`, isClosed: true }];
		const log = await pressing(windows, undefined, {}, () => {
			windows[0] = { url: `${ORIGIN}/chats`, isClosed: false };
		});
		expect(log).toContain(`focus ${ORIGIN}/chats`);
		expect(log).not.toContain(`open /chats/${CONVERSATION}`);
	});

	it('opens one where the window has just closed', async () => {
		const log = await pressing([{ url: `${ORIGIN}/chats`, isClosed: true }]);
		expect(log).toEqual(['close', `open /chats/${CONVERSATION}`, 'ack opened']);
	});

	it('on Claim claims and opens, on Snooze only snoozes', async () => {
		expect(await pressing([], undefined, { action: 'claim' })).toEqual([
			'close',
			`open /chats/${CONVERSATION}`,
			'act {"name":"claim"}',
			'ack opened'
		]);
		expect(await pressing([], undefined, { action: 'snooze' })).toEqual([
			'close',
			'snooze true',
			'ack opened'
		]);
	});

	it.each(['reply', ''])(
		'with a text written in it (action "%s") sends that and opens nothing',
		async (action) => {
			expect(await pressing([], undefined, { action, reply: ' Hello ' })).toEqual([
				'close',
				'act {"name":"reply","body":"Hello"}',
				'ack opened'
			]);
		}
	);

	it('on Reply opens the conversation where no text can be written', async () => {
		const log = await pressing([], undefined, { action: 'reply' });
		expect(log).toContain(`open /chats/${CONVERSATION}`);
	});

	it('of one that an earlier version showed leads to the chats', async () => {
		expect(await pressing([], null)).toEqual(['close', 'open /chats']);
	});
});

describe('an acknowledgement', () => {
	const ack: AckRequest = { token: TOKEN, state: 'shown' };
	function server(statuses: (number | 'offline')[]) {
		const kept: AckRequest[] = [];
		const sent: RequestInit[] = [];
		const deps = {
			async fetch(_: string, init: RequestInit) {
				sent.push(init);
				const status = statuses.shift() ?? 200;
				if (status === 'offline') throw new TypeError('offline');
				return new Response('{}', { status });
			},
			keep: async (row: AckRequest) => void kept.push(row),
			async drain(send: (row: AckRequest) => Promise<boolean>) {
				for (let row = kept[0]; row && (await send(row)); row = kept[0]) kept.shift();
			},
			askForSync: async () => false
		};
		return { kept, sent, deps };
	}

	it('goes without cookies, and outlives the worker', async () => {
		const { sent, deps } = server([]);
		await acknowledge(ack, deps);
		expect(sent).toMatchObject([{ credentials: 'omit', keepalive: true, method: 'POST' }]);
		expect(JSON.parse(String(sent[0]?.body))).toEqual(ack);
	});

	it.each(['offline', 500, 503, 429] as const)(
		'is kept (%s) and goes with the next one',
		async (status) => {
			const { kept, sent, deps } = server([status]);
			await acknowledge(ack, deps);
			expect(kept).toEqual([ack]);
			await acknowledge({ ...ack, state: 'opened' }, deps);
			expect(kept).toEqual([]);
			expect(sent.map(({ body }) => JSON.parse(String(body)).state)).toEqual([
				'shown',
				'opened',
				'shown'
			]);
		}
	);

	it.each([400, 404])('that the server will never take (%i) is not kept', async (status) => {
		const { kept, deps } = server([status]);
		await acknowledge(ack, deps);
		expect(kept).toEqual([]);
	});

	it('never fails, also without any storage', async () => {
		const { deps } = server(['offline']);
		const keep = async () => {
			throw new DOMException('no storage');
		};
		await expect(acknowledge(ack, { ...deps, keep })).resolves.toBeUndefined();
	});
});

describe('a dropped registration', () => {
	const subscription = {
		toJSON: () => ({ endpoint: 'https://push.example/new', keys: { p256dh: 'p', auth: 'a' } })
	} as unknown as PushSubscription;
	async function change(deviceId: string | null, newSubscription: PushSubscription | null = null) {
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
					return Response.json({ publicKey: 'KEY', keyId: 'id', state: 'live' });
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
