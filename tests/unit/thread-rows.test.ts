import { expect, test } from 'vitest';
import { firstUnreadKey, lastSentKey, threadRows } from '../../src/lib/components/thread-rows.ts';
import type { Message } from '../../src/lib/contract/entities.ts';
import type { ThreadItem } from '../../src/lib/state/thread.svelte.ts';

const ME = 'me';
const NOON = new Date(2026, 5, 14, 12).getTime();
const MINUTE = 60_000;

function said(key: string, by: string | null, minute: number, more?: Partial<Message>): ThreadItem {
	const message: Message = {
		id: key,
		conversationId: 'c',
		seq: 1,
		kind: 'text',
		authorKind: by === null ? 'visitor' : 'agent',
		authorId: by,
		body: key,
		event: null,
		createdAt: NOON + minute * MINUTE,
		...more
	};
	return { key, message, author: null };
}
const unsent = (key: string, state: 'unsent' | 'review', minute: number): ThreadItem => ({
	key,
	unsent: {
		id: key,
		body: key,
		kind: 'reply',
		state,
		reason: null,
		createdAt: NOON + minute * MINUTE
	}
});
/** Runs as a string: "ab c" is a run of a and b, then one of c. */
const runs = (items: ThreadItem[]): string =>
	threadRows(items, ME)
		.map((row) => (row.isRunStart ? ' ' : '') + row.key)
		.join('')
		.trim();

test('messages of one author stand together until somebody else speaks', () => {
	expect(runs([said('a', null, 0), said('b', null, 1), said('c', ME, 2), said('d', null, 3)])).toBe(
		'ab c d'
	);
});
test('a silence of five minutes ends a run, and so does a note', () => {
	expect(runs([said('a', ME, 0), said('b', ME, 5), said('c', ME, 6, { kind: 'note' })])).toBe(
		'a b c'
	);
});
test('two colleagues are never one run', () => {
	expect(runs([said('a', 'ben', 0), said('b', 'mira', 1)])).toBe('a b');
});
test('what is not sent yet joins what was sent, what needs a look stands alone', () => {
	expect(runs([said('a', ME, 0), unsent('b', 'unsent', 1), unsent('c', 'review', 2)])).toBe('ab c');
});
test('only the first of a day carries the day', () => {
	const rows = threadRows([said('a', null, 0), said('b', null, 1), said('c', null, 24 * 60)], ME);
	expect(rows.map((row) => row.dayAt !== null)).toEqual([true, false, true]);
});
test("progress is told under one's own newest delivered reply alone", () => {
	const items = [said('a', ME, 0), said('b', 'ben', 1), unsent('c', 'unsent', 2)];
	expect(lastSentKey(items, ME)).toBe('a');
	expect(lastSentKey([said('b', 'ben', 1)], ME)).toBeNull();
});

test('what is new begins with the first words of somebody else after what was read', () => {
	const who = { byKind: 'agent', byId: ME, agentId: ME, fromId: null } as const;
	const event = { ...who, type: 'joined', reason: null, summary: null } as const;
	const items = [
		said('a', null, 0, { seq: 1 }),
		said('joined', ME, 1, { seq: 2, kind: 'event', event }),
		said('b', ME, 2, { seq: 3 }),
		said('c', null, 3, { seq: 4 }),
		said('d', null, 4, { seq: 5 }),
		unsent('e', 'unsent', 5)
	];
	const first = (readSeq: number) => firstUnreadKey(items, { readSeq, meId: ME });
	expect([0, 1, 4, 5].map(first)).toEqual(['a', 'c', 'd', null]);
});
