import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Presence } from '#contract/entities.ts';
import type { BeatResponse, IntentRequest } from '#contract/presence.ts';
import { type Cache, openCache } from '../../src/lib/db/schema.ts';
import { ApiFailure, Offline } from '../../src/lib/sync/failures.ts';

const SECOND = 1_000;
const TEAM = 'team';
const OFFLINE: Presence = {
	status: 'offline',
	since: 1,
	cause: null,
	until: null,
	reason: null,
	lastBeatAt: null
};
const ONLINE: Presence = { ...OFFLINE, status: 'online', since: 2, cause: 'set by you' };

/** What the page, the server and the rest of the app are to the module. */
const around = vi.hoisted(() => ({
	timers: new Map<() => void, number>(),
	beats: null as null | { onAnswer(answer: BeatResponse): void; onUnreached(): void },
	isStopped: false,
	words: [] as IntentRequest[],
	/** The server's next answers to a word, in order. */
	answers: [] as (() => { presence: Presence })[],
	cache: null as Cache | null
}));

vi.mock('../../src/lib/state/page.svelte.ts', () => ({
	thisPage: {
		after(ms: number, run: () => void) {
			around.timers.set(run, ms);
			return () => around.timers.delete(run);
		}
	}
}));
vi.mock('../../src/lib/state/session.svelte.ts', () => ({
	session: { me: { user: { id: 'ana', isAutoReturn: false } }, team: { id: 'team' } }
}));
vi.mock('../../src/lib/state/workspace.svelte.ts', () => ({
	workspace: {
		get current() {
			return { cache: around.cache, teamId: 'team', userId: 'ana' };
		}
	}
}));
vi.mock('../../src/lib/state/live.svelte.ts', () => ({ live: () => ({ value: undefined }) }));
vi.mock('../../src/lib/db/device.ts', () => ({
	deviceId: async () => 'device',
	deviceName: () => 'Firefox on Linux'
}));
vi.mock('../../src/lib/state/presence-server.ts', () => ({
	STANDS_MS: 60_000,
	startBeats(deps: NonNullable<typeof around.beats>) {
		around.beats = deps;
		around.isStopped = false;
		const page = { id: 'page', visibility: 'visible', isFocused: true, idleMs: 0 };
		return { state: () => page, stop: () => (around.isStopped = true) };
	},
	async putIntent(word: IntentRequest) {
		around.words.push(word);
		return (around.answers.shift() ?? refuse)();
	}
}));
const refuse = (): never => {
	throw new Offline();
};

const { presence } = await import('../../src/lib/state/presence.svelte.ts');

const answer = (of: Presence, leaseMs = 75 * SECOND): BeatResponse => ({
	leaseMs,
	everyMs: { visible: 25 * SECOND, hidden: 60 * SECOND },
	teams: [{ teamId: TEAM, presence: of }]
});
/** Time passes: what was to run after so long runs. */
function pass(ms: number): void {
	for (const [run, after] of around.timers) {
		if (after > ms) continue;
		around.timers.delete(run);
		run();
	}
}

let beats: NonNullable<typeof around.beats>;
let stop: () => void;
beforeEach(async () => {
	const indexedDB = new IDBFactory();
	around.cache = openCache('ana', { indexedDB, IDBKeyRange });
	around.words = [];
	around.answers = [];
	around.beats = null;
	stop = presence.start();
	beats = await vi.waitFor(() => around.beats ?? refuse());
});
afterEach(() => {
	stop();
	around.cache?.close();
});

test('nothing is believed until the server has answered, nor for longer than it vouched for', () => {
	expect(presence.status).toBe('not connected');
	beats.onAnswer(answer(ONLINE));
	expect(presence.status).toBe('online');
	pass(74 * SECOND);
	expect(presence.status).toBe('online');
	pass(75 * SECOND);
	expect(presence.status).toBe('not connected');
	beats.onAnswer(answer(ONLINE));
	beats.onUnreached();
	expect(presence.status).toBe('not connected');
	beats.onAnswer(answer({ ...ONLINE, status: 'checking' }));
	expect(presence.status).toBe('checking');
});

test('going online needs the server and is never kept for later', async () => {
	beats.onAnswer(answer(OFFLINE));
	await expect(presence.goOnline()).rejects.toBeInstanceOf(Offline);
	expect(presence.status).toBe('not connected');
	beats.onAnswer(answer(OFFLINE));
	expect(presence.status).toBe('offline');
	around.answers = [() => ({ presence: ONLINE })];
	await presence.goOnline();
	expect(presence.status).toBe('online');
	expect(around.words).toHaveLength(2);
	expect(around.words[1]).toMatchObject({ teamId: TEAM, status: 'online', deviceId: 'device' });
});

test('an answer to a word stands for a while, though no beat has been answered', async () => {
	around.answers = [() => ({ presence: ONLINE })];
	await presence.goOnline();
	expect(presence.status).toBe('online');
	pass(60 * SECOND);
	expect(presence.status).toBe('not connected');
});

test('going offline without a connection is kept, and said once when the server is back', async () => {
	beats.onAnswer(answer(ONLINE));
	await presence.goOffline({ untilMs: 600 * SECOND, reason: 'Lunch' });
	expect(presence.status).toBe('not connected');
	around.answers = [() => ({ presence: { ...OFFLINE, reason: 'Lunch' } })];
	beats.onAnswer(answer(ONLINE));
	await vi.waitFor(() => expect(presence.status).toBe('offline'));
	expect(around.words).toHaveLength(2);
	expect(around.words[1]).toMatchObject({ status: 'offline', reason: 'Lunch' });
	expect(around.words[1]?.untilMs).toBeLessThanOrEqual(600 * SECOND);
	beats.onAnswer(answer(OFFLINE));
	beats.onAnswer(answer(ONLINE));
	await around.cache?.meta.count();
	expect(around.words).toHaveLength(2);
});

test('what was kept is dropped when the agent has spoken since, here or elsewhere', async () => {
	beats.onAnswer(answer(ONLINE));
	await presence.goOffline();
	beats.onAnswer(answer({ ...ONLINE, since: 3 }));
	await vi.waitFor(async () => expect(await around.cache?.meta.count()).toBe(0));
	expect(around.words).toHaveLength(1);
	await presence.goOffline();
	around.answers = [() => ({ presence: ONLINE })];
	await presence.goOnline();
	beats.onAnswer(answer(ONLINE));
	await around.cache?.meta.count();
	expect(around.words.map(({ status }) => status)).toEqual(['offline', 'offline', 'online']);
});

test('what the server refuses is thrown and not kept', async () => {
	beats.onAnswer(answer(ONLINE));
	around.answers = [
		() => {
			throw new ApiFailure({ code: 'forbidden', message: 'No.' });
		}
	];
	await expect(presence.goOffline()).rejects.toBeInstanceOf(ApiFailure);
	expect(presence.isBusy).toBe(false);
	expect(presence.status).toBe('online');
	expect(await around.cache?.meta.count()).toBe(0);
});

test('nothing of a person is left after the sign-out', () => {
	beats.onAnswer(answer(ONLINE));
	stop();
	expect(around.isStopped).toBe(true);
	expect([presence.status, presence.since, presence.cause]).toEqual(['not connected', null, null]);
});
