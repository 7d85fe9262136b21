import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Db, openDb } from '../../api/store/db.ts';
import { claimDeliveries, insertDeliveries } from '../../api/store/notification-delivery.ts';
import { sql } from '../../api/store/sql.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { insertTeam } from '../support/team.ts';

let database: TestDatabase;
let db: Db;
beforeAll(async () => {
	database = await testDatabase();
	db = openDb(database.url);
});
afterAll(async () => {
	await db.close();
	await database.drop();
});

test('a claim takes as many as it is asked for, each once, and those again whose claim has run out unless they are under way', async () => {
	const teamId = await insertTeam(db);
	const eventId = randomUUID();
	const at = Date.now();
	const rows = Array.from({ length: 70 }, () => ({
		...{ id: randomUUID(), userId: randomUUID(), deviceId: randomUUID() },
		...({ action: 'send', rule: 'push while offline', dueAt: at, ackDigest: null } as const)
	}));
	const claim = (now: number, except: string[] = []) =>
		db.team(teamId, (tx) =>
			claimDeliveries(tx, eventId, { now, untilMs: 1_000, limit: 32, except })
		);
	await db.team(teamId, async (tx) => {
		await tx.run(sql`
			insert into notification_events (team_id, id, kind, conversation_id, at, seq)
			values (${teamId}, ${eventId}, 'take_over', null, ${new Date(at)}, 0)`);
		await insertDeliveries(tx, { eventId, at }, rows);
	});
	const claims = [await claim(at), await claim(at), await claim(at), await claim(at)];
	expect(claims.map(({ length }) => length)).toEqual([32, 32, 6, 0]);
	expect(new Set(claims.flat().map(({ id }) => id)).size).toBe(70);
	const underWay = rows.slice(1).map(({ id }) => id);
	expect(await claim(at + 1_001, underWay)).toMatchObject([{ id: rows[0]?.id, attempts: 2 }]);
	expect(await claim(at + 1_001)).toHaveLength(32);
});
