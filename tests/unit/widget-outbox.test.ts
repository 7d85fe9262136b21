import { expect, test, vi } from 'vitest';
import { createMemory } from '../../src/widget/frame/memory.ts';
import { type Attempt, createOutbox, type Unsent } from '../../src/widget/frame/outbox.ts';

/** A storage of the test's own, as a page's localStorage. */
function storage(): Storage {
	const values = new Map<string, string>();
	return {
		getItem: (key: string) => values.get(key) ?? null,
		setItem: (key: string, value: string) => void values.set(key, value)
	} as unknown as Storage;
}

/** An outbox over a server that answers as told; waits last until `wake`. */
function world(options: { store?: Storage; answer?: (item: Unsent) => Attempt } = {}) {
	const store = options.store ?? storage();
	const sent: string[] = [];
	const waits: number[] = [];
	const outbox = createOutbox({
		memory: createMemory('bot', { storage: () => store }),
		async send(item) {
			const attempt = options.answer?.(item) ?? { result: 'sent' };
			if (attempt.result === 'sent') sent.push(item.id);
			return attempt;
		},
		changed: () => undefined,
		pause(ms) {
			waits.push(ms);
			const { promise, resolve } = Promise.withResolvers<void>();
			return { done: promise, end: resolve };
		}
	});
	const say = (id: string) =>
		outbox.add({ id, conversationId: 'c', kind: 'message', body: `body of ${id}` });
	return { outbox, store, sent, waits, say };
}
const idsOf = (items: readonly Unsent[]) => items.map(({ id }) => id);

test('what is sent leaves the list, in order, one at a time', async () => {
	const { outbox, sent, say } = world();
	for (const id of ['a', 'b', 'c']) say(id);
	await vi.waitFor(() => expect(sent).toEqual(['a', 'b', 'c']));
	expect(outbox.items()).toEqual([]);
});

test('without a server it waits longer each time, then sends with the same id', async () => {
	let isUp = false;
	const { outbox, sent, waits, say } = world({
		answer: () => (isUp ? { result: 'sent' } : { result: 'later', retryAfterMs: 0 })
	});
	say('a');
	await vi.waitFor(() => expect(waits).toEqual([1000]));
	outbox.wake();
	await vi.waitFor(() => expect(waits).toEqual([1000, 2000]));
	expect(idsOf(outbox.items())).toEqual(['a']);
	isUp = true;
	outbox.wake();
	await vi.waitFor(() => expect(sent).toEqual(['a']));
	expect(outbox.items()).toEqual([]);
});

test('the server’s own wish to wait is honoured', async () => {
	const { waits, say } = world({ answer: () => ({ result: 'later', retryAfterMs: 30_000 }) });
	say('a');
	await vi.waitFor(() => expect(waits).toEqual([30_000]));
});

test('a later message never overtakes one that waits', async () => {
	const { sent, waits, say } = world({
		answer: ({ id }) => (id === 'a' ? { result: 'later', retryAfterMs: 0 } : { result: 'sent' })
	});
	say('a');
	say('b');
	await vi.waitFor(() => expect(waits).toHaveLength(1));
	expect(sent).toEqual([]);
});

test('a refused one is kept with its reason, holds up nothing, and can be tried again', async () => {
	let isRefusing = true;
	const { outbox, sent, say } = world({
		answer: ({ id }) =>
			id === 'a' && isRefusing ? { result: 'refused', reason: 'Too long.' } : { result: 'sent' }
	});
	say('a');
	say('b');
	await vi.waitFor(() => expect(sent).toEqual(['b']));
	expect(outbox.items()).toMatchObject([{ id: 'a', reason: 'Too long.' }]);
	isRefusing = false;
	outbox.retry('a');
	await vi.waitFor(() => expect(sent).toEqual(['b', 'a']));
});

test('a reload finds what was not sent and sends it', async () => {
	const before = world({ answer: () => ({ result: 'later', retryAfterMs: 0 }) });
	before.say('a');
	before.say('b');
	const after = world({ store: before.store });
	expect(idsOf(after.outbox.items())).toEqual(['a', 'b']);
	after.outbox.wake();
	await vi.waitFor(() => expect(after.sent).toEqual(['a', 'b']));
	expect(world({ store: before.store }).outbox.items()).toEqual([]);
});

test('two tabs of one visitor do not erase each other’s', () => {
	const store = storage();
	const answer = (): Attempt => ({ result: 'later', retryAfterMs: 0 });
	const [one, other] = [world({ store, answer }), world({ store, answer })];
	one.say('a');
	other.say('b');
	expect(idsOf(world({ store, answer }).outbox.items())).toEqual(['a', 'b']);
});

test('a storage that refuses costs the reload, not the message', async () => {
	const refuse = () => {
		throw new DOMException('denied', 'SecurityError');
	};
	const memory = createMemory('bot', { storage: refuse });
	memory.set('token', 't');
	expect(memory.get('token')).toBe('t');
	expect(memory.get('other')).toBeNull();
	const { sent, say } = world({ store: { getItem: refuse, setItem: refuse } as never });
	say('a');
	await vi.waitFor(() => expect(sent).toEqual(['a']));
});

test('what a storage refuses is kept by the page around the frame', () => {
	const refuse = () => {
		throw new DOMException('denied', 'SecurityError');
	};
	let kept = '';
	const keep = (all: string) => {
		kept = all;
	};
	const memory = createMemory('bot', { storage: refuse, keep });
	memory.set('token', 't');
	memory.set('seen', 3);
	const after = createMemory('bot', { storage: refuse, kept });
	expect([after.get('token'), after.get('seen')]).toEqual(['t', 3]);
	const ofAnother = createMemory('other', { storage: refuse, kept });
	expect(ofAnother.get('token')).toBeNull();
});

test.each(['', '{', '1', '[1]', '[["a"]]'])(
	'what the page says it kept may be rubbish: %j',
	(kept) => {
		expect(createMemory('bot', { storage, kept }).get('token')).toBeNull();
	}
);

test('a storage with rubbish in it is read as empty', () => {
	const store = storage();
	store.setItem('bellhop:bot:unsent', '{');
	expect(createMemory('bot', { storage: () => store }).get('unsent')).toBeNull();
});
