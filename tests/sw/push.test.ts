import { describe, expect, it, vi } from 'vitest';
import type { AckRequest } from '#contract/push.ts';
import { compose, composeTest } from '../../api/push/compose.ts';
import type { KeptAck } from '../../src/lib/db/worker.ts';
import { acknowledge } from '../../src/lib/sw/ack.ts';
import { type ClickDeps, type ClickScope, onNotificationClick } from '../../src/lib/sw/click.ts';
import { onPush, type PushArrival, type PushScope } from '../../src/lib/sw/push.ts';

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
	elsewhereCount: 0,
	isWaiting: true,
	isNew: true,
	isGeneric: false
});

interface Shown {
	title: string;
	options: NotificationOptions & { renotify?: boolean; data: { path: string } };
}

/** The worker's world: what happened in it, in order. */
function world({
	showFails = 0,
	setAppBadge = async () => {},
	pause = async (_ms: number): Promise<void> => {}
} = {}) {
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
				await setAppBadge();
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
		pause
	};
	const push = async (
		data: PushArrival['data'],
		notification: PushArrival['notification'] = null
	) => {
		const until: Promise<unknown>[] = [];
		const waitUntil = (work: Promise<unknown>) => until.push(work);
		const event = { data, notification, waitUntil };
		onPush(event, scope, deps);
		// Called within the event itself, before anything could be awaited.
		const isShownAtOnce = log.at(-1) === 'show';
		await Promise.all(until);
		return isShownAtOnce;
	};
	return {
		deps,
		scope,
		log,
		shown,
		acks,
		push,
		text: (text: string) => push({ text: () => text })
	};
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
		['a Chromium', {}, true],
		['another browser', undefined, false]
	])(
		'that is answered while it is being acknowledged: %s ends the event before: %s',
		async (_, userAgentData, isOver) => {
			const answer = Promise.withResolvers<void>();
			const { deps, scope, log } = world();
			Object.assign(scope.navigator, { userAgentData });
			deps.acknowledge = async () => {
				await answer.promise;
				log.push('acknowledged');
			};
			let ended = false;
			const waitUntil = (work: Promise<unknown>) => void work.then(() => (ended = true));
			onPush({ data: { text: () => payload }, waitUntil }, scope, deps);
			await new Promise((resolve) => setImmediate(resolve));
			expect(ended).toBe(isOver);
			answer.resolve();
			await vi.waitFor(() => expect([ended, log.at(-1)]).toEqual([true, 'catch up']));
		}
	);

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

describe('a push that the system puts up by itself', () => {
	const never = () => new Promise<void>(() => {});
	const { notification } = JSON.parse(payload);

	it('is left to it, with the number on the icon, and acknowledged by what it carries', async () => {
		const { push, log, acks } = world({ pause: never });
		await push(null, notification);
		expect(log).toEqual(['ack shown', 'catch up']);
		expect(acks).toEqual([{ token: TOKEN, state: 'shown' }]);
	});

	it('is kept waiting for a second at most', async () => {
		const waits: number[] = [];
		const { push, deps } = world({ pause: async (ms: number) => void waits.push(ms) });
		deps.acknowledge = never;
		await push(null, notification);
		expect(waits).toEqual([1_000]);
	});

	it.each([[null], [undefined], ['x'], [{}]])(
		'and that carries %j in place of ours is left to it',
		async (data) => {
			const { push, log } = world({ pause: never });
			await push(null, { data });
			expect(log).toEqual(['catch up']);
		}
	);
});

it('a push is acknowledged though the number on the icon never settles', async () => {
	const { text, acks } = world({ setAppBadge: () => new Promise<void>(() => {}) });
	void text(payload);
	await vi.waitFor(() => expect(acks).toEqual([{ token: TOKEN, state: 'shown' }]));
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
	/** The press was too long ago to focus it. */
	isOutOfReach?: boolean;
}

function pressing(
	windows: Window[],
	data: unknown = { path: `/chats/${CONVERSATION}`, ackToken: TOKEN },
	button: { action?: string; reply?: string } = {},
	onLost = () => {},
	turns: ClickDeps['turns'] = new Map(),
	mayOpen = true
) {
	const log: string[] = [];
	const led = (w: Window) => ({
		postMessage(message: unknown, [port]: Transferable[]) {
			log.push(`post ${JSON.stringify(message)}`);
			if (!w.isDeaf) (port as MessagePort).postMessage('followed');
		},
		navigate: async (path: string) => void log.push(`navigate ${path}`)
	});
	const scope: ClickScope = {
		location: { origin: ORIGIN },
		clients: {
			matchAll: async () =>
				windows.map((w) => ({
					frameType: 'top-level',
					...w,
					...led(w),
					async focus() {
						if (w.isOutOfReach) throw new DOMException('', 'InvalidAccessError');
						if (w.isClosed) {
							onLost();
							throw new TypeError('closed');
						}
						log.push(`focus ${w.url}`);
						return led(w);
					}
				})),
			openWindow: async (path) => {
				if (!mayOpen) throw new DOMException('', 'InvalidAccessError');
				log.push(`open ${path}`);
				return null;
			}
		}
	};
	const until: Promise<unknown>[] = [];
	const event = {
		...button,
		notification: { data, tag: `c-${CONVERSATION}`, close: () => log.push('close') },
		waitUntil: (work: Promise<unknown>) => until.push(work)
	};
	onNotificationClick(event, scope, {
		acknowledge: async ({ state }) => void log.push(`ack ${state}`),
		act: async (_, what) => void log.push(`act ${JSON.stringify(what)}`),
		snooze: async (token) => void log.push(`snooze ${token === TOKEN}`),
		turns,
		// Later than any message.
		late: () => new Promise((_, reject) => setTimeout(() => reject(new Error('late')), 50))
	});
	return Promise.all(until).then(() => log);
}

describe('pressing a notification', () => {
	it('opens the conversation in the window that is there', async () => {
		const windows = [{ url: `${ORIGIN}/chats` }, { url: `${ORIGIN}/more` }];
		expect(await pressing(windows)).toEqual([
			...['close', 'ack opened'],
			`focus ${ORIGIN}/chats`,
			`post {"type":"open","path":"/chats/${CONVERSATION}"}`
		]);
	});

	it('at once closes it when the browser has seen it stand, and leads on meanwhile', async () => {
		const { deps, text } = world();
		const stands = Promise.withResolvers<void>();
		deps.pause = () => stands.promise;
		await text(payload);
		const log = pressing([], undefined, {}, undefined, deps.turns);
		await new Promise((resolve) => setImmediate(resolve));
		stands.resolve();
		expect(await log).toEqual(['ack opened', `open /chats/${CONVERSATION}`, 'close']);
	});

	it('of a test leads the window that is there to the doctor, and opens no other', async () => {
		const { text, shown } = world();
		const test = { deliveryId: 'd', ackToken: TOKEN, publicOrigin: ORIGIN, deviceName: 'Phone' };
		await text(composeTest(test));
		expect(await pressing([{ url: `${ORIGIN}/doctor` }], shown[0]?.options.data)).toEqual([
			...['close', 'ack opened'],
			`focus ${ORIGIN}/doctor`,
			'post {"type":"open","path":"/doctor?test=d"}'
		]);
	});

	it('leads a window there that does not follow by itself', async () => {
		const log = await pressing([{ url: `${ORIGIN}/chats`, isDeaf: true }]);
		expect(log.at(-1)).toBe(`navigate /chats/${CONVERSATION}`);
		expect(log).not.toContain(`open /chats/${CONVERSATION}`);
	});

	it('opens one window where there is none', async () => {
		expect(await pressing([])).toEqual(['close', 'ack opened', `open /chats/${CONVERSATION}`]);
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
		expect(log).toEqual(['close', 'ack opened', `open /chats/${CONVERSATION}`]);
	});

	it('leads the window that the press before has opened so slowly that nothing may be focused any more', async () => {
		const windows = [{ url: `${ORIGIN}/chats`, isOutOfReach: true }];
		expect(await pressing(windows, undefined, {}, undefined, undefined, false)).toEqual([
			...['close', 'ack opened'],
			`post {"type":"open","path":"/chats/${CONVERSATION}"}`
		]);
	});

	it('claims and tells that it was pressed also where nothing may open', async () => {
		const log = pressing([], undefined, { action: 'claim' }, undefined, undefined, false);
		expect(await log).toEqual(['close', 'act {"name":"claim"}', 'ack opened']);
	});

	it('on Claim claims and opens, on Snooze only snoozes', async () => {
		const claimed = await pressing([], undefined, { action: 'claim' });
		expect(claimed.toSorted()).toEqual([
			...['ack opened', 'act {"name":"claim"}', 'close'],
			`open /chats/${CONVERSATION}`
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
		const kept: KeptAck[] = [];
		const sent: RequestInit[] = [];
		const clock = { at: 5_000 };
		const deps = {
			async fetch(_: string, init: RequestInit) {
				sent.push(init);
				const status = statuses.shift() ?? 200;
				if (status === 'offline') throw new TypeError('offline');
				return new Response('{}', { status });
			},
			keep: async (row: KeptAck) => void kept.push(row),
			async drain(send: (row: KeptAck) => Promise<boolean>) {
				for (let row = kept[0]; row && (await send(row)); row = kept[0]) kept.shift();
			},
			askForSync: async () => false,
			now: () => clock.at
		};
		const told = () => sent.map(({ body }) => JSON.parse(String(body)));
		return { kept, sent, told, clock, deps };
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
			const { kept, told, clock, deps } = server([status]);
			await acknowledge(ack, deps);
			expect(kept).toEqual([{ ...ack, at: 5_000 }]);
			clock.at = 12_345.6;
			await acknowledge({ ...ack, state: 'opened' }, deps);
			expect(kept).toEqual([]);
			expect(told()).toEqual([ack, { ...ack, state: 'opened' }, { ...ack, waitedMs: 7_346 }]);
		}
	);

	it.each<[string, Partial<KeptAck>, object]>([
		['before the clock was set back', { at: 9_000 }, { waitedMs: 0 }],
		['by a version that did not say when', {}, {}]
	])('that was kept %s is sent all the same', async (_, when, told) => {
		const world = server([]);
		world.kept.push({ ...ack, ...when });
		await acknowledge({ ...ack, state: 'opened' }, world.deps);
		expect(world.told()).toEqual([
			{ ...ack, state: 'opened' },
			{ ...ack, ...told }
		]);
	});

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
