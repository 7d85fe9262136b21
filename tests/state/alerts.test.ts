import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Conversation, Message } from '#contract/entities.ts';
import { newId } from '#contract/new-id.ts';
import type {
	NotificationEventName,
	NotificationSettings,
	Privacy
} from '#contract/notifications.ts';
import type { SyncPage } from '#contract/sync.ts';
import type { Alert } from '../../src/lib/push/alert.ts';
import { Offline } from '../../src/lib/sync/failures.ts';

const NOW = 1_000_000;

/** What the page, its browser and the rest of the app are to the module. */
const around = vi.hoisted(() => ({
	now: 0,
	userId: '',
	visibility: 'visible',
	/** For the page that goes out of sight or comes into it. */
	listeners: new Set<() => void>(),
	isFocused: false,
	timers: new Map<() => void, number>(),
	/** What this page has said to the others, and how it hears them. */
	said: [] as { type: string; alert?: { conversationId: string } }[],
	hear: (_: unknown) => {},
	permission: 'default' as string | undefined,
	/** The browser holds a registration with its push service. */
	isRegistered: false,
	/** Of this device and its person, as the app knows them. */
	status: 'online',
	notifications: {} as Record<string, unknown>,
	/** What the server lets the team's lock screens show; null: it does not answer. */
	maxPrivacy: 'full' as Privacy | null,
	/** Whether the page has a place for an alert. */
	isPutUp: true,
	/** Conversations that the server was told to be seen. */
	confirmed: [] as string[],
	/** The person's teams that are not open. */
	otherTeams: [] as { team: { id: string }; waitingCount?: number }[],
	/** How often the page has asked anew who this is. */
	refreshes: 0,
	/** Numbers set on the app's icon. */
	badges: [] as number[],
	sounds: [] as string[],
	notices: [] as string[],
	/** Tag, message and ring of what stands on the desktop. */
	standing: new Set<string>()
}));

const PERMISSION = {
	get permission() {
		return around.permission;
	}
};
vi.stubGlobal('Notification', PERMISSION);
vi.mock('../../src/lib/state/page.svelte.ts', () => ({
	thisPage: {
		now: () => around.now,
		get visibility() {
			return around.visibility;
		},
		get isFocused() {
			return around.isFocused;
		},
		on(_: string, listener: () => void) {
			around.listeners.add(listener);
			return () => around.listeners.delete(listener);
		},
		hold: (_name: string, _how: object, work: (isHeld: boolean) => Promise<void>) => work(true),
		after(ms: number, run: () => void) {
			around.timers.set(run, ms);
			return () => around.timers.delete(run);
		},
		broadcast: (name: string) => ({
			post: (message: (typeof around.said)[number]) =>
				void (name === 'bellhop-alerts' && around.said.push(message)),
			on(listener: (message: unknown) => void) {
				if (name === 'bellhop-alerts') around.hear = listener;
				return () => {};
			},
			close() {}
		})
	}
}));
vi.mock('../../src/lib/state/session.svelte.ts', () => ({
	session: {
		can: () => true,
		team: { id: 't' },
		async refresh() {
			around.refreshes += 1;
		},
		get me() {
			const user = { id: around.userId, firstName: 'Ana', lastName: 'Duarte', email: '' };
			return { user, teams: [{ team: { id: 't' }, waitingCount: 9 }, ...around.otherTeams] };
		}
	}
}));
vi.mock('../../src/lib/state/workspace.svelte.ts', () => ({
	workspace: { current: { teamId: 't', userId: 'ana', deviceId: 'd', cache: {} } }
}));
vi.mock('../../src/lib/state/inbox.svelte.ts', () => ({
	inbox: { waitingCount: 1, waitingForMeCount: 2 }
}));
vi.mock('../../src/lib/state/conversation-views.ts', () => ({
	loadView: async () => ({ waitingSince: 1 })
}));
vi.mock('../../src/lib/state/presence.svelte.ts', () => ({
	presence: {
		get status() {
			return around.status;
		}
	}
}));
vi.mock('../../src/lib/state/notifications.svelte.ts', () => ({
	get notifications() {
		return around.notifications;
	}
}));
vi.mock('../../src/lib/state/api.ts', () => ({
	get: async (path: string) => {
		expect(path).toBe('/api/push/settings');
		if (around.maxPrivacy === null) throw new Offline();
		return { teams: [{ teamId: 't', maxPrivacy: around.maxPrivacy }] };
	}
}));
vi.mock('../../src/lib/push/sound.ts', () => ({
	async playSound(event: string) {
		around.sounds.push(event);
		return true;
	},
	wakeSound: async () => true
}));
vi.mock('../../src/lib/push/report.ts', () => ({
	reportOpened() {},
	reportSeen: async (seen: { conversationId: string }) =>
		void around.confirmed.push(seen.conversationId)
}));
vi.mock('../../src/lib/push/browser.ts', () => ({
	thisBrowser: { held: async () => (around.isRegistered ? {} : null) }
}));
vi.mock('../../src/lib/push/notices.ts', () => ({
	closeNotices: async () => {},
	setBadge: async (count: number) => void around.badges.push(count),
	isNoticed: async (tag: string, { seq, ring }: { seq: number; ring: number | null }) =>
		around.standing.has(`${tag} ${seq} ${ring ?? 0}`),
	async showNotice(title: string, { tag, body, data }: NotificationOptions) {
		around.notices.push(body ? `${title}: ${body}` : title);
		around.standing.add(`${tag} ${data.seq} ${data.ring}`);
	}
}));

/** As they come for a new agent. */
const SETTINGS: NotificationSettings = {
	events: {
		escalation: { push: true, browser: true, sound: true },
		unanswered: { push: true, browser: true, sound: true },
		message_mine: { push: true, browser: true, sound: true },
		message_unassigned: { push: true, browser: true, sound: true },
		assigned: { push: true, browser: true, sound: true },
		mention: { push: true, browser: true, sound: true }
	},
	privacy: 'full',
	quietHours: { isOn: false, from: '22:00', until: '07:00', timeZone: 'UTC' },
	isSoundRepeated: false
};
const without = (event: NotificationEventName): NotificationSettings => {
	const { events } = SETTINGS;
	return { ...SETTINGS, events: { ...events, [event]: { ...events[event], browser: false } } };
};
const PREFERENCES = { browserOnline: true, browserOffline: false };

const { alerts } = await import('../../src/lib/state/alerts.svelte.ts');
const { dropEarlyNews, tellNews } = await import('../../src/lib/state/news.ts');

/** News of a chat that was escalated so many milliseconds ago. */
function escalation(conversationId: string, agoMs = 0, withinMs = Number.POSITIVE_INFINITY): void {
	const [seq, createdAt] = [1, NOW - agoMs];
	const conversation = {
		...{ id: conversationId, botId: 'b', state: 'pending', seq, visitor: { name: 'Mia' } },
		preview: { body: 'Is anybody there?' }
	};
	const message = { conversationId, seq, createdAt, kind: 'event', event: { type: 'escalated' } };
	bring({ ...conversation, rungAt: null }, [message], withinMs);
}

/** News that everyone is rung anew for it, since nobody has answered. */
function rungAgain(conversationId: string): void {
	const head = { id: conversationId, botId: 'b', state: 'pending', seq: 1 };
	const shown = { visitor: { name: 'Mia' }, preview: { body: 'Is anybody there?' } };
	bring({ ...head, ...shown, rungAt: NOW }, [], Number.POSITIVE_INFINITY);
}

function bring(conversation: object, messages: object[], withinMs: number): void {
	const page: Partial<SyncPage> = {
		...{ teamId: 't', serverNow: NOW },
		conversations: [conversation as Conversation],
		messages: messages as Message[]
	};
	tellNews({ page: page as SyncPage, withinMs });
}

/** Time passes: what was to run after so long runs. */
async function pass(ms: number): Promise<void> {
	around.now += ms;
	for (const [run, after] of around.timers) {
		if (after > ms) continue;
		around.timers.delete(run);
		await run();
	}
}

const offered = () =>
	around.said.flatMap(({ type, alert }) => (type === 'alert' && alert ? [alert] : []));

let shown: string[];
let stop = () => {};
const start = () => {
	stop = alerts.start(({ conversationId }: Alert) => {
		if (around.isPutUp) shown.push(conversationId);
		return around.isPutUp;
	});
};
beforeEach(() => {
	shown = [];
	Object.assign(around, {
		...{ visibility: 'visible', isFocused: false, confirmed: [], isPutUp: true },
		...{
			otherTeams: [],
			refreshes: 0,
			permission: 'default',
			isRegistered: false,
			said: [],
			badges: [],
			sounds: [],
			notices: []
		},
		...{ userId: newId(), status: 'online', maxPrivacy: 'full' },
		notifications: { state: 'off', preferences: PREFERENCES, settings: SETTINGS }
	});
	around.standing.clear();
	around.timers.clear();
	dropEarlyNews();
});
afterEach(() => {
	stop();
	vi.useRealTimers();
});

test('what came while the alerts were still loading is told as soon as they are there, once', async () => {
	escalation('early');
	start();
	expect(shown).toEqual(['early']);
	escalation('later');
	stop();
	start();
	expect(shown).toEqual(['early', 'later']);
});

test('what came long before anybody listened, or for somebody else, is not told', async () => {
	escalation('before');
	await pass(30_000);
	start();
	expect(shown).toEqual([]);
	stop();
	escalation('theirs');
	dropEarlyNews();
	start();
	expect(shown).toEqual([]);
});

test('of a first sync only what came after the opening is told', () => {
	start();
	escalation('before', 2_000, 1_500);
	escalation('since', 1_000, 1_500);
	expect(shown).toEqual(['since']);
});

test('a page that is just opening asks for what nobody has told, and gets it', async () => {
	around.visibility = 'hidden';
	start();
	expect(around.said).toEqual([{ type: 'ask' }]);
	escalation('c');
	await pass(300);
	expect(offered()).toHaveLength(1);
	around.hear({ type: 'ask' });
	expect(offered().map((alert) => alert.conversationId)).toEqual(['c', 'c']);
	around.hear({ type: 'taken', key: 'c 1' });
	around.hear({ type: 'ask' });
	expect(offered()).toHaveLength(2);
	escalation('old');
	await pass(5_000);
	around.hear({ type: 'ask' });
	expect(offered()).toHaveLength(3);
	expect(around.notices).toEqual([]);
});

test('what stands on the desktop already, or was told in another page, is not told again', async () => {
	around.visibility = 'hidden';
	around.permission = 'granted';
	start();
	escalation('desktop');
	await pass(300);
	expect(around.notices).toEqual(['Mia waits for a person: Is anybody there?']);
	escalation('elsewhere');
	around.hear({ type: 'taken', key: 'elsewhere 1' });
	escalation('elsewhere');
	await pass(300);
	expect(around.notices).toHaveLength(1);
	around.hear({ type: 'ask' });
	expect(offered()).toHaveLength(2);
});

test('what is brought twice, or by two pages, is told by one notification', async () => {
	Object.assign(around, { visibility: 'hidden', permission: 'granted' });
	start();
	escalation('twice');
	await pass(300);
	expect(around.said.at(-1)).toEqual({ type: 'taken', key: 'twice 1' });
	// A browser that does not tell what stands on the desktop.
	around.standing.clear();
	escalation('twice');
	await pass(300);
	around.standing.add('c-elsewhere 1 0');
	escalation('elsewhere');
	await pass(300);
	expect(around.notices).toEqual(['Mia waits for a person: Is anybody there?']);
});

test('each ring of the ladder is told once more beside the escalation that still stands, and sounds', async () => {
	Object.assign(around, { visibility: 'hidden', permission: 'granted' });
	start();
	escalation('again');
	await pass(300);
	for (const _ of ['once', 'twice']) {
		rungAgain('again');
		await pass(300);
	}
	expect(around.notices).toEqual([
		'Mia waits for a person: Is anybody there?',
		'Mia still waits: Is anybody there?'
	]);
	around.visibility = 'visible';
	rungAgain('seen');
	await pass(0);
	expect(around.sounds).toEqual(['unanswered']);
});

/** What a hidden page on a device without a push tells of an escalation. */
async function toldHidden(): Promise<string[]> {
	Object.assign(around, { visibility: 'hidden', permission: 'granted' });
	start();
	escalation('hidden');
	await pass(300);
	return around.notices;
}

test.each<[Privacy, Privacy | null, string]>([
	['full', 'full', 'Mia waits for a person: Is anybody there?'],
	['name', 'full', 'Mia waits for a person'],
	['full', 'name', 'Mia waits for a person'],
	['full', 'nothing', 'New chat'],
	['nothing', 'full', 'New chat'],
	['full', null, 'New chat']
])(
	'where the person lets it show "%s" and the team "%s", a notification says "%s"',
	async (...given) => {
		const [privacy, maxPrivacy, expected] = given;
		Object.assign(around, { maxPrivacy });
		Object.assign(around.notifications, { settings: { ...SETTINGS, privacy } });
		expect(await toldHidden()).toEqual([expected]);
	}
);

test('before it is known what a lock screen may show, a notification shows least', async () => {
	Object.assign(around.notifications, { settings: null });
	expect(await toldHidden()).toEqual(['New chat']);
});

test('the icon counts who waits for this person, also of the chats that were given to them', async () => {
	start();
	await vi.waitFor(() => expect(around.badges).toEqual([2]));
});

test('the icon counts those of the teams that are not open, as the server said last', async () => {
	around.otherTeams = [{ team: { id: 'other' }, waitingCount: 3 }, { team: { id: 'older' } }];
	start();
	await vi.waitFor(() => expect(around.badges).toEqual([5]));
});

test.each([
	['asks the server for them when it comes into sight', [{ team: { id: 'other' } }], 1],
	['asks for none where there is no other team', [], 0]
])('a page %s', (_, otherTeams, expected) => {
	around.otherTeams = otherTeams;
	start();
	for (const visibility of ['hidden', 'visible']) {
		around.visibility = visibility;
		for (const tell of around.listeners) tell();
	}
	expect(around.refreshes).toBe(expected);
});

test('a page in front of the person tells it alone, and confirms it', async () => {
	Object.assign(around, { permission: 'granted', isFocused: true });
	start();
	escalation('front');
	expect(around.said.at(-1)).toEqual({ type: 'taken', key: 'front 1' });
	escalation('front');
	await pass(300);
	expect([shown, around.confirmed, around.notices]).toEqual([['front'], ['front'], []]);
});

test('in sight behind another window it is told in the app and by one notification', async () => {
	Object.assign(around, { permission: 'granted' });
	start();
	escalation('behind');
	escalation('behind');
	await pass(300);
	const notice = 'Mia waits for a person: Is anybody there?';
	expect([shown, around.confirmed, around.notices]).toEqual([['behind'], [], [notice]]);
	// Brought by a page that takes it for news, later.
	around.hear({ type: 'alert', alert: offered()[0] });
	await pass(300);
	expect([shown, around.notices]).toEqual([['behind'], [notice]]);
});

test('in sight behind another window, on a device with a push, it is told in the app alone', async () => {
	Object.assign(around, { permission: 'granted' });
	Object.assign(around.notifications, { state: 'on' });
	start();
	escalation('behind');
	await pass(300);
	expect([shown, around.confirmed, around.notices]).toEqual([['behind'], [], []]);
});

test('what a page in front has no place for is not confirmed, and told by a notification', async () => {
	Object.assign(around, { permission: 'granted', isFocused: true, isPutUp: false });
	start();
	escalation('unplaced');
	await pass(300);
	expect([shown, around.confirmed, around.notices]).toEqual([
		[],
		[],
		['Mia waits for a person: Is anybody there?']
	]);
	expect(around.sounds).toEqual(['escalation']);
});

const [BOTH, ONLINE, OFFLINE, NEITHER] = [
	{ browserOnline: true, browserOffline: true },
	{ browserOnline: true, browserOffline: false },
	{ browserOnline: false, browserOffline: true },
	{ browserOnline: false, browserOffline: false }
];
test.each([
	['online', ONLINE, true],
	['online', OFFLINE, false],
	['offline', OFFLINE, true],
	['offline', ONLINE, false],
	['checking', ONLINE, true],
	['checking', OFFLINE, true],
	['checking', NEITHER, false],
	['not connected', ONLINE, true],
	['not connected', OFFLINE, true],
	['not connected', NEITHER, false]
])(
	'%s, with %o, a hidden page tells by a notification: %s',
	async (status, preferences, isTold) => {
		Object.assign(around, { status });
		Object.assign(around.notifications, { preferences });
		expect(await toldHidden()).toHaveLength(isTold ? 1 : 0);
	}
);

test.each([
	['the event is not to be told so', { settings: without('escalation') }, []],
	['another event is not', { settings: without('mention') }, ['Mia waits for a person']],
	['a push reaches the device', { state: 'on' }, []],
	['the registration has ended', { state: 'expired' }, ['Mia waits for a person']],
	['the switches are not known yet', { preferences: null }, []],
	['it is not known yet whether a push does', { state: 'loading' }, []]
])('where %s, with %o, a hidden page tells %j', async (_, given, expected) => {
	Object.assign(around, { maxPrivacy: 'name' });
	Object.assign(around.notifications, { preferences: BOTH }, given);
	expect(await toldHidden()).toEqual(expected);
});

describe('where the server has not said for seconds whether a push reaches the device, a hidden page', () => {
	const UNKNOWN = { state: 'loading', preferences: null, settings: null };
	test.each<[string, { isRegistered?: boolean; status?: string; known?: object }, string[]]>([
		['tells what no push can', {}, ['New chat']],
		['leaves it to the push that may', { isRegistered: true }, []],
		['tells nobody who is offline', { status: 'offline' }, []],
		['tells whoever may be online', { status: 'not connected' }, ['New chat']],
		[
			'goes by the switches that are known',
			{ known: { preferences: { ...BOTH, browserOnline: false } } },
			[]
		],
		['goes by what it has said meanwhile', { known: { state: 'on' } }, []]
	])('%s', async (_, { isRegistered = false, status = 'online', known }, expected) => {
		Object.assign(around, { isRegistered, status });
		Object.assign(around.notifications, UNKNOWN);
		expect(await toldHidden()).toEqual([]);
		Object.assign(around.notifications, known);
		await pass(5_000);
		expect(around.notices).toEqual(expected);
	});

	test('has nothing to tell once it was seen elsewhere', async () => {
		Object.assign(around.notifications, UNKNOWN);
		await toldHidden();
		around.hear({ type: 'taken', key: `${offered()[0]?.conversationId} 1` });
		await pass(5_000);
		expect(around.notices).toEqual([]);
	});
});

test.each(['denied', 'default'])(
	'without the permission (%s) no notification is tried',
	async (permission) => {
		Object.assign(around, { visibility: 'hidden', permission });
		start();
		escalation('hidden');
		await pass(300);
		expect(around.notices).toEqual([]);
	}
);

test('a browser that knows no notifications tells nothing, and fails at nothing', async () => {
	Reflect.deleteProperty(globalThis, 'Notification');
	try {
		expect(await toldHidden()).toEqual([]);
	} finally {
		vi.stubGlobal('Notification', PERMISSION);
	}
});

describe('quiet hours', () => {
	const night = (timeZone: string) => ({
		settings: { ...SETTINGS, quietHours: { ...SETTINGS.quietHours, isOn: true, timeZone } }
	});
	const cases = [
		['2026-01-05T23:00Z', 'UTC', false],
		['2026-01-05T12:00Z', 'UTC', true],
		['2026-01-05T23:00Z', 'America/New_York', true],
		['2026-01-05T23:00Z', 'Mars/Olympus', true]
	] as const;

	test.each(cases)('at %s in the time of %s a hidden page tells: %s', async (at, zone, isTold) => {
		vi.setSystemTime(at);
		Object.assign(around.notifications, night(zone));
		expect(await toldHidden()).toHaveLength(isTold ? 1 : 0);
	});

	test.each(cases)(
		'at %s in the time of %s a page in sight sounds: %s',
		async (at, zone, isHeard) => {
			vi.setSystemTime(at);
			Object.assign(around.notifications, night(zone));
			start();
			escalation('seen');
			expect(shown).toEqual(['seen']);
			expect(around.sounds).toHaveLength(isHeard ? 1 : 0);
		}
	);

	test('end the bell of a visitor who waits', async () => {
		vi.setSystemTime('2026-01-05T21:59:55Z');
		const { settings } = night('UTC');
		Object.assign(around.notifications, { settings: { ...settings, isSoundRepeated: true } });
		start();
		escalation('waits');
		const isToCome = () => expect([...around.timers.values()]).toContain(8_000);
		await vi.waitFor(isToCome);
		await pass(8_000);
		await vi.waitFor(isToCome);
		expect(around.sounds).toHaveLength(2);
		vi.setSystemTime('2026-01-05T22:00:03Z');
		await pass(8_000);
		// Whatever was begun by that has sounded by then.
		await new Promise(setImmediate);
		expect(around.sounds).toHaveLength(2);
	});
});
