import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ReachResponse } from '#contract/presence.ts';
import { getMeta } from '../../src/lib/db/meta.ts';
import { type Cache, openCache } from '../../src/lib/db/schema.ts';
import { Offline } from '../../src/lib/sync/failures.ts';

type Reach = ReachResponse['members'][number]['reach'];

/** What the page, the server and the rest of the app are to the module. */
const around = vi.hoisted(() => ({
	timers: new Set<() => void>(),
	/** What is read from the device, a moment after it was written. */
	kept: { value: undefined as unknown },
	questions: [] as PromiseWithResolvers<unknown>[],
	here: null as null | { cache: unknown; teamId: string; wallNow(): number }
}));

vi.mock('../../src/lib/state/page.svelte.ts', () => ({
	thisPage: {
		visibility: 'visible',
		on: () => () => {},
		after(_ms: number, run: () => void) {
			around.timers.add(run);
			return () => around.timers.delete(run);
		}
	}
}));
vi.mock('../../src/lib/presence/ask.ts', () => ({
	setMemberOffline: vi.fn(),
	askReach() {
		const question = Promise.withResolvers<unknown>();
		around.questions.push(question);
		return question.promise;
	}
}));
vi.mock('../../src/lib/state/workspace.svelte.ts', () => ({
	workspace: {
		get current() {
			return around.here;
		},
		status: { isConnected: true }
	}
}));
vi.mock('../../src/lib/state/session.svelte.ts', () => ({ session: { team: null } }));
vi.mock('../../src/lib/state/inbox.svelte.ts', () => ({ inbox: { members: [] } }));
vi.mock('../../src/lib/state/clock.svelte.ts', () => ({ clock: { now: 0, here: 0 } }));
vi.mock('../../src/lib/state/live.svelte.ts', () => ({ live: () => around.kept }));

const { colleagues } = await import('../../src/lib/state/colleagues.svelte.ts');

let cache: Cache;
let stop: () => void;
beforeEach(async () => {
	cache = openCache('ana');
	await cache.meta.clear();
	around.here = { cache, teamId: 't', wallNow: () => 5 };
	around.questions = [];
	stop = colleagues.follow();
	await vi.waitFor(() => expect(around.timers.size).toBe(1));
});
afterEach(() => {
	stop();
	cache.close();
});

/** The page's next question, answered when the test says so. */
function ask() {
	for (const run of [...around.timers]) {
		around.timers.delete(run);
		run();
	}
	const question = around.questions.at(-1);
	return (reach: Reach) =>
		question?.resolve({ members: [{ userId: 'ben', reach, provedAt: null }] });
}
const kept = async () => (await getMeta(cache, 'reach:t'))?.members.map(({ reach }) => reach);
const soon = (reach: Reach) => vi.waitFor(async () => expect(await kept()).toEqual([reach]));

test('the answer to what was asked last is kept, though an earlier one arrives after it', async () => {
	const [earlier, later] = [ask(), ask()];
	later('reachable');
	await soon('reachable');
	earlier('no');
	const last = ask();
	await cache.meta.count();
	expect(await kept()).toEqual(['reachable']);
	last('unproved');
	await soon('unproved');
});

test('an answer about a team that was left meanwhile is dropped', async () => {
	const answer = ask();
	around.here = { cache: openCache('ana'), teamId: 'other', wallNow: () => 5 };
	cache.close();
	// What is thrown behind the page's back fails the run.
	answer('no');
	await new Promise((resolve) => setImmediate(resolve));
	cache = openCache('ana');
	expect(await kept()).toBeUndefined();
});

test('there is no list before the answer can be read, which would move people about in it', async () => {
	ask()('reachable');
	await soon('reachable');
	expect(colleagues.isReady).toBe(false);
	around.kept.value = { at: 5, members: [] };
	expect(colleagues.isReady).toBe(true);
	around.kept.value = undefined;
});

test('there is one where no answer comes', async () => {
	ask();
	around.questions.at(-1)?.reject(new Offline());
	await vi.waitFor(() => expect(colleagues.isReady).toBe(true));
});
