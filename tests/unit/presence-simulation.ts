import { newId } from '#contract/ids.ts';
import {
	comeBack,
	dueTransition,
	farewell,
	type Leases,
	leaseEnd,
	lengthened,
	merge,
	presenceOf,
	proveBeat,
	signedOut,
	type Transition,
	wish
} from '../../api/presence/core.ts';
import { PRESENCE_SETTINGS as S } from '../../api/presence/settings.ts';
import type { Intent } from '../../api/store/intent.ts';
import type { Share } from '../../api/store/lease.ts';

const START = 1_700_000_000_000;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

type Visibility = Share['visibility'];

interface SimPage {
	agent: SimAgent;
	deviceId: string;
	pageId: string;
	visibility: Visibility;
	/** Frozen, crashed, asleep or without a network: it says nothing. */
	isMute: boolean;
	/** Closed: its timers are gone with it. */
	isGone: boolean;
	/** Its clock runs this much faster, */
	drift: number;
	/** and is hours wrong: what it says of durations is nonsense. */
	aheadMs: number;
	/** Timers of before the last change of visibility count no more. */
	beats: number;
}

interface SimAgent {
	intent: Intent;
	pages: SimPage[];
	/** In the table of leases. */
	written: readonly Share[];
	/** By page, what a model that knows everything says of it. */
	proved: Map<string, { at: number; end: number }>;
	left: Map<string, number>;
	/** The last word was offline without an end. */
	isOfflineByHand: boolean;
	/** The setting: an expiry ends with the return. */
	isAutoReturn: boolean;
	/** For how long the team believes a beat. */
	leases: Leases;
	/** The round at which a sweep looks at it next. */
	wakeAt: number;
	/** The ledger's last row. */
	row: { to: Intent['status']; at: number };
}

interface SimProcess {
	memory: Map<SimAgent, readonly Share[]>;
	unsaved: Set<SimAgent>;
	/** It may have missed what happened before. */
	hushedAt: number;
}

/** Teams that keep to the least, and teams that chose more. */
const LEASES: Leases[] = [
	S,
	S,
	{ visibleLeaseMs: 2 * S.visibleLeaseMs, hiddenLeaseMs: S.hiddenLeaseMs },
	{ visibleLeaseMs: 5 * MINUTE, hiddenLeaseMs: 20 * MINUTE }
];
const quietMsOf = ({ leases }: SimAgent) =>
	Math.max(S.quietMs, leases.visibleLeaseMs, leases.hiddenLeaseMs);

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

/** What is to happen, the earliest first: a binary heap. */
class Agenda {
	readonly #heap: { at: number; run: () => void }[] = [];

	add(at: number, run: () => void): void {
		const heap = this.#heap;
		const item = { at, run };
		let n = heap.push(item) - 1;
		for (let up = (n - 1) >> 1; n > 0; n = up, up = (n - 1) >> 1) {
			const parent = heap[up];
			if (!parent || parent.at <= at) break;
			heap[n] = parent;
		}
		heap[n] = item;
	}

	take(until: number): { at: number; run: () => void } | undefined {
		const heap = this.#heap;
		const first = heap[0];
		if (!first || first.at > until) return undefined;
		const last = heap.pop();
		if (!last || heap.length === 0) return first;
		let n = 0;
		for (;;) {
			const right = heap[2 * n + 2];
			const down = right && right.at < (heap[2 * n + 1]?.at ?? 0) ? 2 * n + 2 : 2 * n + 1;
			const child = heap[down];
			if (!child || child.at >= last.at) break;
			heap[n] = child;
			n = down;
		}
		heap[n] = last;
		return first;
	}
}

/**
 * Agents with their pages, a network that loses, delays, doubles and reorders, and processes that restart over
 * a database that crashes. Throws where a promise is broken.
 */
export class Simulation {
	now = START;
	readonly counts = { checks: 0, devices: 0, restarts: 0, causes: new Map<string, number>() };
	readonly #agenda = new Agenda();
	readonly #random: () => number;
	readonly #processes: SimProcess[];
	readonly #rounds = new Map<number, SimAgent[]>();
	readonly #agents: SimAgent[];

	constructor(options: { seed: number; agents: number; processes: number }) {
		this.#random = randomFrom(options.seed);
		this.#processes = Array.from({ length: options.processes }, () => this.#newProcess());
		this.#agents = Array.from({ length: options.agents }, () => this.#newAgent());
		this.#often(HOUR, () => this.#restart());
		this.#often(6 * HOUR, () => this.#crashDatabase());
		this.#agenda.add(this.now + S.loopMs, () => this.#round());
	}

	run(ms: number): void {
		const until = this.now + ms;
		for (let next = this.#agenda.take(until); next; next = this.#agenda.take(until)) {
			this.now = next.at;
			next.run();
		}
	}

	#chance(probability: number): boolean {
		return this.#random() < probability;
	}

	/** Again and again, at moments that know nothing of each other. */
	#often(everyMs: number, run: () => void, isOver = () => false): void {
		this.#agenda.add(this.now - Math.log(1 - this.#random()) * everyMs, () => {
			if (isOver()) return;
			run();
			this.#often(everyMs, run, isOver);
		});
	}

	#newProcess(): SimProcess {
		return { memory: new Map(), unsaved: new Set(), hushedAt: this.now };
	}

	#anyProcess(): SimProcess {
		return this.#processes[Math.floor(this.#random() * this.#processes.length)] as SimProcess;
	}

	#restart(): void {
		this.counts.restarts++;
		const killed = this.#anyProcess();
		const n = this.#processes.indexOf(killed);
		this.#processes[n] = this.#newProcess();
		for (const agent of killed.unsaved) this.#recall(agent);
	}

	/** The table of leases is a cache: a crash empties it, and every process notices. */
	#crashDatabase(): void {
		for (const process of this.#processes) process.hushedAt = this.now;
		for (const agent of this.#agents) {
			agent.written = [];
			this.#recall(agent);
			// Nobody reads without it, and what is remembered is written as soon as it is back.
			for (const process of this.#processes) this.#save(process, agent);
		}
	}

	/** What nobody remembers after a kill or a crash is as good as lost on the way. */
	#recall(agent: SimAgent): void {
		const memories = this.#processes.map((process) => process.memory.get(agent) ?? []);
		const known = memories.reduce<readonly Share[]>(merge, agent.written);
		agent.proved.clear();
		agent.left.clear();
		for (const { pageId, beatenAt, expiresAt, leavesAt } of lengthened(known, agent.leases)) {
			if (beatenAt > 0) agent.proved.set(pageId, { at: beatenAt, end: expiresAt });
			if (leavesAt !== null) agent.left.set(pageId, leavesAt);
		}
	}

	#newAgent(): SimAgent {
		const agent: SimAgent = {
			intent: {
				status: 'offline',
				cause: null,
				since: START,
				until: null,
				reason: null,
				setBy: null,
				returnStatus: 'offline',
				lastBeatAt: null
			},
			pages: [],
			written: [],
			proved: new Map(),
			left: new Map(),
			isOfflineByHand: false,
			isAutoReturn: this.#chance(0.5),
			leases: LEASES[Math.floor(this.#random() * LEASES.length)] as Leases,
			wakeAt: Number.POSITIVE_INFINITY,
			row: { to: 'offline', at: START }
		};
		const devices = 1 + Math.floor(this.#random() * 4);
		this.counts.devices += devices;
		agent.pages = Array.from({ length: devices }, () => this.#newPage(agent, newId()));
		this.#often(HOUR, () => this.#speak(agent));
		this.#often(6 * HOUR, () => this.#signOut(agent));
		// A night, or a meeting without the laptop: every device sleeps.
		this.#often(4 * HOUR, () => {
			for (const page of agent.pages) page.isMute = true;
		});
		return agent;
	}

	#newPage(agent: SimAgent, deviceId: string): SimPage {
		const page: SimPage = {
			agent,
			deviceId,
			pageId: newId(),
			visibility: this.#chance(0.5) ? 'visible' : 'hidden',
			isMute: false,
			isGone: false,
			drift: 0.98 + 0.04 * this.#random(),
			aheadMs: Math.floor(this.#random() * 12 * HOUR),
			beats: 0
		};
		const isOver = () => page.isGone;
		this.#often(HOUR, () => this.#toggleMute(page), isOver);
		this.#often(HOUR, () => this.#toggleVisibility(page), isOver);
		this.#often(2 * HOUR, () => this.#replace(page), isOver);
		this.#agenda.add(this.now, () => this.#beat(page, 0));
		return page;
	}

	#toggleMute(page: SimPage): void {
		page.isMute = !page.isMute;
		if (!page.isMute) this.#beat(page, ++page.beats);
	}

	#toggleVisibility(page: SimPage): void {
		page.visibility = page.visibility === 'visible' ? 'hidden' : 'visible';
		this.#beat(page, ++page.beats);
	}

	/** A reload, or a tab that is closed and later opened again. */
	#replace(page: SimPage): void {
		const { agent, deviceId } = page;
		page.isGone = true;
		if (!page.isMute) this.#post(page, null);
		const away = this.#chance(0.5) ? SECOND : 10 * MINUTE;
		this.#agenda.add(this.now + away, () => {
			agent.pages = agent.pages.map((p) => (p === page ? this.#newPage(agent, deviceId) : p));
		});
	}

	#beat(page: SimPage, beats: number): void {
		if (page.isGone || page.isMute || page.beats !== beats) return;
		this.#post(page, page.visibility);
		const wait = S.everyMs[page.visibility] * (0.8 + 0.2 * this.#random()) * page.drift;
		this.#agenda.add(this.now + wait, () => this.#beat(page, beats));
	}

	/** `visibility` null: a farewell. */
	#post(page: SimPage, visibility: Visibility | null): void {
		const copies = this.#chance(0.05) ? 0 : this.#chance(0.05) ? 2 : 1;
		for (let i = 0; i < copies; i++) {
			if (this.#chance(0.9)) this.#receive(page, visibility);
			else {
				const late = this.now + this.#random() * 15 * SECOND;
				this.#agenda.add(late, () => this.#receive(page, visibility));
			}
		}
	}

	#receive(page: SimPage, visibility: Visibility | null, process = this.#anyProcess()): void {
		const { agent, deviceId, pageId } = page;
		if (visibility === null) {
			const end = this.now + S.leaveMs;
			agent.left.set(pageId, Math.min(agent.left.get(pageId) ?? end, end));
			this.#add(process, agent, [farewell({ deviceId, pageId }, end)]);
		} else {
			const { visibleLeaseMs, hiddenLeaseMs } = agent.leases;
			const end = this.now + (visibility === 'visible' ? visibleLeaseMs : hiddenLeaseMs);
			const before = agent.proved.get(pageId);
			const isTie = before?.at === this.now && before.end > end;
			if (!isTie) agent.proved.set(pageId, { at: this.now, end });
			const pages = [{ id: pageId, visibility, isFocused: false, idleMs: page.aheadMs }];
			this.#add(process, agent, proveBeat({ deviceId, pages }, this.now, S));
			if (agent.isAutoReturn && visibility === 'visible') {
				const known = { intent: agent.intent, shares: this.#seen(agent, process), now: this.now };
				this.#writeWithLease(agent, process, comeBack(known, S));
			}
		}
		// Nobody else has learned anything.
		this.#check(agent, [process]);
	}

	#add(process: SimProcess, agent: SimAgent, shares: Share[]): void {
		const merged = merge(process.memory.get(agent) ?? [], shares);
		const isKept = (s: Share) =>
			Math.max(s.expiresAt, s.leavesAt ?? 0) > this.now - S.longestLeaseMs;
		process.memory.set(agent, merged.every(isKept) ? merged : merged.filter(isKept));
		process.unsaved.add(agent);
	}

	/** An agent presses a button; the server answers, and takes the lease with it. */
	#speak(agent: SimAgent): void {
		const page = agent.pages.find((p) => !p.isMute && !p.isGone);
		if (!page) return;
		const process = this.#anyProcess();
		const status = this.#chance(0.8) ? 'online' : 'offline';
		const until = status === 'offline' && this.#chance(0.5) ? this.now + 5 * MINUTE : null;
		this.#receive(page, page.visibility, process);
		this.#save(process, agent);
		const known = { intent: agent.intent, shares: this.#seen(agent, process), now: this.now };
		this.#write(agent, wish(known, { status, until, reason: null }));
	}

	/** On every device, so that it is the last one's sign-out that is seen. */
	#signOut(agent: SimAgent): void {
		const end = (s: Share) => ({ ...s, leavesAt: Math.min(s.leavesAt ?? this.now, this.now) });
		for (const process of this.#processes)
			process.memory.set(agent, (process.memory.get(agent) ?? []).map(end));
		agent.written = agent.written.map(end);
		for (const [pageId] of agent.proved)
			agent.left.set(pageId, Math.min(agent.left.get(pageId) ?? this.now, this.now));
		const shares = this.#seen(agent, this.#anyProcess());
		const transition = signedOut({ intent: agent.intent, shares, now: this.now });
		this.#write(agent, transition);
		for (const page of agent.pages) {
			page.isGone = true;
			this.#agenda.add(this.now + MINUTE, () => {
				agent.pages = agent.pages.map((p) =>
					p === page ? this.#newPage(agent, page.deviceId) : p
				);
			});
		}
		this.#check(agent);
	}

	/** Every second: what was proved is written, then what is due is made by whichever process comes first. */
	#round(): void {
		for (const process of this.#processes) {
			for (const agent of process.unsaved) this.#save(process, agent);
			process.unsaved.clear();
		}
		const due = this.#rounds.get(this.now) ?? [];
		this.#rounds.delete(this.now);
		for (const agent of due) {
			if (agent.wakeAt !== this.now) continue;
			agent.wakeAt = Number.POSITIVE_INFINITY;
			this.#check(agent);
			for (const process of this.#processes) this.#sweep(agent, process);
			this.#wake(agent);
		}
		this.#agenda.add(this.now + S.loopMs, () => this.#round());
	}

	#sweep(agent: SimAgent, process: SimProcess): void {
		if (this.now < process.hushedAt + quietMsOf(agent)) return;
		const known = { intent: agent.intent, shares: this.#seen(agent, process), now: this.now };
		this.#writeWithLease(agent, process, dueTransition(known, S));
	}

	/** Whoever is set online takes the lease along in the same transaction. */
	#writeWithLease(agent: SimAgent, process: SimProcess, transition: Transition | null): void {
		if (transition?.after.status === 'online') this.#save(process, agent);
		this.#write(agent, transition);
	}

	#save(process: SimProcess, agent: SimAgent): void {
		agent.written = this.#known(agent, process);
		const isOld = (s: Share) => Math.max(s.expiresAt, s.leavesAt ?? 0) < this.now - HOUR;
		if (agent.written.some(isOld)) {
			agent.written = agent.written.filter((s) => !isOld(s));
			for (const [pageId, { end }] of agent.proved)
				if (end < this.now - HOUR) agent.proved.delete(pageId);
		}
		this.#wake(agent);
	}

	/** Sees to it that a sweep looks at the agent when something may be due. */
	#wake(agent: SimAgent): void {
		const { status, until } = agent.intent;
		const lostAt =
			status === 'online'
				? leaseEnd(lengthened(agent.written, agent.leases)) + S.sweepGraceMs
				: Number.POSITIVE_INFINITY;
		const dueAt = Math.max(Math.min(lostAt, until ?? lostAt), this.now) + 1;
		if (dueAt === Number.POSITIVE_INFINITY) return;
		const round = START + Math.ceil((dueAt - START) / S.loopMs) * S.loopMs;
		if (round >= agent.wakeAt) return;
		agent.wakeAt = round;
		const others = this.#rounds.get(round);
		if (others) others.push(agent);
		else this.#rounds.set(round, [agent]);
	}

	#write(agent: SimAgent, transition: Transition | null): void {
		if (!transition) return;
		const { cause, before, after, at } = transition;
		this.counts.causes.set(cause, (this.counts.causes.get(cause) ?? 0) + 1);
		if (before !== agent.intent || after === before) throw new Error('a row without a change');
		if (agent.row.to !== before.status || agent.row.at > at)
			throw new Error('the ledger is no chain');
		agent.row = { to: after.status, at };
		if (agent.isOfflineByHand && cause !== 'set by you')
			throw new Error(`offline by hand was undone: ${cause}`);
		if (cause === 'heartbeat lost') {
			if (this.#isProved(agent, at - S.sweepGraceMs))
				throw new Error('swept although a device had proved it');
			if (at - before.since < S.leaveMs) throw new Error('a flap');
		}
		if (cause === 'end time reached' && (before.until ?? at + 1) > at)
			throw new Error('ended before its time');
		if (cause === 'came back' && (before.cause !== 'heartbeat lost' || !agent.isAutoReturn))
			throw new Error('came back after more than an expiry');
		if (cause === 'signed out' && this.#isProved(agent, at)) throw new Error('not the last device');
		agent.intent = after;
		if (cause === 'set by you')
			agent.isOfflineByHand = after.status === 'offline' && after.until === null;
		this.#wake(agent);
		this.#check(agent);
	}

	/** By the model: whether a proof of some page held at that moment. */
	#isProved(agent: SimAgent, at: number): boolean {
		for (const [pageId, proof] of agent.proved)
			if (proof.at <= at && Math.min(proof.end, agent.left.get(pageId) ?? proof.end) > at)
				return true;
		return false;
	}

	#known(agent: SimAgent, process: SimProcess): readonly Share[] {
		const memory = process.memory.get(agent);
		return memory ? merge(agent.written, memory) : agent.written;
	}

	/** As the agent's team counts it. */
	#seen(agent: SimAgent, process: SimProcess): readonly Share[] {
		return lengthened(this.#known(agent, process), agent.leases);
	}

	/** What readers are told, against the model. */
	#check(agent: SimAgent, processes: readonly SimProcess[] = this.#processes): void {
		this.counts.checks++;
		for (const process of processes) {
			const isQuiet = this.now < process.hushedAt + quietMsOf(agent);
			const known = { intent: agent.intent, shares: this.#seen(agent, process), now: this.now };
			const { status } = presenceOf({ ...known, isQuiet }, S);
			if (status === 'online' && !this.#isProved(agent, this.now))
				throw new Error('online without a live lease');
			if (agent.isOfflineByHand && status !== 'offline')
				throw new Error('offline by hand was undone for a reader');
			const due = isQuiet ? null : dueTransition(known, S);
			if (due && due.after.status !== status) throw new Error('a reader and the sweep disagree');
		}
	}
}
