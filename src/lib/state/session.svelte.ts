import type { AuthOptions, Me, SignUpRequest } from '#contract/auth.ts';
import type { Permission, Role, Team } from '#contract/entities.ts';
import { PROTOCOL_VERSION } from '#contract/protocol.ts';
import { getMeta, setMeta } from '../db/meta.ts';
import { countUnsentText } from '../db/outbox.ts';
import { deleteDatabases, openCache } from '../db/schema.ts';
import { ApiFailure, Offline } from '../sync/failures.ts';
import { dropDrafts } from './drafts.ts';
import { thisPage } from './page.svelte.ts';
import { arrived } from './parts.ts';
import { closeWorkspace, openWorkspace, workspace } from './workspace.svelte.ts';

/** Thrown by `signOut` while replies or notes are unsent and nobody agreed to lose them. */
export class UnsentText extends Error {
	readonly count: number;
	constructor(count: number) {
		super(`${count} unsent ${count === 1 ? 'message' : 'messages'} would be lost.`);
		this.name = 'UnsentText';
		this.count = count;
	}
}

export interface Session {
	readonly status: 'loading' | 'signed-out' | 'signed-in';
	readonly me: Me | null;
	readonly team: Team | null;
	readonly role: Role | null;
	/** Of a custom role. */
	readonly roleName: string | null;
	/** What the role in the active team allows. The server decides in the end. */
	can(permission: Permission): boolean;
	/** Once per page load: opens from the cache, then asks the server. */
	load(): Promise<void>;
	/** Throws ApiFailure or Offline. */
	signIn(email: string, password: string): Promise<void>;
	/** Throws ApiFailure or Offline. */
	signUp(input: SignUpRequest): Promise<void>;
	/**
	 * Throws UnsentText unless `discardUnsent`; Offline without the server, whose session it ends; with `unlessLast`
	 * an ApiFailure where that leaves visitors alone in business hours.
	 */
	signOut(options: { discardUnsent: boolean; unlessLast: boolean }): Promise<void>;
	/** Throws ApiFailure or Offline. */
	options(): Promise<AuthOptions>;
	/** Only to one of the person's own teams. */
	switchTeam(id: string): Promise<void>;
	/** Asks the server anew who this is and what they may do. Without an answer what is known stands. */
	refresh(): Promise<void>;
	/** Takes over what the server has answered about the person, who may have come in by it. */
	adopt(me: Me, teamId?: string): Promise<void>;
	/** The account is gone: deletes all that this browser keeps of it. */
	forget(): Promise<void>;
}

/** Whose databases to open before the server has said who it is. An id, no secret: the session is a cookie. */
const LAST_USER = 'bellhop-user';
/** The lock under which this browser gives back the registration of somebody who has left. */
export const UNSUBSCRIBING = 'bellhop-unsubscribing';

let me = $state.raw<Me | null>(null);
let status = $state<Session['status']>('loading');
let loading: Promise<void> | null = null;
/** Answers are numbered as they were asked for: one that a later one or a sign-out has overtaken is old. */
let asked = 0;
let told = 0;
let turn: Promise<void> = Promise.resolve();
const membership = $derived(me?.teams.find(({ team }) => team.id === workspace.current?.teamId));
const permissions = $derived(new Set(membership?.permissions ?? []));

/** Tells the browser's other pages that somebody has come or left: 'signed-in' or 'signed-out'. */
let pages: ReturnType<typeof thisPage.broadcast> | null = null;

/** Loaded behind the first view. Throws Offline where it does not arrive. */
const loadAccount = async () => (await arrived(import('./account.ts'))).account;

async function start(): Promise<void> {
	pages = thisPage.broadcast('bellhop-session');
	// The cookie is the browser's, so what one page does to the session holds for all.
	pages.on((message) => (message === 'signed-out' ? leave() : void check()));
	const userId = localStorage.getItem(LAST_USER);
	const known = userId && (await lastKnown(userId));
	if (known) {
		await enter({ next: known });
		void check();
	} else if (userId) await check();
	// Where nobody has been, the server is not asked: browsers report its 401 as an error.
	if (status === 'loading') status = 'signed-out';
}

/** The last answer about the person who was here last: the shell opens with it, connected or not. */
async function lastKnown(userId: string): Promise<Me | undefined> {
	const cache = openCache(userId);
	const kept = await getMeta(cache, 'me');
	cache.close();
	// What this version wrote it understands.
	if (!kept || kept.protocol === PROTOCOL_VERSION) return kept;
	return (await loadAccount()).understand(kept);
}

/** Asks the server who is signed in. Without an answer what is known stands. */
async function check(): Promise<void> {
	const number = ++asked;
	try {
		await enter({ next: await (await loadAccount()).me(), number });
	} catch (error) {
		if (!(error instanceof ApiFailure || error instanceof Offline)) throw error;
		const isNobody = error instanceof ApiFailure && error.code === 'unauthenticated';
		if (isNobody && number > told) leave();
	}
}

interface Entry {
	/** What the server has answered; without it who is here stays. */
	next?: Me;
	/** Without it the team of before stays. */
	wantedTeamId?: string | undefined;
	/** Without it the answer is the newest. */
	number?: number;
}

/** One after the other: of two at once each would open the databases. */
function enter({ next, wantedTeamId, number = next ? ++asked : undefined }: Entry): Promise<void> {
	const mine = turn.then(() => enterNow({ next: next ?? me, wantedTeamId, number }));
	turn = mine.catch(() => {});
	return mine;
}

async function enterNow(entry: {
	next: Me | null;
	wantedTeamId: string | undefined;
	number: number | undefined;
}): Promise<void> {
	const { next, wantedTeamId, number = told } = entry;
	if (!next || number < told) return;
	told = number;
	const userId = next.user.id;
	const cache = openCache(userId);
	const teamIds = next.teams.map(({ team }) => team.id);
	const wanted = wantedTeamId ?? (await getMeta(cache, 'teamId'));
	const teamId = teamIds.find((id) => id === wanted) ?? teamIds[0];
	await setMeta(cache, 'me', next);
	if (teamId) await setMeta(cache, 'teamId', teamId);
	else await cache.meta.delete('teamId');
	cache.close();
	const hasLeft = () => number < told;
	if (hasLeft()) return;
	localStorage.setItem(LAST_USER, userId);
	const current = workspace.current;
	if (current && (current.userId !== userId || current.teamId !== teamId)) closeWorkspace();
	if (teamId && !workspace.current) {
		await openWorkspace({
			userId,
			teamId,
			onSignedOut: () => void lose(),
			onTeamLost: () => void check()
		});
	}
	if (hasLeft()) return closeWorkspace();
	me = next;
	status = 'signed-in';
	// Where the code does not arrive, the next load comes to it.
	void import('./lost.ts').then((lost) => lost.forgetLost(next)).catch(() => {});
}

/** The server no longer takes this page for the person's: nobody is signed in, or somebody else. */
async function lose(): Promise<void> {
	closeWorkspace();
	const number = ++asked;
	try {
		await enter({ next: await (await loadAccount()).me(), number });
	} catch {
		if (number >= told) leave();
	}
}

/** Shows nothing of the person any more. The databases stay: what is unsent goes out after the next sign-in. */
function leave(): void {
	told = ++asked;
	closeWorkspace();
	localStorage.removeItem(LAST_USER);
	me = null;
	status = 'signed-out';
}

/** Ends what this browser has to do with the person, whom the server has let go already. */
async function forget(): Promise<void> {
	const userId = me?.user.id;
	thisPage.postToWorker({ type: 'signed-out' });
	// First, since the stream has ended: whoever follows it would ask again and be refused.
	leave();
	dropDrafts();
	pages?.post('signed-out');
	if (userId) await deleteDatabases(userId);
	// The server has dropped its record already; a browser that fails or waits here rings nobody.
	await thisPage.hold(UNSUBSCRIBING, {}, unsubscribe).catch(() => {});
}

/** Not from under somebody who has signed in meanwhile. */
async function unsubscribe(): Promise<void> {
	const account = await loadAccount();
	if (localStorage.getItem(LAST_USER) === null) await account.unsubscribe();
}

/** The signed-in person of the app. */
export const session: Session = {
	get status() {
		return status;
	},
	get me() {
		return me;
	},
	get team() {
		return membership?.team ?? null;
	},
	get role() {
		return membership?.role ?? null;
	},
	get roleName() {
		return membership?.roleName ?? null;
	},
	can: (permission) => permissions.has(permission),
	load() {
		loading ??= start();
		return loading;
	},
	async signIn(email, password) {
		await enter({ next: await (await loadAccount()).signIn(email, password) });
		pages?.post('signed-in');
	},
	async signUp(input) {
		await enter({ next: await (await loadAccount()).signUp(input) });
		pages?.post('signed-in');
	},
	async signOut({ discardUnsent, unlessLast }) {
		const here = workspace.current;
		if (here && !discardUnsent) {
			const count = await countUnsentText(here.outbox);
			if (count > 0) throw new UnsentText(count);
		}
		await (await loadAccount()).signOut({ deviceId: here?.deviceId ?? null, unlessLast });
		await forget();
	},
	options: async () => (await loadAccount()).options(),
	async switchTeam(id) {
		await enter({ wantedTeamId: id });
		// From now on nothing is told by itself of the team before.
		void check();
	},
	refresh: check,
	async adopt(next, teamId) {
		const isNew = me?.user.id !== next.user.id;
		await enter({ next, wantedTeamId: teamId });
		if (isNew) pages?.post('signed-in');
	},
	forget
};
