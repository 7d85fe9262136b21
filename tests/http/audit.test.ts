import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuditEntry } from '#contract/audit.ts';
import { AuditResponse } from '#contract/audit.ts';
import { newId } from '#contract/ids.ts';
import { type TestAgent, type TestApp, testApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
	app = await testApp();
});
afterAll(() => app.close());

const read = async (by: TestAgent, filter: Record<string, string> = {}) => {
	const query = new URLSearchParams({ team: by.team.id, ...filter });
	return AuditResponse.parse(await (await by.get(`/api/audit?${query}`)).json());
};
const actions = (entries: AuditEntry[]) => entries.map(({ action }) => action);
const brand = (by: TestAgent, name: string) =>
	by.put('/api/teams/settings', {
		teamId: by.team.id,
		name,
		brandName: null,
		brandColor: '#0e6f74',
		showAgentsAs: 'agents'
	});

describe('the log', () => {
	test('says who did what to whom, when and from where', async () => {
		const owner = await app.signedInAgent({ role: 'owner' });
		const agent = await app.signedInAgent({ team: owner.team });
		const { id: teamId, botId } = owner.team;
		await owner.put('/api/profile', { firstName: 'Zoe', lastName: 'Lee' });
		const grant = { role: 'viewer', roleId: null, botIds: [botId] };
		await owner.put('/api/members', { teamId, userId: agent.userId, ...grant });
		await agent.post('/api/members/leave', { teamId });
		const { entries } = await read(owner);
		expect(actions(entries)).toEqual(['member.left', 'member.changed', 'member.renamed']);
		const [left, changed] = entries;
		expect(left).toMatchObject({ actorId: agent.userId, subjectId: agent.userId });
		expect(changed).toMatchObject({
			actorId: owner.userId,
			actorName: 'Zoe Lee',
			subjectId: agent.userId,
			subjectName: 'Ann Lee',
			details: { from: 'agent', ...grant },
			address: expect.stringMatching(/^10\.\d+\.\d+\.\d+$/)
		});
		expect(Math.abs((changed?.at ?? 0) - app.clock.now())).toBeLessThan(60_000);
	});

	test('has every change of people, roles, bots and settings, and no key in it', async () => {
		const owner = await app.signedInAgent({ role: 'owner' });
		const { id: teamId, botId } = owner.team;
		const [roleId, invitationId, bot] = [newId(), newId(), newId()];
		const email = `ben-${newId()}@example.com`;
		const role = { teamId, id: roleId, name: 'Night desk', permissions: ['chat.view'] };
		await owner.put('/api/teams/roles', role);
		await owner.put('/api/teams/roles', role);
		await owner.delete('/api/teams/roles', { teamId, id: roleId });
		const grant = { role: 'viewer', roleId: null, botIds: null };
		await owner.post('/api/invitations', { teamId, id: invitationId, email, ...grant });
		await owner.post('/api/invitations/resend', { teamId, id: invitationId });
		await owner.delete('/api/invitations', { teamId, id: invitationId });
		await owner.post('/api/bots', { teamId, id: bot, name: 'Second' });
		await owner.delete('/api/bots', { teamId, id: botId });
		await brand(owner, 'Tideline');
		const { entries } = await read(owner);
		expect(actions(entries).reverse()).toEqual([
			...['role.created', 'role.changed', 'role.deleted'],
			...['invitation.sent', 'invitation.resent', 'invitation.cancelled'],
			...['bot.created', 'bot.deleted', 'team.changed']
		]);
		expect(JSON.stringify(entries)).not.toMatch(/[A-Za-z0-9_-]{43}/);
	});

	test('has nothing of what was refused', async () => {
		const admin = await app.signedInAgent({ role: 'admin' });
		const { id: teamId, ownerId } = admin.team;
		expect((await admin.delete('/api/members', { teamId, userId: ownerId })).status).toBe(403);
		expect((await read(admin)).entries).toEqual([]);
	});

	test('is filtered, paged, and of one team alone', async () => {
		const owner = await app.signedInAgent({ role: 'owner' });
		const admin = await app.signedInAgent({ team: owner.team, role: 'admin' });
		const stranger = await app.signedInAgent({ role: 'owner' });
		await brand(stranger, 'Theirs');
		const start = app.clock.now();
		for (let i = 0; i < 60; i++) await brand(owner, `Name ${i}`);
		app.clock.advance(3_600_000);
		for (let i = 60; i < 120; i++) await brand(admin, `Name ${i}`);
		const first = await read(owner);
		expect([first.entries.length, first.hasMore]).toEqual([100, true]);
		const rest = await read(owner, { before: first.entries.at(-1)?.id ?? '' });
		expect([rest.entries.length, rest.hasMore]).toEqual([20, false]);
		const all = [...first.entries, ...rest.entries];
		expect(all.map(({ subjectName }) => subjectName).reverse()).toEqual(
			Array.from({ length: 120 }, (_, i) => `Name ${i}`)
		);
		expect((await read(owner, { actor: admin.userId })).entries).toHaveLength(60);
		expect((await read(owner, { action: 'bot.created' })).entries).toEqual([]);
		const until = String(start + 1_800_000);
		expect((await read(owner, { until, from: String(start - 1000) })).entries).toHaveLength(60);
	});
});

test('the run-time role adds to the log and reads it, and can neither change nor delete', async () => {
	const owner = await app.signedInAgent({ role: 'owner' });
	await brand(owner, 'Tideline');
	for (const statement of [
		`update audit_log set actor_name = 'Somebody else'`,
		'delete from audit_log',
		'truncate audit_log'
	])
		await expect(app.db.team(owner.team.id, (tx) => tx.executeSql(statement))).rejects.toThrow(
			/permission denied/
		);
	expect((await read(owner)).entries).toHaveLength(1);
});

test('an export is CSV in which no name is a formula or breaks a line', async () => {
	const owner = await app.signedInAgent({ role: 'owner' });
	await owner.put('/api/profile', { firstName: '=HYPERLINK("http://evil")', lastName: 'x\n"y"' });
	const response = await owner.get(`/api/audit/export?team=${owner.team.id}`);
	expect(Object.fromEntries(response.headers)).toMatchObject({
		'content-type': 'text/csv; charset=utf-8',
		'content-disposition': 'attachment; filename="audit-log.csv"',
		'x-content-type-options': 'nosniff'
	});
	const lines = (await response.text()).split('\r\n');
	expect(lines[0]).toBe(
		'"at","actor","actorId","action","subject","subjectId","details","address"'
	);
	expect(lines).toHaveLength(3);
	expect(lines[1]).toContain(`"'=HYPERLINK(""http://evil"") x\n""y"""`);
	expect(lines[1]).toMatch(/^"\d{4}-\d\d-\d\dT/);
});
