import type { Memory } from './memory.ts';

/** Something the visitor did that the server has not confirmed. `id` makes a repeat harmless. */
export interface Unsent {
	id: string;
	conversationId: string;
	kind: 'message' | 'escalate';
	body: string;
	/** Why the server refused it for good; null while it is still being tried. */
	reason: string | null;
}

/** How one attempt ended. */
export type Attempt =
	| { result: 'sent' }
	| { result: 'later'; retryAfterMs: number }
	| { result: 'refused'; reason: string };

export interface Outbox {
	items(): readonly Unsent[];
	add(item: Omit<Unsent, 'reason'>): void;
	/** Tries a refused one again, with its old id. */
	retry(id: string): void;
	/** Sends at once instead of after the wait: the network is back, or a session is. */
	wake(): void;
}

interface OutboxDeps {
	memory: Memory;
	send(item: Unsent): Promise<Attempt>;
	changed(items: readonly Unsent[]): void;
	/** Resolves after `ms`, or when `wake` is called. */
	pause?(ms: number): { done: Promise<void>; end(): void };
}

const KEY = 'unsent';
const WAIT_MS = { first: 1000, most: 60_000 };

function timerPause(ms: number) {
	let end = () => {};
	const done = new Promise<void>((resolve) => {
		const timer = setTimeout(resolve, ms);
		end = () => {
			clearTimeout(timer);
			resolve();
		};
	});
	return { done, end };
}

/**
 * Sends in order, one at a time, for as long as it takes. Everything is stored before it is sent and
 * read again before each write, because another tab of the same visitor keeps its own here too.
 */
export function createOutbox({ memory, send, changed, pause = timerPause }: OutboxDeps): Outbox {
	let items = memory.get<Unsent[]>(KEY) ?? [];
	let isRunning = false;
	let waiting: { end(): void } | null = null;

	function write(change: (all: Unsent[]) => Unsent[]): void {
		items = change(items);
		memory.set(KEY, change(memory.get<Unsent[]>(KEY) ?? []));
		changed(items);
	}
	const replace = (item: Unsent) =>
		write((all) => all.map((other) => (other.id === item.id ? item : other)));
	const remove = (id: string) => write((all) => all.filter((item) => item.id !== id));

	async function run(): Promise<void> {
		if (isRunning) return;
		isRunning = true;
		let waitMs = WAIT_MS.first;
		for (;;) {
			const next = items.find((item) => item.reason === null);
			if (!next) break;
			const attempt = await send(next);
			if (attempt.result === 'sent') remove(next.id);
			else if (attempt.result === 'refused') replace({ ...next, reason: attempt.reason });
			else {
				const timer = pause(Math.max(waitMs, attempt.retryAfterMs));
				waiting = timer;
				await timer.done;
				waiting = null;
				waitMs = Math.min(waitMs * 2, WAIT_MS.most);
				continue;
			}
			waitMs = WAIT_MS.first;
		}
		isRunning = false;
	}

	return {
		items: () => items,
		add(item) {
			const added = { ...item, reason: null };
			write((all) => [...all.filter((other) => other.id !== item.id), added]);
			void run();
		},
		retry(id) {
			const item = items.find((other) => other.id === id);
			if (item) replace({ ...item, reason: null });
			void run();
		},
		wake() {
			waiting?.end();
			void run();
		}
	};
}
