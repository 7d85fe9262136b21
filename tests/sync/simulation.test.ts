import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { note } from '../../src/lib/intents/note.ts';
import { reply } from '../../src/lib/intents/reply.ts';
import type { Fetch } from '../../src/lib/sync/request.ts';
import { type TestAgent, type TestApp, testApp } from '../support/app.ts';
import { Browser, createNetwork, Tab } from './browser.ts';
import { inCache, personOf, textsInCache, textsOnServer, waitingVisitor } from './world.ts';

const SETTLED = { timeout: 30_000, interval: 50 };
const STEPS = 60;
/** `SEED=123 vitest run --project sync simulation` repeats a run's choices. */
const SEEDS = process.env.SEED ? [Number(process.env.SEED)] : [1, 2, Date.now() % 1_000_000];

let app: TestApp;
beforeAll(async () => {
	app = await testApp();
});
afterAll(() => app.close());

/** Mulberry32: small, and good enough to choose by. */
function chance(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
	};
}

/** A way to the server that now and then delivers a batch twice, the second time long after. */
function repeating(agent: TestAgent, random: () => number): Fetch {
	const late: RequestInit[] = [];
	return async (path, init) => {
		const isBatch = path === '/api/mutations';
		const { signal: _, ...copy } = init;
		if (isBatch && random() < 0.3) late.push(copy);
		const old = random() < 0.3 ? late.shift() : undefined;
		if (old) await agent.request('/api/mutations', old);
		return agent.request(path, init);
	};
}

/** One agent at a browser that fails in every way a browser can. */
class Client {
	readonly browser: Browser;
	readonly written: string[] = [];
	tab!: Tab;
	readonly #agent: TestAgent;
	readonly #random: () => number;
	constructor(agent: TestAgent, random: () => number) {
		this.#agent = agent;
		this.#random = random;
		this.browser = new Browser(createNetwork(repeating(agent, random)));
		this.browser.network.losesAnswer = () => random() < 0.2;
	}

	get userId(): string {
		return this.#agent.userId;
	}

	/** The clock stands still, so that nothing ever waits for a look. */
	async start(): Promise<void> {
		this.tab = await Tab.open(this.browser, personOf(this.#agent), {
			random: this.#random,
			wallNow: () => 1_800_000_000_000
		});
	}

	async step(conversationId: string): Promise<void> {
		const { network } = this.browser;
		const roll = this.#random();
		if (roll < 0.6) {
			const body = `${this.#agent.email} ${this.written.length}`;
			this.written.push(body);
			const write = this.#random() < 0.7 ? reply : note;
			await write(this.tab.writer, { conversationId, body, baseSeq: 1 });
		} else if (roll < 0.75) network.cut();
		else if (roll < 0.92) this.comeBack();
		else {
			await this.tab.close();
			await this.start();
		}
	}

	comeBack(): void {
		this.browser.network.restore();
		this.tab.emit('online');
	}

	/** From here on nothing fails any more. */
	calm(): void {
		this.browser.network.losesAnswer = () => false;
		this.comeBack();
	}
}

test.each(SEEDS)(
	'whatever fails, each text arrives once and in its author’s order (seed %i)',
	async (seed) => {
		const random = chance(seed);
		const agent = await app.signedInAgent();
		const visitor = await waitingVisitor(app, agent.team);
		const { conversationId } = visitor;
		const colleague = await app.signedInAgent({ team: agent.team });
		const clients = [new Client(agent, random), new Client(colleague, random)];
		for (const client of clients) await client.start();
		for (let step = 0; step < STEPS; step++) {
			for (const client of clients) await client.step(conversationId);
			if (random() < 0.1) await visitor.write(`visitor ${step}`);
		}
		for (const client of clients) client.calm();
		for (const { tab } of clients)
			await vi.waitFor(
				async () => expect(await tab.writer.outbox.rows.toArray()).toEqual([]),
				SETTLED
			);

		const server = await textsOnServer(app, agent.team.id, conversationId);
		for (const { userId, written } of clients) {
			const own = server.filter(({ authorId }) => authorId === userId);
			expect(own.map(({ body }) => body)).toEqual(written);
		}
		const bodies = server.map(({ body }) => body);
		for (const { tab } of clients) {
			await vi.waitFor(
				async () => expect(await textsInCache(tab, conversationId)).toEqual(bodies),
				SETTLED
			);
			expect((await inCache(tab, conversationId))?.state).toBe('unresolved');
			await tab.close();
		}
	}
);
