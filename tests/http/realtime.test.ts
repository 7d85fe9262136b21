import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { createRealtime, type Realtime } from '../../api/realtime/realtime.ts';
import { withConnection } from '../../api/store/connection.ts';
import { openDb } from '../../api/store/db.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { insertTeam } from '../support/team.ts';

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.drop());

/** What one process has of its own: a pool, and its ear to the others. */
function newProcess({ isDeaf = false } = {}) {
	const db = openDb(database.url, { max: 2 });
	const realtime = createRealtime({ db, ...(!isDeaf && { directUrl: database.url }) });
	onTestFinished(async () => {
		await realtime.close();
		await db.close();
	});
	return { db, realtime };
}

const change = (db: ReturnType<typeof openDb>, teamId: string) =>
	db.team(teamId, async (tx) => tx.changed({ entity: 'team', id: teamId }));

/** The versions a listener was told of, in order. */
function hear(realtime: Realtime, teamId: string): number[] {
	const versions: number[] = [];
	realtime.subscribe(teamId, (version) => versions.push(version));
	return versions;
}

/** Both ways, since a connection that is not up yet hears nothing. */
async function connected(one: Realtime, two: Realtime): Promise<void> {
	const heard = new Set<string>();
	one.on('revoked', (payload) => heard.add(`one ${payload}`));
	two.on('revoked', (payload) => heard.add(`two ${payload}`));
	await vi.waitFor(() => {
		one.publish('revoked', 'from one');
		two.publish('revoked', 'from two');
		expect(heard).toContain('two from one');
		expect(heard).toContain('one from two');
	});
}

/** Ends the connections that listen, as a restart of the server or of a router would. */
const cutOff = () =>
	withConnection(database.url, async (client) => {
		const { rowCount } = await client.query(`
			select pg_terminate_backend(pid) from pg_stat_activity
			where datname = current_database() and pid <> pg_backend_pid()
				and (query like 'listen %' or query like 'select pg_notify%')`);
		return rowCount;
	});

test('two processes hear each other’s versions, each once and only of the teams they listen to', async () => {
	const [one, two] = [newProcess(), newProcess()];
	await connected(one.realtime, two.realtime);
	const [teamId, other] = [await insertTeam(one.db), await insertTeam(one.db)];
	const [near, far] = [hear(one.realtime, teamId), hear(two.realtime, teamId)];
	await change(one.db, other);
	await change(one.db, teamId);
	await vi.waitFor(() => expect(far).toEqual([1]));
	await change(two.db, teamId);
	await vi.waitFor(() => expect(near).toEqual([1, 2]));
	expect(far).toEqual([1, 2]);
});

test('of many commits at once the newest arrives, and none out of order', async () => {
	const [one, two] = [newProcess(), newProcess()];
	await connected(one.realtime, two.realtime);
	const teamId = await insertTeam(one.db);
	const far = hear(two.realtime, teamId);
	await Promise.all(Array.from({ length: 60 }, () => change(one.db, teamId)));
	await vi.waitFor(() => expect(far.at(-1)).toBe(60));
	expect([...far].sort((a, b) => a - b)).toEqual(far);
});

test('a listener that was cut off compares versions when it is back, even where nobody told it', async () => {
	const [one, two] = [newProcess(), newProcess()];
	const silent = newProcess({ isDeaf: true });
	await connected(one.realtime, two.realtime);
	const teamId = await insertTeam(one.db);
	const far = hear(two.realtime, teamId);
	expect(await cutOff()).toBe(2);
	await change(silent.db, teamId);
	await vi.waitFor(() => expect(far).toEqual([1]), { timeout: 10_000 });
	await change(one.db, teamId);
	await vi.waitFor(() => expect(far).toEqual([1, 2]), { timeout: 10_000 });
});

test('a revoked session is told to every process, and once to the one that says so', async () => {
	const [one, two] = [newProcess(), newProcess()];
	await connected(one.realtime, two.realtime);
	const heard: string[] = [];
	one.realtime.on('revoked', (payload) => heard.push(`one ${payload}`));
	two.realtime.on('revoked', (payload) => heard.push(`two ${payload}`));
	one.realtime.publish('revoked', 'abc');
	await vi.waitFor(() => expect(heard).toContain('two abc'));
	expect(heard.filter((line) => line === 'one abc')).toHaveLength(1);
});

test('who has stopped listening is told nothing more', async () => {
	const { db, realtime } = newProcess({ isDeaf: true });
	const teamId = await insertTeam(db);
	const versions: number[] = [];
	const stop = realtime.subscribe(teamId, (version) => versions.push(version));
	await change(db, teamId);
	stop();
	await change(db, teamId);
	expect(versions).toEqual([1]);
});
