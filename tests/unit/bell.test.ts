import { afterEach, expect, test, vi } from 'vitest';
import type { Alert } from '../../src/lib/push/alert.ts';
import { Bell } from '../../src/lib/push/bell.ts';
import { Browser, createNetwork, Tab } from '../sync/browser.ts';

const browser = () => new Browser(createNetwork(() => Promise.reject(new Error('no network'))));
const alert = (event: Alert['event'], conversationId = 'c', seq = 1): Alert => ({
	...{ event, teamId: 't', conversationId, botId: 'b', seq, ring: null },
	...{ title: 'Mia', body: 'Hello' }
});

const bells: Bell[] = [];
afterEach(() => {
	for (const bell of bells.splice(0)) bell.stop();
});

/** A page of the browser with a bell, and what can be heard of it. */
function pageOf(shared: Browser, given: { isMuted?: boolean; isRepeated?: boolean } = {}) {
	const played: string[] = [];
	const told: boolean[] = [];
	const waiting = new Set(['c']);
	const deps = {
		page: new Tab(shared).page,
		play: async (event: string) => {
			if (!given.isMuted) played.push(event);
			return !given.isMuted;
		},
		isWaiting: async (id: string) => waiting.has(id),
		isRepeated: () => given.isRepeated ?? true,
		onSounded: (hasSounded: boolean) => told.push(hasSounded)
	};
	const bell = new Bell(deps);
	bells.push(bell);
	return { bell, played, told, waiting };
}

test('of two pages in sight one sounds', async () => {
	const shared = browser();
	const [one, other] = [pageOf(shared), pageOf(shared)];
	await Promise.all([one, other].map(({ bell }) => bell.ring(alert('message_mine'))));
	expect([...one.played, ...other.played]).toEqual(['message_mine']);
	await other.bell.ring(alert('message_mine', 'c', 2));
	expect([...one.played, ...other.played]).toHaveLength(2);
});

test('a page that the browser keeps silent says so, and leaves the sound to another', async () => {
	const shared = browser();
	const [mute, loud] = [pageOf(shared, { isMuted: true }), pageOf(shared)];
	await mute.bell.ring(alert('message_mine'));
	await loud.bell.ring(alert('message_mine'));
	expect(mute.told).toEqual([false]);
	expect(loud.played).toEqual(['message_mine']);
});

test('the bell of a visitor who waits comes again until somebody has the chat', async () => {
	const { bell, played, waiting } = pageOf(browser());
	await bell.ring(alert('escalation'));
	await vi.waitFor(() => expect(played.length).toBeGreaterThan(2), { timeout: 10_000 });
	waiting.clear();
	const isWaiting = vi.fn();
	waiting.has = (id) => {
		isWaiting(id);
		return false;
	};
	const before = played.length;
	await vi.waitFor(() => expect(isWaiting).toHaveBeenCalled(), { timeout: 10_000 });
	expect(played).toHaveLength(before);
});

test.each([
	['a message', alert('message_mine'), {}],
	[
		'a visitor who waits, where the person wants it once',
		alert('escalation'),
		{ isRepeated: false }
	]
])('%s sounds once', async (_, news, given) => {
	const shared = browser();
	const { bell, played } = pageOf(shared, given);
	const later = pageOf(shared);
	await bell.ring(news);
	await later.bell.ring(alert('escalation', 'd'));
	later.waiting.add('d');
	await vi.waitFor(() => expect(later.played.length).toBeGreaterThan(2), { timeout: 10_000 });
	expect(played).toEqual([news.event]);
});

test('a bell that is to come again comes, though that was not known yet when it rang', async () => {
	const given = { isRepeated: false };
	const { bell, played } = pageOf(browser(), given);
	await bell.ring(alert('escalation'));
	given.isRepeated = true;
	await vi.waitFor(() => expect(played.length).toBeGreaterThan(1), { timeout: 10_000 });
});

test('a stopped bell is silent', async () => {
	const shared = browser();
	const { bell, played } = pageOf(shared);
	const later = pageOf(shared);
	await bell.ring(alert('escalation'));
	bell.stop();
	later.waiting.add('d');
	await later.bell.ring(alert('escalation', 'd'));
	await vi.waitFor(() => expect(later.played.length).toBeGreaterThan(2), { timeout: 10_000 });
	expect(played).toEqual(['escalation']);
});
