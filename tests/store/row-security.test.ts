import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withConnection } from '../../api/store/connection.ts';
import { type Db, openDb } from '../../api/store/db.ts';
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

async function insertBot(teamId: string): Promise<string> {
	const id = randomUUID();
	await db.team(teamId, (tx) =>
		tx.run(sql`insert into bots (team_id, id, name) values (${teamId}, ${id}, 'Shop helper')`)
	);
	return id;
}

const botsSeenFrom = (teamId: string) =>
	db.team(teamId, (tx) => tx.many<{ id: string }>(sql`select id from bots`));

test('the run-time role is no superuser, bypasses nothing and owns no table', async () => {
	const [role] = await db.person.many(sql`
		select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb,
			(select count(*)::int from pg_class where relowner = pg_roles.oid) as owned
		from pg_roles where rolname = current_user`);
	expect(role).toEqual({
		rolsuper: false,
		rolbypassrls: false,
		rolcreaterole: false,
		rolcreatedb: false,
		owned: 0
	});
});

test('the owner who migrates is no superuser either', async () => {
	await withConnection(database.ownerUrl, async (client) => {
		const { rows } = await client.query(
			'select rolsuper, rolbypassrls from pg_roles where rolname = current_user'
		);
		expect(rows).toEqual([{ rolsuper: false, rolbypassrls: false }]);
	});
});

test('every table with a team has row security, forced', async () => {
	const open = await db.person.many(sql`
		select relname from pg_class
		where relkind = 'r' and relnamespace = 'public'::regnamespace
			and (relname = 'teams' or exists (
				select from pg_attribute where attrelid = pg_class.oid and attname = 'team_id'))
			and not (relrowsecurity and relforcerowsecurity)`);
	expect(open).toEqual([]);
});

test('a query without a team reads nothing', async () => {
	const teamId = await insertTeam(db);
	await insertBot(teamId);
	expect(await db.person.many(sql`select id from bots`)).toEqual([]);
	expect(await db.person.many(sql`select id from teams`)).toEqual([]);
});

test('a team reads its own rows and none of another team, even by their id', async () => {
	const [ours, theirs] = [await insertTeam(db), await insertTeam(db)];
	const [bot, stranger] = [await insertBot(ours), await insertBot(theirs)];
	expect(await botsSeenFrom(ours)).toEqual([{ id: bot }]);
	const found = await db.team(ours, (tx) =>
		tx.many(sql`select id from bots where team_id = ${theirs} and id = ${stranger}`)
	);
	expect(found).toEqual([]);
});

test('a team can neither write into another team nor change or delete its rows', async () => {
	const [ours, theirs] = [await insertTeam(db), await insertTeam(db)];
	const stranger = await insertBot(theirs);
	await expect(
		db.team(ours, (tx) =>
			tx.run(sql`insert into bots (team_id, id, name) values (${theirs}, ${randomUUID()}, 'x')`)
		)
	).rejects.toThrow(/row-level security/);
	const written = await db.team(ours, async (tx) => [
		await tx.run(sql`update bots set name = 'x' where id = ${stranger}`),
		await tx.run(sql`delete from bots where id = ${stranger}`)
	]);
	expect(written).toEqual([0, 0]);
	expect(await botsSeenFrom(theirs)).toEqual([{ id: stranger }]);
});

test('the team of one transaction is forgotten on the connection’s next one', async () => {
	const single = openDb(database.url, { max: 1 });
	const teamId = await insertTeam(single);
	expect(await single.team(teamId, (tx) => tx.many(sql`select id from teams`))).toHaveLength(1);
	expect(await single.person.many(sql`select id from teams`)).toEqual([]);
	await single.close();
});

test('work across teams goes through functions that return ids only', async () => {
	const teamId = await insertTeam(db);
	const bot = await insertBot(teamId);
	const person = randomUUID();
	await db.team(teamId, (tx) =>
		tx.run(sql`insert into members (team_id, user_id, role) values (${teamId}, ${person}, 'agent')`)
	);
	expect(await db.person.one(sql`select team_of_bot(${bot}) as id`)).toEqual({ id: teamId });
	expect(await db.person.many(sql`select teams_of_user(${person}) as id`)).toEqual([
		{ id: teamId }
	]);
	expect(await db.person.many(sql`select teams_of_user(${randomUUID()}) as id`)).toEqual([]);
});

test('a function that runs as the owner fixes where it looks names up', async () => {
	const loose = await db.person.many(sql`
		select proname from pg_proc
		where prosecdef and pronamespace = 'public'::regnamespace
			and not coalesce(array_to_string(proconfig, ','), '') like '%search_path=public, pg_temp%'`);
	expect(loose).toEqual([]);
});

test('the run-time role may use the queue but not alter the schema or the record of migrations', async () => {
	expect(await db.person.many(sql`select name from pgboss.queue`)).toContainEqual({
		name: 'notify'
	});
	await expect(db.person.run(sql`create table x (id uuid)`)).rejects.toThrow(/permission denied/);
	await expect(db.person.run(sql`delete from schema_migrations`)).rejects.toThrow(
		/permission denied/
	);
});
