import { untrack } from 'svelte';
import type { Presence, PresenceCause } from '#contract/entities.ts';
import type { BeatResponse, IntentRequest, LedgerRow } from '#contract/presence.ts';
import { deviceId as deviceIdOf, deviceName } from '../db/device.ts';
import { setMeta, takeMeta } from '../db/meta.ts';
import type { KeptWish } from '../db/schema.ts';
import type { Beats } from '../presence/beats.ts';
import { stillWanted } from '../presence/kept-wish.ts';
import { ApiFailure, Offline } from '../sync/failures.ts';
import { live } from './live.svelte.ts';
import { thisPage } from './page.svelte.ts';
import { arrived, sooner } from './parts.ts';
import { session } from './session.svelte.ts';
import { workspace } from './workspace.svelte.ts';

export interface OfflineOptions {
	/** Milliseconds from now after which the intent returns to what it was. */
	untilMs?: number;
	reason?: string;
	/** Refused as an ApiFailure where nobody else is online in business hours; without a connection it is kept. */
	unlessLast?: boolean;
}

export interface PresenceState {
	/** Of the person in the active team. `not connected` until the server has confirmed it, and whenever it cannot. */
	readonly status: 'online' | 'offline' | 'checking' | 'not connected';
	/** A choice is on its way to the server. */
	readonly isBusy: boolean;
	readonly since: number | null;
	readonly until: number | null;
	readonly reason: string | null;
	readonly cause: PresenceCause | null;
	/** The admin who set it. */
	readonly setBy: string | null;
	readonly lastBeatAt: number | null;
	/** The person's setting: an expiry ends with the return. */
	readonly isAutoReturn: boolean;
	/** Throws ApiFailure or Offline. */
	setAutoReturn(isAutoReturn: boolean): Promise<void>;
	/** Newest first; see `loadLedger`. */
	readonly ledger: LedgerRow[];
	/** Throws ApiFailure or Offline: going online is never queued. */
	goOnline(): Promise<void>;
	/** Without a connection it is kept in this browser and sent on return, if still wanted. Throws ApiFailure. */
	goOffline(options?: OfflineOptions): Promise<void>;
	/** Throws ApiFailure or Offline. */
	loadLedger(): Promise<void>;
	/** Beats from this page until the returned function is called. */
	start(): () => void;
}

/** By team, what the server said last: in a beat's answer, an intent's, or the synced member. */
let said = $state.raw<ReadonlyMap<string, Presence>>(new Map());
/** The server has answered this page, and what it vouched for has not run out. */
let isConfirmed = $state(false);
let isBusy = $state(false);
let ledger = $state.raw<LedgerRow[]>([]);
/** Set in this page, and so newer than what the session knows. */
let autoReturn = $state<boolean | null>(null);
let beats: Beats | null = null;
let device: string | null = null;
let cancelExpiry = () => {};

/** Loaded behind the first view. */
const loadServer = () => import('./presence-server.ts');

const userId = $derived(session.me?.user.id ?? null);
const teamId = $derived(session.team?.id ?? null);
const current = $derived(teamId === null ? undefined : said.get(teamId));
const ownRow = live(() => {
	const open = workspace.current;
	return async () => open && (await open.cache.members.get([open.teamId, open.userId]));
}, undefined);

function learn(team: string, presence: Presence): void {
	said = new Map(said).set(team, presence);
}

function confirm(forMs: number): void {
	isConfirmed = true;
	cancelExpiry();
	cancelExpiry = thisPage.after(forMs, doubt);
}

function doubt(): void {
	cancelExpiry();
	isConfirmed = false;
}

function hear({ leaseMs, teams }: BeatResponse): void {
	said = new Map(teams.map((team) => [team.teamId, team.presence]));
	confirm(leaseMs);
	void sendKept();
}

/** What could not be sent is asked once the server answers again, if it is still wanted. */
async function sendKept(): Promise<void> {
	// A database that a sign-out in another tab has closed keeps nothing.
	const wish = await takeKept().catch(() => undefined);
	const presence = wish && said.get(wish.teamId);
	if (!presence) return;
	const wanted = stillWanted(wish, { presence, now: Date.now() });
	if (!wanted) return;
	try {
		await keepIfOffline({ ...wish, ...wanted, madeAt: Date.now() });
	} catch (error) {
		// A refusal leaves the agent as the header says.
		if (!(error instanceof ApiFailure)) throw error;
	}
}

/** At most one tab gets it, and a reload loses nothing. */
async function takeKept(): Promise<KeptWish | undefined> {
	const cache = workspace.current?.cache;
	return cache && takeMeta(cache, 'keptWish');
}

/** Asks the server, which answers with what is so from then on. */
async function say(
	team: string,
	wanted: Pick<IntentRequest, 'status' | 'untilMs' | 'reason' | 'unlessLast'>
) {
	if (!beats || !device || userId === null) throw new Offline();
	isBusy = true;
	try {
		const body: IntentRequest = {
			...wanted,
			userId,
			teamId: team,
			deviceId: device,
			deviceName: deviceName(),
			page: beats.state()
		};
		const { putIntent, STANDS_MS } = await arrived(loadServer());
		const answer = await putIntent(body);
		learn(team, answer.presence);
		if (!isConfirmed) confirm(STANDS_MS);
	} catch (error) {
		if (error instanceof Offline) doubt();
		throw error;
	} finally {
		isBusy = false;
	}
}

async function keepIfOffline(wish: KeptWish, unlessLast = false): Promise<void> {
	const { untilMs, reason } = wish;
	try {
		await say(wish.teamId, {
			status: 'offline',
			...(untilMs === undefined ? {} : { untilMs }),
			...(reason === undefined ? {} : { reason }),
			...(unlessLast && { unlessLast })
		});
	} catch (error) {
		const cache = workspace.current?.cache;
		if (!(error instanceof Offline && cache)) throw error;
		await setMeta(cache, 'keptWish', wish);
	}
}

/** Beats while somebody is signed in. */
function beatFor(person: string): () => void {
	const stop = new AbortController();
	const start = async () => {
		const deviceId = await deviceIdOf(person);
		const part = await sooner(loadServer, stop.signal);
		if (!part) return;
		device = deviceId;
		beats = part.startBeats({ userId: person, deviceId, onAnswer: hear, onUnreached: doubt });
	};
	void start();
	return () => {
		stop.abort();
		beats?.stop();
		beats = null;
		device = null;
		said = new Map();
		ledger = [];
		autoReturn = null;
		doubt();
	};
}

/** Takes over every change of the synced member after the first sight, which may be an old cache. */
function followOwnRow(): void {
	let seen: { team: string; presence: string } | null = null;
	$effect(() => {
		const row = ownRow.value;
		if (!row) return;
		const presence = JSON.stringify(row.presence);
		const isNews = seen?.team === row.teamId && seen.presence !== presence;
		seen = { team: row.teamId, presence };
		if (isNews) untrack(() => learn(row.teamId, row.presence));
	});
}

export const presence: PresenceState = {
	get status() {
		return isConfirmed && current ? current.status : 'not connected';
	},
	get isBusy() {
		return isBusy;
	},
	get since() {
		return current?.since ?? null;
	},
	get until() {
		return current?.until ?? null;
	},
	get reason() {
		return current?.reason ?? null;
	},
	get cause() {
		return current?.cause ?? null;
	},
	get setBy() {
		return current?.setBy ?? null;
	},
	get isAutoReturn() {
		return autoReturn ?? session.me?.user.isAutoReturn ?? false;
	},
	async setAutoReturn(isAutoReturn) {
		const { saveAutoReturn } = await import('../presence/ask.ts');
		autoReturn = await saveAutoReturn(isAutoReturn);
	},
	get lastBeatAt() {
		return current?.lastBeatAt ?? null;
	},
	get ledger() {
		return ledger;
	},
	async goOnline() {
		await takeKept();
		if (teamId !== null) await say(teamId, { status: 'online' });
	},
	async goOffline({ untilMs, reason, unlessLast } = {}) {
		await takeKept();
		if (teamId === null) return;
		const since = current?.since ?? null;
		await keepIfOffline({ teamId, untilMs, reason, madeAt: Date.now(), since }, unlessLast);
	},
	async loadLedger() {
		if (teamId === null) return;
		const { readLedger } = await arrived(loadServer());
		ledger = await readLedger(teamId);
	},
	start: () =>
		$effect.root(() => {
			$effect(() => (userId === null ? undefined : beatFor(userId)));
			followOwnRow();
		})
};
