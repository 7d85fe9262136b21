import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';
import { newId } from '#contract/ids.ts';
import { deviceId } from '../../src/lib/db/device.ts';
import { openCache, openOutbox } from '../../src/lib/db/schema.ts';
import type { Writer } from '../../src/lib/intents/queue.ts';
import { type EngineStatus, startEngine } from '../../src/lib/sync/engine.ts';
import type { Page, PageEvent } from '../../src/lib/sync/page.ts';
import type { Fetch } from '../../src/lib/sync/request.ts';

/** A browser's second lasts this many of ours, so that waiting for 5 s to pass takes a quarter of one. */
const PACE = 1 / 20;

/** The way to the server, with its faults. */
export interface Network {
	fetch: Fetch;
	isCut: boolean;
	/** Called for each request; true lets the server work and loses its answer. */
	losesAnswer(path: string): boolean;
	/** Paths of all requests that left. */
	readonly sent: string[];
	cut(): void;
	restore(): void;
}

/** A network over a fetch that reaches the app. */
export function createNetwork(toServer: Fetch): Network {
	const open = new Set<AbortController>();
	const network: Network = {
		isCut: false,
		losesAnswer: () => false,
		sent: [],
		async fetch(path, init) {
			if (network.isCut) throw new TypeError('fetch failed');
			network.sent.push(path);
			const loses = network.losesAnswer(path);
			const connection = new AbortController();
			open.add(connection);
			const given = init.signal ?? connection.signal;
			const signal = AbortSignal.any([given, connection.signal]);
			signal.throwIfAborted();
			const response = await toServer(path, { ...init, signal });
			signal.throwIfAborted();
			if (loses || network.isCut) throw new TypeError('connection reset');
			return new Response(response.body && cuttable(response.body, signal), response);
		},
		cut() {
			network.isCut = true;
			for (const connection of open) connection.abort();
			open.clear();
		},
		restore() {
			network.isCut = false;
		}
	};
	return network;
}

/** The body, until the signal breaks it. */
function cuttable(body: ReadableStream<Uint8Array>, signal: AbortSignal) {
	const reader = body.getReader();
	return new ReadableStream<Uint8Array>({
		start(controller) {
			signal.addEventListener('abort', () => {
				void reader.cancel().catch(() => {});
				try {
					controller.error(new TypeError('connection reset'));
				} catch {
					// It had ended already.
				}
			});
		},
		async pull(controller) {
			const { done, value } = await reader.read();
			if (signal.aborted) return;
			if (done) controller.close();
			else controller.enqueue(value);
		},
		cancel: () => void reader.cancel().catch(() => {})
	});
}

interface Holder {
	page: string;
	steal(): void;
}

/** One browser: databases, locks and channels shared by its tabs. */
export class Browser {
	factory = { indexedDB: new IDBFactory(), IDBKeyRange };
	readonly network: Network;
	readonly channels = new Map<string, Set<(message: unknown) => void>>();
	readonly locks = new Map<string, Holder>();
	readonly waiting = new Map<string, (() => void)[]>();
	constructor(network: Network) {
		this.network = network;
	}
}

export interface Person {
	userId: string;
	teamId: string;
}

/** One tab with the real engine in it. */
export class Tab {
	readonly page: Page;
	readonly listeners = new Map<PageEvent, Set<() => void>>();
	visibility: Page['visibility'] = 'visible';
	status: EngineStatus = { isConnected: true, failure: null, retryAt: null };
	isSignedOut = false;
	isTeamLost = false;
	/** Of each page of changes that this tab brought in, whether it was of a first sync, and its texts. */
	readonly news: { isFirst: boolean; texts: string[] }[] = [];
	/** Unsent texts that went with what the person may see no more. */
	lostTexts = 0;
	wallNow = Date.now;
	writer!: Writer;
	/** What *Try now* does. */
	retry!: () => Promise<void>;
	done: Promise<void> = Promise.resolve();
	readonly #stop = new AbortController();
	#thaw: (() => void) | null = null;
	#frozen: Promise<void> = Promise.resolve();

	constructor(browser: Browser) {
		this.page = createPage(this, browser);
	}

	/** Opens the databases and starts the engine. */
	static async open(
		browser: Browser,
		{ userId, teamId }: Person,
		given: { random?: () => number; wallNow?: () => number } = {}
	): Promise<Tab> {
		const tab = new Tab(browser);
		const [cache, outbox] = [
			openCache(userId, browser.factory),
			openOutbox(userId, browser.factory)
		];
		const device = await deviceId(userId, browser.factory);
		const base = { cache, outbox, userId, teamId, deviceId: device };
		const wallNow = given.wallNow ?? (() => Date.now());
		const engine = startEngine(
			{
				...base,
				page: tab.page,
				fetch: tab.#fetchOver(browser.network),
				wallNow,
				random: given.random ?? (() => 0.5),
				onStatus: (status) => {
					tab.status = status;
				},
				onSignedOut: () => {
					tab.isSignedOut = true;
				},
				onNews: ({ messages }, isFirst) => {
					const texts = messages.flatMap(({ kind, body }) => (kind === 'text' ? [body] : []));
					tab.news.push({ isFirst, texts });
				},
				onTextLost: (count) => {
					tab.lostTexts += count;
				},
				onTeamLost: () => {
					tab.isTeamLost = true;
				}
			},
			tab.#stop.signal
		);
		tab.writer = { ...base, newId, wallNow, flush: engine.flush };
		tab.retry = engine.retry;
		tab.done = engine.done;
		return tab;
	}

	/** Nothing of the page runs while it is frozen, answers of the network included. */
	get frozen(): Promise<void> {
		return this.#frozen;
	}

	freeze(): void {
		const { promise, resolve } = Promise.withResolvers<void>();
		this.#frozen = promise;
		this.#thaw = resolve;
	}

	thaw(): void {
		this.#thaw?.();
	}

	emit(event: PageEvent): void {
		for (const listener of this.listeners.get(event) ?? []) listener();
	}

	/** As when the browser is closed: what is under way is lost, what is on disk stays. */
	async close(): Promise<void> {
		this.thaw();
		this.#stop.abort();
		await this.done;
		this.writer.cache.close();
		this.writer.outbox.close();
	}

	#fetchOver(network: Network): Fetch {
		return async (path, init) => {
			await this.#frozen;
			const response = await network.fetch(path, init);
			const held = new TransformStream<Uint8Array, Uint8Array>({
				transform: async (chunk, controller) => {
					await this.#frozen;
					controller.enqueue(chunk);
				}
			});
			return new Response(response.body?.pipeThrough(held) ?? null, response);
		};
	}
}

function createPage(tab: Tab, browser: Browser): Page {
	const id = newId();
	const start = performance.now();
	return {
		id,
		get visibility() {
			return tab.visibility;
		},
		get isFocused() {
			return tab.visibility === 'visible';
		},
		isOnline: true,
		idleMs: () => 0,
		now: () => (performance.now() - start) / PACE,
		on(event, listener) {
			const listeners = tab.listeners.get(event) ?? new Set();
			tab.listeners.set(event, listeners.add(listener));
			return () => listeners.delete(listener);
		},
		after(ms, run) {
			const timer = setTimeout(() => void tab.frozen.then(run), ms * PACE);
			return () => clearTimeout(timer);
		},
		hold: (name, options, work) => hold(browser, { page: id, name, ...options }, work),
		beacon() {},
		postToWorker: () => false,
		broadcast(name) {
			const everybody = browser.channels.get(name) ?? new Set();
			browser.channels.set(name, everybody);
			const own = new Set<(message: unknown) => void>();
			const hear = (message: unknown) =>
				void tab.frozen.then(() => {
					for (const listener of own) listener(message);
				});
			everybody.add(hear);
			return {
				post(message) {
					for (const other of everybody) if (other !== hear) other(message);
				},
				on(listener) {
					own.add(listener);
					return () => own.delete(listener);
				},
				close: () => void everybody.delete(hear)
			};
		}
	};
}

interface HoldInput {
	page: string;
	name: string;
	steal?: boolean;
	ifAvailable?: boolean;
	signal?: AbortSignal;
}

const aborted = () => new DOMException('The lock request was called off.', 'AbortError');

/** Web Locks, exclusive mode (W3C Web Locks API, section 4). */
async function hold(
	{ locks, waiting }: Browser,
	{ page, name, steal, ifAvailable, signal }: HoldInput,
	work: (isHeld: boolean) => Promise<void>
): Promise<void> {
	if (signal?.aborted) throw aborted();
	if (steal) locks.get(name)?.steal();
	else if (locks.has(name)) {
		if (ifAvailable) return work(false);
		await new Promise<void>((resolve, reject) => {
			const queue = waiting.get(name) ?? [];
			waiting.set(name, [...queue, resolve]);
			signal?.addEventListener('abort', () => {
				waiting.set(
					name,
					(waiting.get(name) ?? []).filter((other) => other !== resolve)
				);
				reject(aborted());
			});
		});
	}
	const stolen = Promise.withResolvers<void>();
	const holder: Holder = { page, steal: () => stolen.reject(aborted()) };
	locks.set(name, holder);
	try {
		await Promise.race([work(true), stolen.promise]);
	} finally {
		if (locks.get(name) === holder) {
			locks.delete(name);
			const [next, ...rest] = waiting.get(name) ?? [];
			waiting.set(name, rest);
			next?.();
		}
	}
}
