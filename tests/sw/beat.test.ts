import { describe, expect, test } from 'vitest';
import { newId } from '#contract/ids.ts';
import type { BeatRequest, LeaveRequest, PageState } from '#contract/presence.ts';
import type { WorkerMessage } from '../../src/lib/presence/messages.ts';
import { type BeatDeps, emptyBeatMemory, onBeat, type Window } from '../../src/lib/sw/beat.ts';
import { onLeave } from '../../src/lib/sw/leave.ts';
import { Offline, type Request } from '../../src/lib/sync/request.ts';

const DEVICE = newId();
const ORIGIN = 'http://localhost:3000';
const answer = { leaseMs: 75_000, everyMs: { visible: 25_000, hidden: 60_000 }, teams: [] };

interface FakePage {
	window: Window;
	state: PageState;
}

function aPage(
	options: { path?: string; visibility?: 'visible' | 'hidden'; frameType?: string } = {}
): FakePage {
	const { path = '/chats', visibility = 'visible', frameType = 'top-level' } = options;
	const id = crypto.randomUUID();
	const isFocused = visibility === 'visible';
	return {
		window: {
			id,
			url: `${ORIGIN}${path}`,
			frameType,
			visibilityState: visibility,
			focused: isFocused
		},
		state: { id: newId(), visibility, isFocused, idleMs: 0 }
	};
}

/** A worker in a browser with these pages; `answers` are the pages that tick when asked. */
function aWorker(open: FakePage[], answers: FakePage[] = []) {
	const sent: BeatRequest[] = [];
	const told: WorkerMessage[] = [];
	const works: Promise<unknown>[] = [];
	const pages = [...open];
	const farewells: LeaveRequest[] = [];
	/** Not listed, and there all the same. */
	const known = new Map<string, Window>();
	/** Gone before the next wait is over. */
	const closing: FakePage[] = [];
	let isConnected = true;
	const hold: Promise<void>[] = [];
	const request: Request = async ({ body }) => {
		sent.push(body as BeatRequest);
		await hold.shift();
		if (!isConnected) throw new Offline();
		return answer as never;
	};
	const deps: BeatDeps = {
		clients: {
			matchAll: async () => pages.map((page) => page.window),
			get: async (wanted) => known.get(wanted) ?? pages.find(({ window }) => window.id === wanted)
		},
		request,
		leave: async (farewell) => {
			if (!isConnected) throw new Offline();
			farewells.push(farewell);
		},
		tell: (message) => {
			told.push(message);
			if (message.type === 'ask') for (const page of answers) tick(page);
		},
		wait: async () => {
			// Everything that can run without time has run then.
			await new Promise((resolve) => setImmediate(resolve));
			for (const page of closing.splice(0)) pages.splice(pages.indexOf(page), 1);
		},
		memory: emptyBeatMemory()
	};
	function tick(page: FakePage, of: { userId?: string; deviceId: string } = { deviceId: DEVICE }) {
		const data = { type: 'beat', ...of, page: page.state };
		const source = { id: page.window.id };
		onBeat({ data, source, waitUntil: (work) => works.push(work) }, deps);
	}
	return {
		...{ sent, told, farewells, closing, known, tick },
		/** A page's own farewell, which it has asked the worker to repeat. */
		leave({ state }: FakePage) {
			const data = { type: 'leave', deviceId: DEVICE, pageId: state.id };
			onLeave({ data, waitUntil: (work) => works.push(work) }, deps);
		},
		deps,
		works,
		pages,
		hold,
		done: async () => {
			let count = 0;
			while (count < works.length) {
				count = works.length;
				await Promise.all(works);
			}
		},
		disconnect: () => {
			isConnected = false;
		}
	};
}

const idsOf = (request: BeatRequest | undefined) =>
	request?.pages.map((page) => page.id).toSorted();

describe('the worker', () => {
	test('sends one beat for the device, with all its windows', async () => {
		const front = aPage();
		const back = aPage({ visibility: 'hidden', path: '/why', frameType: 'auxiliary' });
		const worker = aWorker([front, back]);
		worker.tick(front);
		worker.tick(back);
		worker.tick(front);
		await worker.done();
		expect(worker.sent).toHaveLength(1);
		expect(worker.sent[0]?.deviceId).toBe(DEVICE);
		expect(idsOf(worker.sent[0])).toEqual([front.state.id, back.state.id].toSorted());
		// Every page it names is told, so that its own tick can wait.
		const pages = worker.sent[0]?.pages;
		expect(worker.told).toEqual([{ type: 'answered', response: answer, pages }]);
	});

	test('speaks for whoever has signed in last, and for no page of who was here before', async () => {
		const [old, front] = [aPage(), aPage()];
		const worker = aWorker([old, front]);
		const [ben, ana] = [
			{ userId: newId(), deviceId: DEVICE },
			{ userId: newId(), deviceId: newId() }
		];
		worker.tick(old, ben);
		worker.tick(front, ana);
		await worker.done();
		expect(worker.sent).toEqual([{ ...ana, pages: [front.state] }]);
	});

	test('asks windows it does not know who they are, once, and waits for their word', async () => {
		const [front, back] = [aPage(), aPage({ visibility: 'hidden' })];
		const worker = aWorker([front, back], [back]);
		worker.tick(front);
		await worker.done();
		expect(worker.told[0]).toEqual({ type: 'ask', known: [front.state.id] });
		expect(idsOf(worker.sent[0])).toEqual([front.state.id, back.state.id].toSorted());
		worker.tick(front);
		await worker.done();
		expect(worker.sent).toHaveLength(2);
		expect(idsOf(worker.sent[1])).toEqual([front.state.id, back.state.id].toSorted());
		expect(worker.told.filter((message) => message.type === 'ask')).toHaveLength(1);
	});

	test('counts a window that did not tick as the browser shows it now', async () => {
		const [front, back] = [aPage(), aPage({ visibility: 'hidden' })];
		const worker = aWorker([front, back]);
		worker.tick(back);
		await worker.done();
		worker.pages[1] = { ...back, window: { ...back.window, visibilityState: 'visible' } };
		worker.tick(front);
		await worker.done();
		const told = worker.sent.at(-1)?.pages.find((page) => page.id === back.state.id);
		expect(told?.visibility).toBe('visible');
	});

	test('never counts a frame, a prerendered page or a page outside the app', async () => {
		const front = aPage();
		const strangers = [
			aPage({ frameType: 'nested' }),
			aPage({ path: '/frame/abc' }),
			aPage({ path: '/demo' })
		];
		const prerendered = aPage();
		prerendered.window = { ...prerendered.window, visibilityState: 'prerender' };
		const worker = aWorker([front, ...strangers, prerendered]);
		for (const page of [...strangers, prerendered, front]) worker.tick(page);
		await worker.done();
		expect(idsOf(worker.sent[0])).toEqual([front.state.id]);
	});

	test('takes the ticking page at its word where the browser lists none', async () => {
		const front = aPage();
		const worker = aWorker([]);
		worker.tick(front);
		await worker.done();
		expect(worker.sent).toEqual([{ deviceId: DEVICE, pages: [front.state] }]);
	});

	test('forgets a window that was closed', async () => {
		const [front, back] = [aPage(), aPage()];
		const worker = aWorker([front, back]);
		worker.tick(back);
		worker.tick(front);
		await worker.done();
		worker.pages.pop();
		worker.tick(front);
		await worker.done();
		expect(idsOf(worker.sent[1])).toEqual([front.state.id]);
	});

	test('sends the next beat only when the one before has ended, so they arrive in order', async () => {
		const front = aPage();
		const worker = aWorker([front]);
		let release = () => {};
		worker.hold.push(
			new Promise((resolve) => {
				release = resolve;
			})
		);
		worker.tick(front);
		await expect.poll(() => worker.sent.length).toBe(1);
		worker.tick({ ...front, state: { ...front.state, visibility: 'hidden' } });
		worker.tick({ ...front, state: { ...front.state, visibility: 'hidden' } });
		// Everything that can run without the answer has run then.
		await new Promise((resolve) => setImmediate(resolve));
		expect(worker.sent).toHaveLength(1);
		release();
		await worker.done();
		expect(worker.sent.map((beat) => beat.pages[0]?.visibility)).toEqual(['visible', 'hidden']);
	});

	test('lets a tick that the beat under way has said wait for its answer, but no change', async () => {
		const [front, back] = [aPage(), aPage()];
		const worker = aWorker([front, back], [back]);
		worker.tick(front);
		await worker.done();
		let release = () => {};
		worker.hold.push(
			new Promise((resolve) => {
				release = resolve;
			})
		);
		worker.tick(front);
		await expect.poll(() => worker.sent.length).toBe(2);
		worker.tick(back);
		worker.tick(front);
		release();
		await worker.done();
		expect(worker.sent).toHaveLength(2);
		worker.hold.push(Promise.resolve());
		worker.tick(front);
		await expect.poll(() => worker.sent.length).toBe(3);
		worker.tick({ ...back, state: { ...back.state, isFocused: false } });
		await worker.done();
		expect(worker.sent).toHaveLength(4);
		expect(worker.sent[3]?.pages.find(({ id }) => id === back.state.id)?.isFocused).toBe(false);
	});

	test('tells pages when no answer came, and goes on with the next tick', async () => {
		const front = aPage();
		const worker = aWorker([front]);
		worker.disconnect();
		worker.tick(front);
		await worker.done();
		worker.tick(front);
		await worker.done();
		expect(worker.told).toEqual([{ type: 'unreached' }, { type: 'unreached' }]);
	});

	test('says farewell for a page that went out of sight and then was gone, without a word of its own', async () => {
		const [page, other] = [aPage({ visibility: 'hidden' }), aPage({ visibility: 'hidden' })];
		const worker = aWorker([page, other]);
		worker.closing.push(page);
		worker.tick(page);
		await worker.done();
		expect(worker.farewells).toEqual([{ deviceId: DEVICE, pageId: page.state.id }]);
		expect(worker.told).toContainEqual({ type: 'left', pageId: page.state.id });
	});

	test('says it with the next tick of any other page, too', async () => {
		const [front, back] = [aPage(), aPage()];
		const worker = aWorker([front, back]);
		worker.tick(back);
		worker.tick(front);
		await worker.done();
		worker.pages.pop();
		worker.tick(front);
		await worker.done();
		expect(worker.farewells).toEqual([{ deviceId: DEVICE, pageId: back.state.id }]);
	});

	test('says it once: not for a page whose own farewell came through, but for one whose did not', async () => {
		const [page, other] = [aPage({ visibility: 'hidden' }), aPage()];
		const worker = aWorker([page, other]);
		worker.closing.push(page);
		worker.tick(page);
		worker.leave(page);
		await worker.done();
		expect(worker.farewells).toHaveLength(1);
		expect(worker.told.some(({ type }) => type === 'left')).toBe(false);
	});

	test('says none for a page that the browser still knows, or never listed', async () => {
		const [page, never] = [aPage({ visibility: 'hidden' }), aPage({ visibility: 'hidden' })];
		const worker = aWorker([page]);
		worker.known.set(page.window.id, page.window);
		worker.closing.push(page);
		worker.tick(page);
		worker.tick(never);
		await worker.done();
		expect(worker.pages).toEqual([]);
		expect(worker.farewells).toEqual([]);
	});

	test('leaves other messages alone', () => {
		const worker = aWorker([]);
		for (const data of [null, 'beat', { type: 'SKIP_WAITING' }])
			onBeat({ data, source: null, waitUntil: (work) => worker.works.push(work) }, worker.deps);
		expect(worker.works).toEqual([]);
	});
});
