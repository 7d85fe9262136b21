import v8 from 'node:v8';
import vm from 'node:vm';
import { newId } from '#contract/ids.ts';
import type { BeatRequest } from '#contract/presence.ts';
import type { Log } from '../../../api/domain/context.ts';
import { createPresence, type PresenceService } from '../../../api/presence/service.ts';
import { PRESENCE_SETTINGS } from '../../../api/presence/settings.ts';
import type { Db, Queries, TeamTx } from '../../../api/store/db.ts';
import type { Intent } from '../../../api/store/intent.ts';
import { compile, type Sql } from '../../../api/store/sql.ts';
import { testApp } from '../../support/app.ts';
import { startDatabaseUrl } from '../../support/database-url.ts';
import { transitionsToWidget } from '../../support/transition.ts';
import { atMost, percentile, type Row } from '../row.ts';

const SECOND = 1_000;
/** Beats come somewhat early: see src/lib/presence/beats.ts. */
const BEAT_EVERY_S = (PRESENCE_SETTINGS.everyMs.visible * 0.9) / SECOND;
const silent: Log = { info() {}, warn() {}, error() {} };

const ONLINE: Omit<Intent, 'since'> = {
	status: 'online',
	cause: 'set by you',
	until: null,
	reason: null,
	setBy: null,
	returnStatus: 'offline',
	lastBeatAt: null
};

/**
 * A database that knows every person as an online agent of one team. What the service does for a statement,
 * its text and its values, is done; the network and the server's own work are not measured here.
 */
function knowingDb(): { db: Db; count(): number } {
	let statements = 0;
	const teamId = newId();
	const answer = (query: Sql): unknown[] => {
		statements++;
		const { text, values } = compile(query);
		const userIds = values.find((value) => Array.isArray(value)) as string[];
		if (text.includes('as "teamIds"'))
			return userIds.map((userId) => ({ userId, isAutoReturn: false, teamIds: [teamId] }));
		if (text.includes('online_intents_of')) return userIds.map((userId) => ({ teamId, userId }));
		if (text.includes('from members m left join intents'))
			return userIds.map((userId) => ({ ...ONLINE, userId, since: Date.now() }));
		return [];
	};
	const queries: Queries = {
		many: async <T>(query: Sql) => answer(query) as T[],
		one: async <T>(query: Sql) => answer(query)[0] as T,
		maybe: async <T>(query: Sql) => answer(query)[0] as T | undefined,
		run: async (query) => answer(query).length,
		executeSql: async () => ({ rows: [] })
	};
	const tx: TeamTx = { ...queries, teamId, changed() {}, afterCommit() {} };
	const db: Db = {
		person: queries,
		personTx: (work) => work(queries),
		team: (_, work) => work(tx),
		onCommit: () => () => {},
		onConnectionLost: () => () => {},
		close: async () => {}
	};
	return { db, count: () => statements };
}

interface Office {
	presence: PresenceService;
	/** One second of everybody's beats, and the round that follows. Resolves to the number of beats. */
	second(): Promise<number>;
	statements(): number;
}

/** Agents at work, each with one visible page, beating as documented. Everybody is known already. */
async function office(agents: number): Promise<Office> {
	const { db, count } = knowingDb();
	const clock = { now: Date.now() };
	const presence = createPresence({
		db,
		now: () => clock.now,
		log: silent,
		// Past the time after a start in which nobody is swept.
		settings: { ...PRESENCE_SETTINGS, quietMs: 0 }
	});
	const people = Array.from({ length: agents }, (): [string, BeatRequest] => {
		const page = { id: newId(), visibility: 'visible' as const, isFocused: true, idleMs: 900 };
		return [newId(), { deviceId: newId(), pages: [page] }];
	});
	await Promise.all(people.map(([userId, request]) => presence.beat(userId, request)));
	await presence.round();
	let next = 0;
	return {
		presence,
		statements: count,
		async second() {
			clock.now += SECOND;
			const beats = Math.round(agents / BEAT_EVERY_S);
			for (let n = 0; n < beats; n++) {
				const [userId, request] = people[next++ % agents] as [string, BeatRequest];
				await presence.beat(userId, request);
			}
			await presence.round();
			return beats;
		}
	};
}

async function statementsPer1000(): Promise<Row> {
	const { second, statements } = await office(10_000);
	const before = statements();
	let beats = 0;
	for (let n = 0; n < 30; n++) beats += await second();
	const value = ((statements() - before) * 1000) / beats;
	return atMost('database statements per 1,000 beats, 10,000 agents', value, '', 20);
}

/** Where few beat, what is asked once a second counts, not what a beat costs. */
async function statementsOfFew(): Promise<Row> {
	const SECONDS = 60;
	const { second, statements } = await office(50);
	const before = statements();
	for (let n = 0; n < SECONDS; n++) await second();
	const value = (statements() - before) / SECONDS;
	return atMost('database statements a second, 50 agents', value, '/s', 4);
}

async function cpu(): Promise<Row> {
	const SECONDS = 30;
	const { second } = await office(100_000);
	await second();
	const before = process.cpuUsage();
	for (let n = 0; n < SECONDS; n++) await second();
	const { user, system } = process.cpuUsage(before);
	const share = (user + system) / (SECONDS * 1_000_000);
	return atMost('CPU of one core for 100,000 agents', share * 100, '%', 50);
}

async function memory(): Promise<Row> {
	v8.setFlagsFromString('--expose-gc');
	const collect = vm.runInNewContext('gc') as () => void;
	const heap = () => {
		collect();
		return process.memoryUsage().heapUsed;
	};
	const AGENTS = 50_000;
	const { db } = knowingDb();
	const presence = createPresence({ db, now: Date.now, log: silent });
	const before = heap();
	const beat = () => {
		// Ids as they come out of a request's body: nothing else holds them.
		const page = { id: newId(), visibility: 'visible' as const, isFocused: true, idleMs: 900 };
		return presence.beat(newId(), { deviceId: newId(), pages: [page] });
	};
	await Promise.all(Array.from({ length: AGENTS }, beat));
	await presence.round();
	const value = (heap() - before) / AGENTS / 1024;
	// Kept until it has been measured.
	await presence.stop();
	return atMost('memory per online agent over 50,000', value, 'KB', 2);
}

async function toWidget(): Promise<Row> {
	const database = await startDatabaseUrl();
	process.env.TEST_DATABASE_URL = database.url;
	const app = await testApp();
	app.clock.advance(PRESENCE_SETTINGS.quietMs + SECOND);
	const times = await transitionsToWidget(app, 400);
	await app.close();
	await database.stop();
	return atMost('transition to an open widget, p99', percentile(times, 0.99), 'ms', 1_000);
}

/** What presence costs a server, by direct drive of the service, and how soon visitors see a change. */
export async function presence(): Promise<Row[]> {
	return [
		await statementsPer1000(),
		await statementsOfFew(),
		await memory(),
		await cpu(),
		await toWidget()
	];
}
