import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createJobs, type Jobs } from '../../api/jobs/boss.ts';
import { withConnection } from '../../api/store/connection.ts';
import { type Db, openDb } from '../../api/store/db.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { insertTeam } from '../support/team.ts';

const SLOW = { timeout: 60_000, interval: 50 };
const log = { info() {}, warn() {}, error() {} };

let database: TestDatabase;
let db: Db;
const processes: Jobs[] = [];
beforeAll(async () => {
	database = await testDatabase();
	db = openDb(database.url);
});
afterAll(async () => {
	for (const jobs of processes) await jobs.stop();
	await db.close();
	await database.drop();
});

async function startProcess(): Promise<Jobs> {
	const jobs = createJobs({ db, log });
	await jobs.start();
	processes.push(jobs);
	return jobs;
}

test('a daily job is done once a day, however many processes and starts ask for it', async () => {
	let runs = 0;
	for (const jobs of [await startProcess(), await startProcess(), await startProcess()])
		await jobs.daily('prune', async () => void runs++);
	await vi.waitFor(() => expect(runs).toBe(1), SLOW);
	const queued = await withConnection(database.ownerUrl, (client) =>
		client.query(`select count(*)::int as n from pgboss.job where name = 'prune'`)
	);
	expect(queued.rows).toEqual([{ n: 1 }]);
});

test('a job that fails is tried again, and told when there is no other attempt', async () => {
	const jobs = await startProcess();
	const attempts: boolean[] = [];
	await withConnection(database.ownerUrl, (client) =>
		client.query(`update pgboss.queue set retry_limit = 1, retry_delay = 1 where name = 'climb'`)
	);
	await jobs.work('climb', async (_, { isLast }) => {
		attempts.push(isLast);
		throw new Error('not yet');
	});
	const teamId = await insertTeam(db);
	const data = { teamId, ladderId: teamId };
	await db.team(teamId, (tx) => jobs.enqueue(tx, { name: 'climb', data }));
	await vi.waitFor(() => expect(attempts).toEqual([false, true]), SLOW);
});
