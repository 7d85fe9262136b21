import { expect, test } from 'vitest';
import { newId } from '#contract/ids.ts';
import {
	dueTransition,
	farewell,
	merge,
	presenceOf,
	proveBeat,
	type Transition,
	wish
} from '../../api/presence/core.ts';
import { PRESENCE_SETTINGS as S } from '../../api/presence/settings.ts';
import type { Intent } from '../../api/store/intent.ts';
import type { Share } from '../../api/store/lease.ts';

const AGENTS = 40;
const STEP_MS = 1_000;
const STEPS = 3_600;
const START = 1_700_000_000_000;

/** mulberry32: small, and the same everywhere. */
function randomFrom(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
	};
}

type Visibility = 'visible' | 'hidden';

interface SimPage {
	deviceId: string;
	pageId: string;
	visibility: Visibility;
	/** Frozen, crashed or without a network: it says nothing. */
	isMute: boolean;
	nextBeatAt: number;
}

interface SimAgent {
	intent: Intent;
	pages: SimPage[];
	ledger: Transition[];
	/** By page, what a model that knows everything says of it. */
	proved: Map<string, { at: number; end: number }>;
	left: Map<string, number>;
	/** The last word was offline without an end. */
	isOfflineByHand: boolean;
}

interface SimProcess {
	memory: Map<SimAgent, readonly Share[]>;
	unsaved: Set<SimAgent>;
	quietUntil: number;
}

interface Message {
	at: number;
	/** The number of the process. */
	to: number;
	agent: SimAgent;
	page: Pick<SimPage, 'deviceId' | 'pageId'>;
	/** Null: a farewell. */
	visibility: Visibility | null;
}

/** Agents, their pages, a network that loses, delays, doubles and reorders, and two processes on one database. */
class Simulation {
	now = START;
	readonly agents: SimAgent[];
	readonly #random: () => number;
	readonly #processes: SimProcess[];
	readonly #database = new Map<SimAgent, readonly Share[]>();
	#network: Message[] = [];

	constructor(seed: number) {
		this.#random = randomFrom(seed);
		this.agents = Array.from({ length: AGENTS }, () => this.#newAgent());
		this.#processes = [this.#newProcess(START), this.#newProcess(START)];
	}

	#chance(probability: number): boolean {
		return this.#random() < probability;
	}

	#newProcess(quietFrom: number): SimProcess {
		return { memory: new Map(), unsaved: new Set(), quietUntil: quietFrom + S.quietMs };
	}

	#newAgent(): SimAgent {
		const intent: Intent = {
			status: 'offline',
			cause: null,
			since: START,
			until: null,
			reason: null,
			returnStatus: 'offline',
			lastBeatAt: null
		};
		const devices = Array.from({ length: 1 + Math.floor(this.#random() * 3) }, () => newId());
		return {
			intent,
			pages: devices.map((deviceId) => this.#newPage(deviceId)),
			ledger: [],
			proved: new Map(),
			left: new Map(),
			isOfflineByHand: false
		};
	}

	#newPage(deviceId: string): SimPage {
		const visibility = this.#chance(0.5) ? 'visible' : 'hidden';
		return { deviceId, pageId: newId(), visibility, isMute: false, nextBeatAt: this.now };
	}

	step(): void {
		this.now += STEP_MS;
		this.#processes.forEach((_, n) => {
			if (this.#chance(0.001)) this.#processes[n] = this.#newProcess(this.now);
		});
		for (const agent of this.agents) this.#live(agent);
		this.#deliver();
		for (const process of this.#processes) this.#round(process);
	}

	#live(agent: SimAgent): void {
		for (const [n, page] of agent.pages.entries()) {
			if (this.#chance(0.002)) page.isMute = !page.isMute;
			if (this.#chance(0.002)) {
				page.visibility = page.visibility === 'visible' ? 'hidden' : 'visible';
				page.nextBeatAt = this.now;
			}
			if (this.#chance(0.001)) {
				this.#post(agent, page, null);
				agent.pages[n] = this.#newPage(page.deviceId);
			}
			if (page.isMute || page.nextBeatAt > this.now) continue;
			page.nextBeatAt = this.now + S.everyMs[page.visibility] * (0.8 + 0.2 * this.#random());
			this.#post(agent, page, page.visibility);
		}
		if (this.#chance(0.001)) this.#speak(agent);
	}

	#post(agent: SimAgent, page: SimPage, visibility: Visibility | null): void {
		const copies = this.#chance(0.05) ? 0 : this.#chance(0.05) ? 2 : 1;
		for (let i = 0; i < copies; i++) {
			const to = this.#chance(0.5) ? 0 : 1;
			const at = this.now + (this.#chance(0.1) ? this.#random() * 15_000 : 0);
			this.#network.push({ at, to, agent, page: { ...page }, visibility });
		}
	}

	#deliver(): void {
		const due = this.#network.filter((message) => message.at <= this.now);
		this.#network = this.#network.filter((message) => message.at > this.now);
		for (const message of due) this.#receive(message);
	}

	#receive({ to, agent, page, visibility }: Message): void {
		if (visibility === null) {
			const end = this.now + S.leaveMs;
			agent.left.set(page.pageId, Math.min(agent.left.get(page.pageId) ?? end, end));
			this.#add(to, agent, [farewell(page, end)]);
			return;
		}
		const lease = visibility === 'visible' ? S.visibleLeaseMs : S.hiddenLeaseMs;
		const end = this.now + lease;
		const before = agent.proved.get(page.pageId);
		const isTie = before?.at === this.now && before.end > end;
		if (!isTie) agent.proved.set(page.pageId, { at: this.now, end });
		const pages = [{ id: page.pageId, visibility, isFocused: false, idleMs: 0 }];
		this.#add(to, agent, proveBeat({ deviceId: page.deviceId, pages }, this.now, S));
	}

	#add(to: number, agent: SimAgent, shares: Share[]): void {
		const process = this.#processes[to] as SimProcess;
		const merged = merge(process.memory.get(agent) ?? [], shares);
		const isKept = (s: Share) =>
			Math.max(s.expiresAt, s.leavesAt ?? 0) > this.now - S.hiddenLeaseMs;
		process.memory.set(agent, merged.filter(isKept));
		process.unsaved.add(agent);
	}

	/** An agent presses a button; the server answers, and takes the lease with it. */
	#speak(agent: SimAgent): void {
		const page = agent.pages[0] as SimPage;
		const to = 0;
		const status = this.#chance(0.7) ? 'online' : 'offline';
		const until = status === 'offline' && this.#chance(0.3) ? this.now + 300_000 : null;
		this.#receive({ at: this.now, to, agent, page, visibility: page.visibility });
		const known = {
			intent: agent.intent,
			shares: this.sharesOf(agent, this.#processes[to]),
			now: this.now
		};
		this.#write(agent, wish(known, { status, until, reason: null }));
		agent.isOfflineByHand = status === 'offline' && until === null;
	}

	#write(agent: SimAgent, transition: Transition | null): void {
		if (!transition) return;
		agent.ledger.push(transition);
		agent.intent = transition.after;
	}

	sharesOf(agent: SimAgent, process: SimProcess | undefined): Share[] {
		return merge(this.#database.get(agent) ?? [], process?.memory.get(agent) ?? []);
	}

	#round(process: SimProcess): void {
		for (const agent of process.unsaved) this.#database.set(agent, this.sharesOf(agent, process));
		process.unsaved.clear();
		if (this.now < process.quietUntil) return;
		for (const agent of this.agents) {
			const known = { intent: agent.intent, shares: this.sharesOf(agent, process), now: this.now };
			this.#write(agent, dueTransition(known, S));
		}
	}

	/** By the model: whether a proof of some page held at that moment. */
	isProved(agent: SimAgent, at: number): boolean {
		return [...agent.proved].some(
			([pageId, proof]) =>
				proof.at <= at && Math.min(proof.end, agent.left.get(pageId) ?? proof.end) > at
		);
	}

	/** What readers in both processes are told. */
	statusesOf(agent: SimAgent): string[] {
		return this.#processes.map((process) => {
			const known = { intent: agent.intent, shares: this.sharesOf(agent, process), now: this.now };
			return presenceOf({ ...known, isQuiet: this.now < process.quietUntil }, S).status;
		});
	}
}

/** Throws plainly: `expect` would take most of the time here. */
function check(simulation: Simulation, agent: SimAgent, rowsBefore: number): void {
	const { now } = simulation;
	const statuses = simulation.statusesOf(agent);
	if (statuses.includes('online') && !simulation.isProved(agent, now))
		throw new Error('online without a live lease');
	if (agent.isOfflineByHand && statuses.some((status) => status !== 'offline'))
		throw new Error('offline by hand was undone');
	for (const row of agent.ledger.slice(rowsBefore)) {
		const isLost = row.cause === 'heartbeat lost';
		if (isLost && simulation.isProved(agent, row.at - S.sweepGraceMs))
			throw new Error('swept although a device had proved it');
	}
}

test('hours of lost, late, doubled and reordered beats and of restarts break no promise', () => {
	const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
	console.info(`presence simulation: SEED=${seed}`);
	const simulation = new Simulation(seed);
	const rows = new Map(simulation.agents.map((agent) => [agent, 0]));
	for (let i = 0; i < STEPS; i++) {
		simulation.step();
		for (const agent of simulation.agents) {
			check(simulation, agent, rows.get(agent) ?? 0);
			rows.set(agent, agent.ledger.length);
		}
	}
	const causes = new Set<string>();
	for (const { ledger, intent } of simulation.agents) {
		// Each row starts where the one before ended: none is missing, none is double.
		ledger.forEach((row, n) => {
			causes.add(row.cause);
			expect(row.before).toEqual(n === 0 ? row.before : ledger[n - 1]?.after);
			expect(row.after).not.toEqual(row.before);
		});
		expect(intent).toEqual(ledger.at(-1)?.after ?? intent);
	}
	expect([...causes].sort()).toEqual(['end time reached', 'heartbeat lost', 'set by you']);
});
