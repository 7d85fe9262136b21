import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Conversation, Message } from '#contract/entities.ts';
import type { SyncPage } from '#contract/sync.ts';
import type { Alert } from '../../src/lib/push/alert.ts';

const NOW = 1_000_000;

/** What the page, its browser and the rest of the app are to the module. */
const around = vi.hoisted(() => ({
	now: 0,
	visibility: 'visible',
	timers: new Map<() => void, number>(),
	/** What this page has said to the others, and how it hears them. */
	said: [] as { type: string; alert?: { conversationId: string } }[],
	hear: (_: unknown) => {},
	permission: 'default',
	notices: [] as string[],
	/** Tag and message of what stands on the desktop. */
	standing: new Set<string>()
}));

vi.stubGlobal('Notification', {
	get permission() {
		return around.permission;
	}
});
vi.mock('../../src/lib/state/page.svelte.ts', () => ({
	thisPage: {
		now: () => around.now,
		get visibility() {
			return around.visibility;
		},
		isFocused: false,
		on: () => () => {},
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
	session: { me: { user: { id: 'ana', firstName: 'Ana', lastName: 'Duarte', email: '' } } }
}));
vi.mock('../../src/lib/state/workspace.svelte.ts', () => ({
	workspace: { current: { teamId: 't', userId: 'ana', deviceId: 'd', cache: {} } }
}));
vi.mock('../../src/lib/state/inbox.svelte.ts', () => ({ inbox: { waitingCount: 0 } }));
vi.mock('../../src/lib/state/conversation-views.ts', () => ({ loadView: async () => null }));
vi.mock('../../src/lib/state/presence.svelte.ts', () => ({ presence: { status: 'online' } }));
vi.mock('../../src/lib/state/notifications.svelte.ts', () => ({
	notifications: { state: 'off', preferences: { browserOnline: true }, settings: null }
}));
vi.mock('../../src/lib/push/sound.ts', () => ({
	playSound: async () => true,
	wakeSound: async () => true
}));
vi.mock('../../src/lib/push/report.ts', () => ({ reportOpened() {}, reportSeen: async () => {} }));
vi.mock('../../src/lib/push/notices.ts', () => ({
	closeNotices: async () => {},
	setBadge: async () => {},
	isNoticed: async (tag: string, seq: number) => around.standing.has(`${tag} ${seq}`),
	async showNotice(title: string, { tag, data }: NotificationOptions) {
		around.notices.push(title);
		around.standing.add(`${tag} ${data.seq}`);
	}
}));

const { alerts } = await import('../../src/lib/state/alerts.svelte.ts');
const { dropEarlyNews, tellNews } = await import('../../src/lib/state/news.ts');

/** News of a chat that was escalated so many milliseconds ago. */
function escalation(conversationId: string, agoMs = 0, withinMs = Number.POSITIVE_INFINITY): void {
	const [seq, createdAt] = [1, NOW - agoMs];
	const conversation = { id: conversationId, state: 'pending', seq, visitor: { name: 'Mia' } };
	const message = { conversationId, seq, createdAt, kind: 'event', event: { type: 'escalated' } };
	const page: Partial<SyncPage> = {
		...{ teamId: 't', serverNow: NOW },
		conversations: [conversation as Conversation],
		messages: [message as Message]
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
	stop = alerts.start(({ conversationId }: Alert) => shown.push(conversationId));
};
beforeEach(() => {
	shown = [];
	Object.assign(around, { visibility: 'visible', permission: 'default', said: [], notices: [] });
	around.standing.clear();
	around.timers.clear();
	dropEarlyNews();
});
afterEach(() => stop());

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
	expect(around.notices).toEqual(['Mia waits for a person']);
	escalation('elsewhere');
	around.hear({ type: 'taken', key: 'elsewhere 1' });
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
	around.standing.add('c-elsewhere 1');
	escalation('elsewhere');
	await pass(300);
	expect(around.notices).toEqual(['Mia waits for a person']);
});
