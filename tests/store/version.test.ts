import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Db, openDb, type TeamTx } from '../../api/store/db.ts';
import { sql } from '../../api/store/sql.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { insertTeam } from '../support/team.ts';

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
	database = await testDatabase();
	db = openDb(database.url, { max: 8 });
});
afterAll(async () => {
	await db.close();
	await database.drop();
});

async function insertBot(tx: TeamTx): Promise<void> {
	const id = randomUUID();
	await tx.run(sql`insert into bots (team_id, id, name) values (${tx.teamId}, ${id}, 'b')`);
	tx.changed({ entity: 'bot', id, botId: id });
}

const versionsOf = (teamId: string) =>
	db.team(teamId, async (tx) => {
		const rows = await tx.many<{ version: number }>(
			sql`select distinct version from changes order by version`
		);
		return rows.map(({ version }) => version);
	});
const upTo = (last: number) => Array.from({ length: last }, (_, n) => n + 1);

test('changes of one transaction share one version and keep their order', async () => {
	const teamId = await insertTeam(db);
	const ids = [randomUUID(), randomUUID(), randomUUID()];
	await db.team(teamId, async (tx) => {
		for (const id of ids) tx.changed({ entity: 'member', id });
	});
	const rows = await db.team(teamId, (tx) =>
		tx.many(sql`select version, n, entity_id from changes order by version, n`)
	);
	expect(rows).toEqual(ids.map((entity_id, n) => ({ version: 1, n, entity_id })));
});

test('a transaction without changes moves no version', async () => {
	const teamId = await insertTeam(db);
	await db.team(teamId, async (tx) => tx.many(sql`select 1 as one`));
	expect(await versionsOf(teamId)).toEqual([]);
});

test('a transaction that fails leaves no version, no change, and tells nobody', async () => {
	const teamId = await insertTeam(db);
	const told: number[] = [];
	const stop = db.onCommit((team, version) => {
		if (team === teamId) told.push(version);
	});
	await expect(
		db.team(teamId, async (tx) => {
			await insertBot(tx);
			tx.afterCommit(() => told.push(-1));
			throw new Error('no');
		})
	).rejects.toThrow('no');
	stop();
	expect(told).toEqual([]);
	expect(await versionsOf(teamId)).toEqual([]);
});

test('under concurrent writers the versions have no gap, and a reader never sees a later one before an earlier', async () => {
	const [teamId, other] = [await insertTeam(db), await insertTeam(db)];
	const writers = 60;
	let isWriting = true;
	const reading = (async () => {
		let looks = 0;
		while (isWriting) {
			const seen = await versionsOf(teamId);
			expect(seen).toEqual(upTo(seen.length));
			looks++;
		}
		return looks;
	})();
	await Promise.all(
		Array.from({ length: writers }, (_, n) =>
			db.team(n % 4 === 0 ? other : teamId, async (tx) => {
				await insertBot(tx);
				// Transactions begin in one order and commit in another.
				await tx.run(sql`select pg_sleep(${(n % 5) / 200})`);
			})
		)
	);
	isWriting = false;
	expect(await reading).toBeGreaterThan(1);
	expect(await versionsOf(teamId)).toEqual(upTo(writers - writers / 4));
	expect(await versionsOf(other)).toEqual(upTo(writers / 4));
	const counters = await db.team(teamId, (tx) => tx.many(sql`select version from teams`));
	expect(counters).toEqual([{ version: writers - writers / 4 }]);
});

test('each commit is told once, with its version, after it can be read', async () => {
	const teamId = await insertTeam(db);
	const told: number[] = [];
	const stop = db.onCommit((team, version) => {
		if (team === teamId) told.push(version);
	});
	await Promise.all(Array.from({ length: 10 }, () => db.team(teamId, insertBot)));
	stop();
	expect(told.toSorted((a, b) => a - b)).toEqual(upTo(10));
});
