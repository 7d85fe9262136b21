import { setTimeout as sleep } from 'node:timers/promises';
import type { LeasesRequest } from '#contract/coverage.ts';
import type { Presence } from '#contract/entities.ts';
import type {
	BeatRequest,
	BeatResponse,
	IntentRequest,
	LeaveRequest,
	SetOfflineRequest
} from '#contract/presence.ts';
import type { AgentCtx, Log, PresenceAnswer, PresenceReader } from '../domain/context.ts';
import { setLeases } from '../domain/coverage/set-leases.ts';
import type { Realtime } from '../realtime/realtime.ts';
import type { Db, TeamTx } from '../store/db.ts';
import { intentsOfTeam, onlineIntentsOf } from '../store/intent.ts';
import { deleteLeases, endDevice, sharesOfTeam } from '../store/lease.ts';
import { setAutoReturn } from '../store/user.ts';
import { comeBackIfWanted } from './come-back.ts';
import { farewell, leaseEnd, merge, presenceOf, proveBeat } from './core.ts';
import { createDoubts } from './doubts.ts';
import { createIntents } from './intents.ts';
import { createQuiet, type Quiet } from './quiet.ts';
import { setIntent } from './set-intent.ts';
import { setMemberOffline } from './set-offline.ts';
import { PRESENCE_SETTINGS, type PresenceSettings } from './settings.ts';
import { createShares } from './shares.ts';
import { endIfLast, refuseLastSignOut } from './sign-out.ts';
import { type SweepDeps, sweep } from './sweep.ts';
import { createTeamLeases } from './team-leases.ts';

export interface PresenceService extends PresenceReader {
	/** Renews the leases of a device's pages. In memory: costs no query once the person is known. */
	beat(userId: string, request: BeatRequest): Promise<BeatResponse>;
	/** Shortens the share of a page that goes away. */
	leave(userId: string, request: LeaveRequest): void;
	setIntent(ctx: AgentCtx, input: IntentRequest): Promise<Presence>;
	/** An admin sets a member offline, until the member says otherwise. */
	setOffline(ctx: AgentCtx, input: SetOfflineRequest): Promise<Presence>;
	/** For how long the team believes a beat; holds here at once, in other processes within seconds. */
	setLeases(ctx: AgentCtx, input: LeasesRequest): Promise<void>;
	/** The person's setting: whether an expiry ends with the return. */
	setAutoReturn(ctx: AgentCtx, isAutoReturn: boolean): Promise<void>;
	/** Before a sign-out: throws DomainError where only this device keeps visitors from being left alone. */
	refuseLastSignOut(ctx: AgentCtx, deviceId: string): Promise<void>;
	/** After a sign-out: what the device had proved counts no more. */
	forgetDevice(userId: string, deviceId: string): Promise<void>;
	/** After an account was deleted: nothing the person's devices proved is kept. */
	forgetPerson(userId: string): Promise<void>;
	/** One round of the loop: write what was proved, then make what is due. Never throws. */
	round(): Promise<void>;
	start(): void;
	/** Ends the loop and writes what is in memory, so that a restart loses nothing. */
	stop(): Promise<void>;
}

export interface PresenceDeps {
	db: Db;
	/** Milliseconds since 1970. */
	now(): number;
	log: Log;
	/** What other processes tell; without it their changes are found within a second. */
	realtime?: Pick<Realtime, 'on'>;
	settings?: PresenceSettings;
}

/** Presence of one process; any number of them may share a database. Nothing runs before `start`. */
export function createPresence(options: PresenceDeps): PresenceService {
	const { db, now, log, realtime, settings = PRESENCE_SETTINGS } = options;
	const shares = createShares(db, settings);
	const intents = createIntents(db, realtime);
	const doubts = createDoubts(db);
	const leases = createTeamLeases(db, settings);
	const deps: SweepDeps = { db, now, settings, shares, intents, leases };
	const quiet = createQuiet(now, { settings, leases });
	const { isQuiet } = quiet;
	const hush = () => {
		quiet.hush();
		intents.clear();
		shares.rewrite();
	};
	const isSettled = (teamId: string, userId: string) =>
		!isQuiet(teamId) || leaseEnd(leases.count(teamId, shares.of(userId))) > now();

	const service: PresenceService = {
		async ofTeam(tx) {
			const answers = await readTeam(tx, { ...deps, isQuiet: isQuiet(tx.teamId) });
			for (const [userId, { status }] of answers)
				if (status === 'checking') doubts.add(tx.teamId, userId);
			return answers;
		},
		beat: (userId, request) => beat(userId, request, { ...deps, isQuiet }),
		leave(userId, page) {
			shares.add(userId, [farewell(page, now() + settings.leaveMs)]);
		},
		setIntent: (ctx, input) => setIntent(ctx, input, deps),
		setOffline: (ctx, input) => setMemberOffline(ctx, input, deps),
		async setLeases(ctx, input) {
			await setLeases(ctx, input);
			await leases.load();
		},
		async setAutoReturn(ctx, isAutoReturn) {
			await setAutoReturn(ctx.db.person, ctx.actor.userId, isAutoReturn);
			intents.drop(ctx.actor.userId);
		},
		refuseLastSignOut: (ctx, deviceId) => refuseLastSignOut(ctx, deviceId, deps),
		async forgetDevice(userId, deviceId) {
			const at = now();
			shares.end(userId, deviceId, at);
			await endDevice(db.person, { userId, deviceId, at });
			// A sign-out is certain knowledge, so it is written in the quiet time too.
			for (const { teamId } of await onlineIntentsOf(db.person, [userId]))
				await db.team(teamId, (tx) => endIfLast(tx, userId, deps));
		},
		async forgetPerson(userId) {
			shares.forget(userId);
			await deleteLeases(db.person, userId);
		},
		async round() {
			try {
				await intents.recheck(await shares.flush());
				await leases.refresh(now());
				if (!isQuiet()) await sweep(deps, isQuiet);
				await doubts.settle(isSettled);
				for (const userId of await shares.prune(now())) intents.drop(userId);
			} catch (error) {
				log.error({ err: error }, 'Presence could not be written; nobody is set offline for now.');
				hush();
			}
		},
		start: () => loop.start(),
		async stop() {
			await loop.stop();
			intents.close();
		}
	};
	const loop = createLoop({ round: service.round, hush, db, now, settings });
	return service;
}

async function beat(
	userId: string,
	request: BeatRequest,
	deps: SweepDeps & Pick<Quiet, 'isQuiet'>
): Promise<BeatResponse> {
	const { settings, shares, leases, isQuiet } = deps;
	const at = deps.now();
	shares.add(userId, proveBeat(request, at, settings));
	const mine = shares.of(userId);
	const device = mine.filter((share) => share.deviceId === request.deviceId);
	const person = await comeBackIfWanted(userId, request, deps);
	const teams = [...person.teams].map(([teamId, intent]) => {
		const known = { intent, shares: leases.count(teamId, mine), now: at };
		return { teamId, presence: presenceOf({ ...known, isQuiet: isQuiet(teamId) }, settings) };
	});
	return { leaseMs: Math.max(0, leaseEnd(device) - at), everyMs: settings.everyMs, teams };
}

async function readTeam(
	tx: TeamTx,
	deps: SweepDeps & { isQuiet: boolean }
): Promise<Map<string, PresenceAnswer>> {
	const written = Map.groupBy(await sharesOfTeam(tx), (share) => share.userId);
	const intents = await intentsOfTeam(tx);
	const now = deps.now();
	return new Map(
		intents.map(({ userId, ...intent }) => {
			const proved = merge(written.get(userId) ?? [], deps.shares.of(userId));
			const shares = deps.leases.count(tx.teamId, proved);
			const known = { intent, shares, now, isQuiet: deps.isQuiet };
			return [userId, presenceOf(known, deps.settings)];
		})
	);
}

interface LoopDeps extends Pick<SweepDeps, 'db' | 'now' | 'settings'> {
	round(): Promise<void>;
	hush(): void;
}

function createLoop({ round, hush, db, now, settings }: LoopDeps) {
	const stopping = new AbortController();
	let running: Promise<void> = Promise.resolve();
	// Without the loop too: a process that only rings people must not take them for offline.
	const stopListening = db.onConnectionLost(hush);

	async function run(): Promise<void> {
		while (!stopping.signal.aborted) {
			const before = now();
			await sleep(settings.loopMs, undefined, { signal: stopping.signal }).catch(() => {});
			if (now() - before > settings.loopMs + settings.stallMs) hush();
			await round();
		}
	}

	return {
		start() {
			running = run();
		},
		async stop() {
			stopping.abort();
			stopListening();
			await running;
		}
	};
}
