import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EventLogRow } from '#contract/notifications.ts';
import { type Db, openDb } from '../../api/store/db.ts';
import {
	type AttemptResult,
	ackDelivery,
	type DeliveryInput,
	insertDeliveries,
	recordAttempts
} from '../../api/store/notification-delivery.ts';
import { eventsBefore, markDecided } from '../../api/store/notification-event.ts';
import { sql } from '../../api/store/sql.ts';
import { outcome, verdict } from '../../src/routes/(app)/rings/words.ts';
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

const AT = Date.UTC(2026, 10, 22);

/** One device's row: what was decided, or what became of the attempt. */
type Fate = DeliveryInput['action'] | AttemptResult['state'] | 'shown';

/** What the log says of an event whose devices met these fates; null: nobody has decided about it yet. */
async function logOf(given: readonly Fate[] | null): Promise<EventLogRow | undefined> {
	const fates = given ?? [];
	const teamId = await insertTeam(db);
	const eventId = randomUUID();
	const rows = fates.map((fate) => ({
		...{ fate, id: randomUUID(), userId: randomUUID(), deviceId: randomUUID() },
		action: fate === 'hold' || fate === 'suppress' ? fate : ('send' as const),
		...{ rule: 'push while offline', dueAt: AT, ackDigest: Buffer.from(randomUUID()) }
	}));
	return db.team(teamId, async (tx) => {
		await tx.run(sql`
			insert into notification_events (team_id, id, kind, conversation_id, at, seq)
			values (${teamId}, ${eventId}, 'take_over', null, ${new Date(AT)}, 0)`);
		await insertDeliveries(tx, { eventId, at: AT }, rows);
		if (given) await markDecided(tx, eventId, AT);
		for (const { id, fate, ackDigest: digest } of rows) {
			const answered = { id, status: null, isAnswered: true, at: AT, reason: '' };
			if (fate === 'shown') await ackDelivery(tx, { digest }, { state: fate, at: AT, since: AT });
			else if (fate !== 'hold' && fate !== 'suppress' && fate !== 'send')
				await recordAttempts(tx, [{ ...answered, state: fate }]);
		}
		const about = { before: AT + 1, limit: 1, botIds: null, hasQuestions: true };
		return (await eventsBefore(tx, about))[0];
	});
}

test.each<[Fate[] | null, string, ReturnType<typeof verdict>]>([
	[null, 'Being decided', null],
	[[], 'Nobody was to be rung', null],
	[['suppress', 'suppress'], '2 left alone by a rule', null],
	[['gone'], '1 device not reached', 'Failed'],
	[['gone', 'failed', 'expired'], '3 devices not reached', 'Failed'],
	[['hold'], '1 device still to be rung', null],
	[['send', 'decided', 'gone'], '1 device not reached · 2 devices still to be rung', null],
	[['accepted'], '1 device rung, 0 showed it', 'Not confirmed'],
	[['accepted', 'gone'], '1 device rung, 0 showed it · 1 device not reached', 'Not confirmed'],
	[
		['shown', 'accepted', 'failed', 'suppress'],
		'2 devices rung, 1 showed it · 1 device not reached · 1 left alone by a rule',
		'Rang'
	]
])('an event whose devices were %j reads "%s"', async (fates, line, word) => {
	const row = await logOf(fates);
	expect(row && outcome(row)).toBe(line);
	expect(row && verdict(row)).toBe(word);
});
