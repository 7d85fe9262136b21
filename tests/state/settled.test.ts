import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Conversation, Team } from '#contract/entities.ts';
import { type Cache, openCache } from '../../src/lib/db/schema.ts';

/** What stands on the desktop, and whose browser it is. */
const around = vi.hoisted(() => ({
	standing: new Map<string, unknown>(),
	here: null as null | { cache: unknown; teamId: string; userId: string }
}));
vi.stubGlobal('navigator', {
	serviceWorker: {
		getRegistration: async () => ({
			getNotifications: async () =>
				[...around.standing].map(([tag, data]) => ({
					tag,
					data,
					close: () => around.standing.delete(tag)
				}))
		})
	}
});
vi.mock('../../src/lib/state/workspace.svelte.ts', () => ({
	workspace: {
		get current() {
			return around.here;
		}
	}
}));

const { closeSettled } = await import('../../src/lib/state/settled.ts');

let cache: Cache;
beforeEach(async () => {
	cache = openCache('ana');
	await Promise.all([cache.teams, cache.conversations, cache.reads].map((table) => table.clear()));
	for (const id of ['t', 'other']) await cache.teams.put({ id } as Team);
	around.standing.clear();
	around.here = { cache, teamId: 't', userId: 'ana' };
});
afterEach(() => cache.close());

type Known = Partial<Pick<Conversation, 'state' | 'assigneeId' | 'seq'>> & {
	readSeq?: number;
	teamId?: string;
};

/** Whether a notification of this kind, which told of message 5, still stands. */
async function stands(
	kind: string,
	{ readSeq = 0, teamId = 't', ...known }: Known
): Promise<boolean> {
	const head = { id: 'c', teamId, state: 'pending', assigneeId: null, seq: 5, ...known };
	await cache.conversations.put(head as Conversation & { teamId: string });
	await cache.reads.put({ teamId, conversationId: 'c', userId: 'ana', seq: readSeq });
	around.standing.set('c-c', { kind, seq: 5 });
	await closeSettled();
	return around.standing.has('c-c');
}

const OTHER = { teamId: 'other' };
test.each<[string, string, Known, boolean]>([
	['escalation', 'that still waits', {}, true],
	['escalation', 'that was read', { readSeq: 5 }, false],
	['escalation', 'that a colleague has', { assigneeId: 'ben' }, false],
	['message', 'in my chat', { state: 'unresolved', assigneeId: 'ana' }, true],
	['message', 'in a chat that is resolved', { state: 'resolved' }, false],
	['message', 'in a chat that the bot has again', { state: 'bot' }, false],
	['message', 'that is newer than what has been fetched', { seq: 4, state: 'resolved' }, true],
	['unanswered', 'that was read, and waits', { readSeq: 5 }, true],
	[
		'unanswered',
		'that was read, and has been answered',
		{ readSeq: 5, state: 'unresolved' },
		false
	],
	['mention', 'in a colleague’s chat', { state: 'unresolved', assigneeId: 'ben' }, true],
	['mention', 'in a chat that is resolved', { state: 'resolved', assigneeId: 'ben' }, true],
	['mention', 'in a chat that the bot has again', { state: 'bot' }, true],
	['mention', 'that was read', { assigneeId: 'ben', readSeq: 5 }, false],
	['mention', 'that was read before the chat went on', { seq: 7, readSeq: 6 }, false],
	['mention', 'that was not read before the chat went on', { seq: 7, readSeq: 4 }, true],
	['message', 'of a team that is not open, and that was read', { ...OTHER, readSeq: 5 }, false],
	[
		'message',
		'of a team that is not open, and is resolved',
		{ ...OTHER, state: 'resolved' },
		false
	],
	['escalation', 'of a team that is not open, and that still waits', OTHER, true]
])('of the kind %s, one %s: %o, stands: %s', async (kind, _, known, expected) => {
	expect(await stands(kind, known)).toBe(expected);
});

test('a notification of no chat, or of one that is not known, stands', async () => {
	around.standing.set('take-over-t', { kind: 'take_over' }).set('c-other', { kind: 'message' });
	await closeSettled();
	expect([...around.standing.keys()]).toEqual(['take-over-t', 'c-other']);
});
