import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KEEP_MS } from '../../api/domain/retention/keep.ts';
import { prune } from '../../api/domain/retention/prune.ts';
import { headOf } from '../../api/store/change.ts';
import { type Db, openDb } from '../../api/store/db.ts';
import { type Sql, sql } from '../../api/store/sql.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { insertTeam } from '../support/team.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const log = { info() {}, warn() {}, error() {} };
const now = Date.now();

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

const pruneAt = (at: number) => prune({ db, log, now: () => at });

interface Row {
	teamId: string;
	userId: string;
	id: string;
	/** What counts as the row's age. */
	at: Date;
}

/** The chat that a row is about, in the same statement. */
const chat = ({ teamId, id }: Row) => sql`
	b as (insert into bots (team_id, id, name) values (${teamId}, ${id}, 'Bot')),
	v as (insert into visitors (team_id, id, bot_id, token_digest) values (${teamId}, ${id}, ${id}, 'x')),
	c as (insert into conversations (team_id, id, bot_id, visitor_id)
		values (${teamId}, ${id}, ${id}, ${id}))`;

type Kept = Exclude<
	keyof typeof KEEP_MS,
	'changes' | 'reachMarks' | 'leasesOfNobody' | 'spansOfNobody'
>;

/** One row of each kind, and the table that it stands in. */
const ROWS: Record<Kept, [table: string, insert: (row: Row) => Sql]> = {
	mutations: [
		'mutations',
		({ teamId, userId, id, at }) => sql`
			insert into mutations (team_id, device_id, id, user_id, n, outcome, created_at)
			values (${teamId}, ${id}, ${id}, ${userId}, 1, 'applied', ${at})`
	],
	mails: [
		'mails',
		({ teamId, id, at }) => sql`
			insert into mails (team_id, id, recipient, subject, body, html, state, created_at)
			values (${teamId}, ${id}, 'ann@example.com', 'Hello', 'text', 'html', 'kept', ${at})`
	],
	invitations: [
		'invitations',
		({ teamId, userId, id, at }) => sql`
			insert into invitations (team_id, id, email, role, digest, invited_by, created_at, expires_at)
			values (${teamId}, ${id}, ${`${id}@example.com`}, 'agent', ${Buffer.from(id)}, ${userId}, ${at}, ${at})`
	],
	notifications: [
		'notification_events',
		({ teamId, id, at }) => sql`
			insert into notification_events (team_id, id, kind, conversation_id, at)
			values (${teamId}, ${id}, 'message', ${id}, ${at})`
	],
	ladders: [
		'ladders',
		(row) => sql`
			with ${chat(row)} insert into ladders (team_id, id, conversation_id, started_at)
			values (${row.teamId}, ${row.id}, ${row.id}, ${row.at})`
	],
	webhookCalls: [
		'webhook_calls',
		({ teamId, id, at }) => sql`
			insert into webhook_calls (team_id, id, url, body, created_at)
			values (${teamId}, ${id}, 'https://example.com', '{}', ${at})`
	],
	sightings: [
		'sightings',
		(row) => sql`
			with ${chat(row)} insert into sightings (team_id, conversation_id, user_id, device_id, seq, at)
			values (${row.teamId}, ${row.id}, ${row.userId}, ${row.id}, 1, ${row.at})`
	],
	snoozes: [
		'snoozes',
		(row) => sql`
			with ${chat(row)} insert into snoozes (team_id, conversation_id, user_id, until)
			values (${row.teamId}, ${row.id}, ${row.userId}, ${row.at})`
	],
	presenceLedger: [
		'presence_ledger',
		({ teamId, userId, id, at }) => sql`
			insert into presence_ledger (team_id, id, user_id, at, from_status, to_status, cause)
			values (${teamId}, ${id}, ${userId}, ${at}, 'offline', 'online', 'set by you')`
	],
	uncoveredSpans: [
		'uncovered_spans',
		({ teamId, id, at }) => sql`
			insert into uncovered_spans (team_id, id, started_at, ended_at)
			values (${teamId}, ${id}, ${at}, ${at})`
	],
	emailChanges: [
		'email_changes',
		({ userId, id, at }) => sql`
			insert into email_changes (user_id, email, digest, expires_at)
			values (${userId}, ${`${id}@example.com`}, ${Buffer.from(id)}, ${at})`
	],
	pushTests: [
		'push_tests',
		({ userId, id, at }) => sql`
			with d as (insert into devices (id, user_id, name) values (${id}, ${userId}, 'Phone'))
			insert into push_tests (id, device_id, ack_digest, sent_at)
			values (${id}, ${id}, ${Buffer.from(id)}, ${at})`
	],
	signedOutDevices: [
		'devices',
		({ userId, id, at }) => sql`
			insert into devices (id, user_id, name, last_seen_at) values (${id}, ${userId}, 'Phone', ${at})`
	],
	accountDeletions: [
		'account_deletions',
		({ id, at }) => sql`
			insert into account_deletions (id, reason, at) values (${id}, 'Moved on', ${at})`
	]
};

async function newUser(): Promise<string> {
	const id = randomUUID();
	await db.person.run(sql`
		insert into users (id, email, password_hash) values (${id}, ${`${id}@example.com`}, 'none')`);
	return id;
}

async function write(teamId: string, insert: (row: Row) => Sql, at: number): Promise<string> {
	const row = { teamId, userId: await newUser(), id: randomUUID(), at: new Date(at) };
	await db.team(teamId, (tx) => tx.run(insert(row)));
	return row.id;
}

const isThere = (teamId: string, table: string, id: string): Promise<boolean> =>
	db.team(teamId, async (tx) => {
		const text = `select 1 from ${table} r where r::text like $1`;
		return (await tx.executeSql(text, [`%${id}%`])).rows.length > 0;
	});

test.each(Object.keys(ROWS) as Kept[])(
	'%s are deleted once they are old, not before',
	async (kind) => {
		const [table, insert] = ROWS[kind];
		const teamId = await insertTeam(db);
		const old = await write(teamId, insert, now - KEEP_MS[kind] - HOUR_MS);
		const young = await write(teamId, insert, now - KEEP_MS[kind] + HOUR_MS);
		await pruneAt(now);
		expect([await isThere(teamId, table, old), await isThere(teamId, table, young)]).toEqual([
			false,
			true
		]);
	}
);

test('leases of somebody who is gone are deleted, of anybody else they stay', async () => {
	const [gone, there, page] = [randomUUID(), await newUser(), randomUUID()];
	for (const userId of [gone, there])
		await db.person.run(sql`
			with l as (insert into leases (user_id, device_id, page_id, expires_at, beaten_at, visibility,
				is_focused) values (${userId}, ${page}, ${page}, now(), now(), 'hidden', false))
			insert into lease_spans (user_id, device_id, page_id, started_at, ended_at)
			values (${userId}, ${page}, ${page}, now(), now())`);
	await pruneAt(now);
	const left = await db.person.many(sql`
		select user_id as id from leases union all select user_id from lease_spans`);
	expect(left).toEqual([{ id: there }, { id: there }]);
});

test('of old marks of reachability the last one stays, since it says what was so', async () => {
	const [teamId, userId] = [await insertTeam(db), await newUser()];
	const ages = [3, 2, 1].map((days) => now - KEEP_MS.reachMarks - days * DAY_MS);
	await db.team(teamId, async (tx) => {
		await tx.run(sql`
			insert into members (team_id, user_id, role) values (${teamId}, ${userId}, 'agent')`);
		for (const at of [...ages, now - DAY_MS])
			await tx.run(sql`
				insert into reach_marks (team_id, user_id, at, is_reachable)
				values (${teamId}, ${userId}, ${new Date(at)}, true)`);
	});
	await pruneAt(now);
	const left = await db.team(teamId, (tx) =>
		tx.many<{ at: number }>(sql`select at from reach_marks order by at`)
	);
	expect(left.map(({ at }) => at)).toEqual([ages.at(-1), now - DAY_MS]);
});

describe('changes', () => {
	const change = (teamId: string) =>
		db.team(teamId, async (tx) => tx.changed({ entity: 'member', id: randomUUID() }));
	const age = (teamId: string, upTo: number, at: number) =>
		db.team(teamId, (tx) =>
			tx.run(sql`update changes set at = ${new Date(at)} where version <= ${upTo}`)
		);
	const stateOf = (teamId: string) =>
		db.team(teamId, async (tx) => ({
			...(await headOf(tx)),
			left: (
				await tx.many<{ version: number }>(sql`select version from changes order by version`)
			).map(({ version }) => version)
		}));

	test('that are old are closed to readers first, and deleted a round later', async () => {
		const teamId = await insertTeam(db);
		for (let n = 0; n < 4; n++) await change(teamId);
		await age(teamId, 2, now - KEEP_MS.changes - HOUR_MS);
		await pruneAt(now);
		expect(await stateOf(teamId)).toMatchObject({ version: 4, floor: 2, left: [1, 2, 3, 4] });
		await pruneAt(now);
		expect(await stateOf(teamId)).toMatchObject({ version: 4, floor: 2, left: [3, 4] });
	});

	test('that are old but follow a young one stay: a version is never missing in the middle', async () => {
		const teamId = await insertTeam(db);
		for (let n = 0; n < 3; n++) await change(teamId);
		await age(teamId, 3, now - KEEP_MS.changes - HOUR_MS);
		await age(teamId, 1, now);
		for (let round = 0; round < 2; round++) await pruneAt(now);
		expect(await stateOf(teamId)).toMatchObject({ floor: 0, left: [1, 2, 3] });
	});

	test('all go where a team was quiet, and its next change is told to whoever stands at the end', async () => {
		const teamId = await insertTeam(db);
		for (let n = 0; n < 3; n++) await change(teamId);
		for (let round = 0; round < 2; round++) await pruneAt(now + KEEP_MS.changes + HOUR_MS);
		expect(await stateOf(teamId)).toMatchObject({ version: 3, floor: 3, left: [] });
		await change(teamId);
		expect(await stateOf(teamId)).toMatchObject({ version: 4, floor: 3, left: [4] });
	});
});

test('more rows than one statement deletes go in one round', async () => {
	const teamId = await insertTeam(db);
	await db.team(teamId, (tx) =>
		tx.run(sql`
			insert into mutations (team_id, device_id, id, user_id, n, outcome, created_at)
			select ${teamId}, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 1, 'applied',
				'2000-01-01' from generate_series(1, 12000)`)
	);
	await pruneAt(now);
	const left = await db.team(teamId, (tx) => tx.many(sql`select 1 from mutations`));
	expect(left).toEqual([]);
});

/** Why rows of these are not deleted with age. */
const NOT_PRUNED: Record<string, string> = {
	...{ users: 'the account', sessions: 'by their own expiry', passkeys: 'until removed' },
	...{ push_subscriptions: 'with the device', notification_preferences: 'with the account' },
	...{ avatars: 'with what shows them', one_time_tokens: 'by their own expiry' },
	...{ server_keys: 'a few', push_alarms: 'one a push service', schema_migrations: 'a few' },
	...{ teams: 'the team', members: 'the team', member_bots: 'the team', roles: 'the team' },
	...{ bots: 'the team', business_hours: 'one a team', intents: 'one a member' },
	...{ notification_team_settings: 'one a team', presence_team_settings: 'one a team' },
	...{ take_overs: 'one a member', visitors: 'the team’s own', conversations: 'the team’s own' },
	...{ messages: 'the team’s own', reads: 'one a chat and member' },
	...{ notification_deliveries: 'with their event', audit_log: 'for good, by design' }
};

test('every table is pruned, or it is written down why not', async () => {
	const rows = await db.person.many<{ name: string }>(sql`
		select tablename as name from pg_tables where schemaname = 'public' order by 1`);
	const pruned = [...Object.values(ROWS).map(([table]) => table), 'changes', 'reach_marks'];
	const known = [...pruned, 'leases', 'lease_spans', ...Object.keys(NOT_PRUNED)];
	expect(rows.map(({ name }) => name)).toEqual(known.sort());
});
