import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Permission, Role } from '#contract/entities.ts';
import { newId } from '#contract/ids.ts';
import { type MemberRow, MembersResponse } from '#contract/members.ts';
import { deleteMember } from '../../api/store/member.ts';
import { type TestAgent, type TestApp, type TestTeam, testApp } from '../support/app.ts';
import { act, callPerson, pull, pullAll, reply, say } from '../support/chat.ts';
import { proved, ringable } from '../support/reach.ts';

let app: TestApp;
beforeAll(async () => {
	app = await testApp();
});
afterAll(() => app.close());

interface Grant {
	role: Role;
	roleId?: string | null;
	botIds?: string[] | null;
}

const change = (by: TestAgent, userId: string, { role, roleId = null, botIds = null }: Grant) =>
	by.put('/api/members', { teamId: by.team.id, userId, role, roleId, botIds });
const remove = (by: TestAgent, userId: string) =>
	by.delete('/api/members', { teamId: by.team.id, userId });
const saveRole = (by: TestAgent, id: string, permissions: Permission[], name = 'Night desk') =>
	by.put('/api/teams/roles', { teamId: by.team.id, id, name, permissions });
const members = async (by: TestAgent): Promise<Map<string, MemberRow>> => {
	const response = await by.get(`/api/members?team=${by.team.id}`);
	const list = MembersResponse.parse(await response.json()).members;
	return new Map(list.map((member) => [member.userId, member]));
};
const fails = async (response: Response, status: number, about: Record<string, unknown> = {}) =>
	expect([response.status, await response.json()]).toEqual([
		status,
		{ error: expect.objectContaining({ remedy: expect.stringMatching(/\.$/), ...about }) }
	]);
/** A team in which this owner is the only one. */
async function soleOwner(): Promise<TestAgent> {
	const owner = await app.signedInAgent({ role: 'owner' });
	await app.db.team(owner.team.id, (tx) => deleteMember(tx, owner.team.ownerId));
	return owner;
}
const inTeam = (team: TestTeam, role: Role) => app.signedInAgent({ team, role });

describe('the list of members', () => {
	test('says what each may do, sees, and whether a push reaches them', async () => {
		const owner = await app.signedInAgent({ role: 'owner' });
		const agent = await inTeam(owner.team, 'agent');
		await change(owner, agent.userId, { role: 'agent', botIds: [owner.team.botId] });
		expect((await members(owner)).get(agent.userId)).toMatchObject({
			name: 'Ann Lee',
			email: agent.email,
			role: 'agent',
			roleId: null,
			botIds: [owner.team.botId],
			presence: { status: 'offline' },
			reach: 'no',
			isReachable: false
		});
		const phone = await ringable(app, agent);
		expect((await members(owner)).get(agent.userId)).toMatchObject({ reach: 'unproved' });
		await proved(app, phone, app.clock.now());
		expect((await members(owner)).get(agent.userId)?.isReachable).toBe(true);
		await change(owner, agent.userId, { role: 'viewer' });
		expect((await members(owner)).get(agent.userId)?.isReachable).toBe(false);
	});
});

describe('a change of role or bots', () => {
	test('counts at once, and the person’s app forgets what they may see no more', async () => {
		const owner = await app.signedInAgent({ role: 'owner' });
		const agent = await inTeam(owner.team, 'agent');
		const other = await app.newBot(owner.team);
		const visitor = await app.newVisitor({ team: owner.team });
		const chat = newId();
		await say(visitor, chat, 'Hello');
		await callPerson(visitor, chat);
		await act(agent, reply(chat, 'Hi'));
		const { cursor } = await pullAll(agent);
		expect((await change(owner, agent.userId, { role: 'agent', botIds: [other.id] })).status).toBe(
			200
		);
		const page = await pull(agent, cursor);
		expect(page).toMatchObject({ reset: true, scope: { botIds: [other.id] }, conversations: [] });
		expect((await act(agent, reply(chat, 'Still here'))).outcome).toBe('rejected');
		// The chat they had open waits for somebody else.
		const seen = (await pullAll(owner)).conversations.get(chat);
		expect(seen).toMatchObject({ assigneeId: null });
		await change(owner, agent.userId, { role: 'viewer' });
		expect((await pullAll(agent)).conversations.has(chat)).toBe(true);
		expect((await act(agent, reply(chat, 'Again'))).error?.code).toBe('forbidden');
	});

	test('gives nobody more than the giver has', async () => {
		const owner = await app.signedInAgent({ role: 'owner' });
		const roleId = newId();
		await saveRole(owner, roleId, ['member.manage', 'chat.view']);
		const [manager, agent] = [
			await inTeam(owner.team, 'viewer'),
			await inTeam(owner.team, 'viewer')
		];
		const bots = [owner.team.botId];
		await change(owner, manager.userId, { role: 'custom', roleId, botIds: bots });
		const all = { role: 'viewer' as const, botIds: null };
		await fails(await change(manager, agent.userId, all), 403, { field: 'botIds' });
		for (const role of ['owner', 'admin', 'editor', 'agent'] as const)
			await fails(
				await change(manager, agent.userId, { role, botIds: role === 'owner' ? null : bots }),
				403
			);
		await fails(await change(manager, manager.userId, { role: 'admin', botIds: bots }), 403);
		await fails(await change(manager, owner.userId, { role: 'viewer', botIds: bots }), 403);
		await fails(await remove(manager, owner.userId), 403);
		expect((await change(manager, agent.userId, { role: 'viewer', botIds: bots })).status).toBe(
			200
		);
		const admin = await inTeam(owner.team, 'admin');
		await fails(await change(admin, agent.userId, { role: 'owner' }), 403);
		await fails(await change(admin, owner.userId, { role: 'admin' }), 403);
	});

	test('names a role and bots that are there', async () => {
		const owner = await app.signedInAgent({ role: 'owner' });
		const agent = await inTeam(owner.team, 'agent');
		const stranger = await app.newBot();
		await fails(await change(owner, agent.userId, { role: 'agent', botIds: [stranger.id] }), 400, {
			field: 'botIds'
		});
		await fails(await change(owner, agent.userId, { role: 'custom' }), 400, { field: 'roleId' });
		await fails(await change(owner, agent.userId, { role: 'agent', roleId: newId() }), 400, {
			field: 'roleId'
		});
		await fails(await change(owner, agent.userId, { role: 'custom', roleId: newId() }), 404, {
			field: 'roleId'
		});
		await fails(await change(owner, newId(), { role: 'agent' }), 404, { field: 'userId' });
	});
});

describe('the last owner', () => {
	test('can neither leave, nor be demoted, nor be removed', async () => {
		const owner = await soleOwner();
		const admin = await inTeam(owner.team, 'admin');
		const { id: teamId } = owner.team;
		await fails(await owner.post('/api/members/leave', { teamId }), 409);
		await fails(await change(owner, owner.userId, { role: 'admin' }), 409);
		await fails(await remove(owner, owner.userId), 409);
		await fails(await remove(admin, owner.userId), 403);
		expect((await members(owner)).get(owner.userId)?.role).toBe('owner');
	});

	test('hands ownership over and stays as an admin', async () => {
		const owner = await soleOwner();
		const agent = await inTeam(owner.team, 'agent');
		const { id: teamId } = owner.team;
		await fails(await owner.post('/api/members/owner', { teamId, userId: owner.userId }), 409);
		await fails(await agent.post('/api/members/owner', { teamId, userId: agent.userId }), 403);
		expect((await owner.post('/api/members/owner', { teamId, userId: agent.userId })).status).toBe(
			200
		);
		const list = await members(owner);
		expect([list.get(owner.userId)?.role, list.get(agent.userId)?.role]).toEqual([
			'admin',
			'owner'
		]);
		expect((await owner.post('/api/members/leave', { teamId })).status).toBe(200);
	});

	test('is one even where two leave at the same moment', async () => {
		const owner = await soleOwner();
		const second = await inTeam(owner.team, 'owner');
		const { id: teamId } = owner.team;
		const statuses = await Promise.all(
			[owner, second].map(
				async (each) => (await each.post('/api/members/leave', { teamId })).status
			)
		);
		expect(statuses.sort()).toEqual([200, 409]);
	});
});

describe('somebody who leaves or is removed', () => {
	test.each(['leaves', 'is removed'])('and %s sees nothing of the team any more', async (how) => {
		const owner = await app.signedInAgent({ role: 'owner' });
		const agent = await inTeam(owner.team, 'agent');
		const { cursor } = await pull(owner);
		const { cursor: own } = await pull(agent);
		const { id: teamId } = owner.team;
		const response =
			how === 'leaves'
				? await agent.post('/api/members/leave', { teamId })
				: await remove(owner, agent.userId);
		expect(response.status).toBe(200);
		expect((await pull(owner, cursor)).deletes).toEqual([{ entity: 'member', id: agent.userId }]);
		expect((await agent.get(`/api/sync?team=${teamId}&cursor=${own}`)).status).toBe(404);
		expect((await (await agent.get('/api/me')).json()).teams).toEqual([]);
	});
});

describe('a custom role', () => {
	test('makes an agent of whoever has chat.handle in it, until it has not', async () => {
		const owner = await app.signedInAgent({ role: 'owner' });
		const person = await inTeam(owner.team, 'viewer');
		const roleId = newId();
		const saved = await saveRole(owner, roleId, ['chat.view', 'chat.handle', 'chat.view']);
		expect(await saved.json()).toEqual({
			id: roleId,
			name: 'Night desk',
			permissions: ['chat.handle', 'chat.view']
		});
		await change(owner, person.userId, { role: 'custom', roleId });
		const visitor = await app.newVisitor({ team: owner.team });
		const chat = newId();
		await say(visitor, chat, 'Hello');
		await callPerson(visitor, chat);
		expect((await act(person, reply(chat, 'Hi'))).outcome).toBe('applied');
		const [{ role, roleName, permissions }] = (await (await person.get('/api/me')).json()).teams;
		expect({ role, roleName, permissions }).toEqual({
			role: 'custom',
			roleName: 'Night desk',
			permissions: ['chat.handle', 'chat.view']
		});
		const { cursor } = await pullAll(person);
		await saveRole(owner, roleId, ['chat.view']);
		expect(await pull(person, cursor)).toMatchObject({ reset: true });
		expect((await act(person, reply(chat, 'Again'))).error?.code).toBe('forbidden');
		expect((await pullAll(owner)).conversations.get(chat)?.assigneeId).toBeNull();
	});

	test('without chat.view sees the team and no chat', async () => {
		const owner = await app.signedInAgent({ role: 'owner' });
		const person = await inTeam(owner.team, 'viewer');
		const roleId = newId();
		await saveRole(owner, roleId, ['log.view']);
		await change(owner, person.userId, { role: 'custom', roleId });
		const visitor = await app.newVisitor({ team: owner.team });
		await say(visitor, newId(), 'Hello');
		const page = await pull(person);
		expect(page).toMatchObject({
			scope: { botIds: [] },
			bots: [],
			conversations: [],
			messages: []
		});
		expect(page.team?.id).toBe(owner.team.id);
		expect((await person.get(`/api/audit?team=${owner.team.id}`)).status).toBe(200);
	});

	test('is deleted only when nobody has it', async () => {
		const owner = await app.signedInAgent({ role: 'owner' });
		const person = await inTeam(owner.team, 'viewer');
		const [roleId, teamId] = [newId(), owner.team.id];
		await saveRole(owner, roleId, ['chat.view']);
		await change(owner, person.userId, { role: 'custom', roleId });
		await fails(await owner.delete('/api/teams/roles', { teamId, id: roleId }), 409);
		await change(owner, person.userId, { role: 'viewer' });
		expect((await owner.delete('/api/teams/roles', { teamId, id: roleId })).status).toBe(200);
		await fails(await owner.delete('/api/teams/roles', { teamId, id: roleId }), 404);
		expect((await (await person.get(`/api/teams/roles?team=${teamId}`)).json()).roles).toEqual([]);
	});

	test('holds no permission that its maker has not', async () => {
		const owner = await app.signedInAgent({ role: 'owner' });
		const maker = await inTeam(owner.team, 'viewer');
		const roleId = newId();
		await saveRole(owner, roleId, ['team.manage', 'chat.view']);
		await change(owner, maker.userId, { role: 'custom', roleId });
		await fails(await saveRole(maker, newId(), ['chat.view', 'member.manage']), 403);
		await fails(await saveRole(maker, roleId, ['team.manage', 'chat.view', 'log.view']), 403);
		expect((await saveRole(maker, newId(), ['chat.view'])).status).toBe(200);
	});
});

test('a person has several teams, each with its own role, and may found one more', async () => {
	const agent = await app.signedInAgent();
	const response = await agent.post('/api/teams', { name: 'My own' });
	const { teams } = await response.json();
	expect(
		teams.map(({ role, team }: { role: string; team: { name: string } }) => [team.name, role])
	).toEqual([
		['Acme', 'agent'],
		['My own', 'owner']
	]);
	const own = { ...agent, team: { ...agent.team, id: teams[1].team.id } };
	expect((await members(own)).size).toBe(1);
	expect((await agent.get(`/api/members?team=${agent.team.id}`)).status).toBe(403);
});
