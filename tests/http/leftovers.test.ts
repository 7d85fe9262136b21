import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '#contract/ids.ts';
import type { TeamTx } from '../../api/store/db.ts';
import { sql } from '../../api/store/sql.ts';
import { type TestAgent, type TestApp, testApp } from '../support/app.ts';
import { act, callPerson, mutation, pushAll, reply } from '../support/chat.ts';
import { ringable } from '../support/reach.ts';

const PASSWORD = 'seven wet umbrellas';

let app: TestApp;
beforeAll(async () => {
	app = await testApp();
});
afterAll(() => app.close());

const tablesWithPeople = () =>
	app.db.person.many<{ name: string; hasTeam: boolean }>(sql`
		select c.relname as name, exists (select from pg_attribute t
			where t.attrelid = c.oid and t.attname = 'team_id') as "hasTeam"
		from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'user_id'
		where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace order by 1`);

/** How many rows each table has of a person: in the team, or wherever they are kept under the person alone. */
async function rowsOf({ userId, team }: TestAgent): Promise<Record<string, number>> {
	const found: Record<string, number> = {};
	for (const { name } of await tablesWithPeople())
		found[name] = await app.db.team(team.id, async (tx) => {
			const text = `select count(*)::int as n from ${name} where user_id = $1`;
			const [row] = (await tx.executeSql(text, [userId])).rows as { n: number }[];
			return row?.n ?? 0;
		});
	return found;
}

const mailsAbout = ({ userId }: TestAgent) =>
	app.db.team(userId, (tx) => tx.many(sql`select 1 from mails`));

/** Rows that other tests make through the routes that write them. */
async function writeRest(tx: TeamTx, { userId, team }: TestAgent, chat: string): Promise<void> {
	const [id, now] = [newId(), new Date()];
	const page = sql`(${userId}, ${id}, ${id}, ${now}, ${now})`;
	for (const statement of [
		sql`insert into notification_preferences (user_id) values (${userId})`,
		sql`insert into passkeys (id, user_id, name, public_key, counter, created_at)
			values (${id}, ${userId}, 'Key', 'x', 0, ${now})`,
		sql`insert into lease_spans (user_id, device_id, page_id, started_at, ended_at) values ${page}`,
		sql`insert into sightings (team_id, conversation_id, user_id, device_id, seq, at)
			values (${team.id}, ${chat}, ${userId}, ${id}, 1, ${now})`,
		sql`insert into snoozes (team_id, conversation_id, user_id, until)
			values (${team.id}, ${chat}, ${userId}, ${now})`,
		sql`insert into member_bots (team_id, user_id, bot_id)
			values (${team.id}, ${userId}, ${team.botId})`,
		sql`insert into reach_marks (team_id, user_id, at, is_reachable)
			values (${team.id}, ${userId}, '2000-01-01', true)`,
		sql`insert into take_overs (team_id, user_id, asked_by, asked_at)
			values (${team.id}, ${userId}, ${team.ownerId}, ${now})`,
		sql`insert into notification_deliveries (team_id, id, event_id, user_id, action, rule)
			select ${team.id}, ${id}, e.id, ${userId}, 'suppress', 'test' from notification_events e limit 1`
	])
		await tx.run(statement);
}

/** Somebody of whom every table has a row. */
async function busyAgent(): Promise<TestAgent> {
	const agent = await app.signedInAgent({ password: PASSWORD });
	const { id: teamId } = agent.team;
	const deviceId = await ringable(app, agent);
	const page = { id: newId(), visibility: 'visible', isFocused: true, idleMs: 0 };
	await agent.put('/api/presence/intent', { teamId, status: 'online', deviceId, page });
	await agent.post('/api/presence/beat', { deviceId, pages: [page] });
	await app.deps.presence.round();
	const chat = newId();
	await callPerson(await app.newVisitor({ team: agent.team }), chat);
	await act(agent, reply(chat, 'My answer'));
	await pushAll(agent, [mutation({ name: 'read', args: { conversationId: chat, seq: 1 } })]);
	const email = `${newId()}@example.com`;
	await agent.put('/api/profile/email', { email, password: PASSWORD });
	await app.db.team(teamId, (tx) => writeRest(tx, agent, chat));
	const before = await rowsOf(agent);
	const missing = Object.keys(before).filter((table) => before[table] === 0);
	expect(missing, 'a table that this test does not know').toEqual([]);
	expect(await mailsAbout(agent)).toHaveLength(1);
	return agent;
}

const filled = (rows: Record<string, number>) => Object.keys(rows).filter((name) => rows[name]);

test('a deleted account leaves nothing behind in any table, whatever its pages still send', async () => {
	const [agent, colleague] = [await busyAgent(), await busyAgent()];
	await agent.delete('/api/profile', { password: PASSWORD, reason: 'Moved on' });
	await app.deps.presence.round();
	expect(filled(await rowsOf(agent))).toEqual([]);
	expect(await mailsAbout(agent)).toEqual([]);
	expect(filled(await rowsOf(colleague))).toEqual(Object.keys(await rowsOf(colleague)));
});

test('a removed member leaves nothing behind in the team, and keeps the account', async () => {
	const agent = await busyAgent();
	const owner = await app.signedInAgent({ team: agent.team, role: 'owner' });
	const { id: teamId } = agent.team;
	const response = await owner.delete('/api/members', { teamId, userId: agent.userId });
	expect(response.status).toBe(200);
	await app.deps.presence.round();
	const left = filled(await rowsOf(agent));
	const ofTeams = (await tablesWithPeople()).filter(({ hasTeam }) => hasTeam);
	expect(left.filter((table) => ofTeams.some(({ name }) => name === table))).toEqual([]);
	expect(left).toContain('sessions');
	expect((await agent.get('/api/me')).status).toBe(200);
});

test('the audit log alone still says what they did, under the name of that time', async () => {
	const agent = await busyAgent();
	const owner = await app.signedInAgent({ team: agent.team, role: 'owner' });
	await agent.delete('/api/profile', { password: PASSWORD });
	const { entries } = await (await owner.get(`/api/audit?team=${agent.team.id}`)).json();
	expect(entries[0]).toMatchObject({
		action: 'account.deleted',
		actorId: agent.userId,
		actorName: 'Ann Lee'
	});
});
