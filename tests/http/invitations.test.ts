import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '#contract/ids.ts';
import { type TestAgent, type TestApp, testApp } from '../support/app.ts';
import { pull } from '../support/chat.ts';
import { mailedKey, mailsTo } from '../support/mails.ts';

const PASSWORD = 'seven wet umbrellas';
const DAY_MS = 86_400_000;

let app: TestApp;
beforeAll(async () => {
	// Closed: an invitation opens the door for one.
	app = await testApp({ config: { isSignUpOpen: false } });
});
afterAll(() => app.close());

const address = () => `ben-${newId()}@example.com`;
const fails = async (response: Response, status: number, about: Record<string, unknown> = {}) =>
	expect([response.status, await response.json()]).toEqual([
		status,
		{ error: expect.objectContaining({ remedy: expect.stringMatching(/\.$/), ...about }) }
	]);

/** An invitation to be an agent of the team's first bot. */
async function invited(email = address(), more: object = {}) {
	const owner = await app.signedInAgent({ role: 'owner' });
	const id = newId();
	const { id: teamId, botId } = owner.team;
	const body = { teamId, id, email, role: 'agent', roleId: null, botIds: [botId], ...more };
	const response = await owner.post('/api/invitations', body);
	expect(response.status, await response.clone().text()).toBe(200);
	const invitation = await response.json();
	return { owner, teamId, id, email, invitation, token: await mailedKey(app, teamId, email) };
}
const open = (what: string, token: string, more: object = {}) =>
	app.stranger().post(`/api/invitations/${what}`, { token, ...more });
const join = (token: string) =>
	open('join', token, { firstName: 'Ben', lastName: 'Okafor', password: PASSWORD });
const listed = async (by: TestAgent) =>
	(await (await by.get(`/api/members?team=${by.team.id}`)).json()).invitations;

describe('an invitation', () => {
	test('brings somebody new into the team, signed in, with the role and bots of it', async () => {
		const { owner, teamId, email, token } = await invited();
		expect(await (await open('show', token)).json()).toMatchObject({
			teamName: 'Acme',
			inviterName: 'Ann Lee',
			email,
			role: 'agent',
			hasAccount: false
		});
		const { cursor } = await pull(owner);
		const response = await join(token);
		expect(response.headers.get('Set-Cookie')).toMatch(/^__Host-session=/);
		expect(await response.json()).toMatchObject({
			user: { email, firstName: 'Ben' },
			teams: [{ team: { id: teamId }, role: 'agent' }]
		});
		expect(
			(await app.stranger().post('/api/auth/sign-in', { email, password: PASSWORD })).status
		).toBe(200);
		expect((await pull(owner, cursor)).members).toMatchObject([
			{ name: 'Ben Okafor', role: 'agent' }
		]);
		expect(await listed(owner)).toEqual([]);
		await fails(await join(token), 410, { message: 'This invitation has been used.' });
	});

	test('takes somebody with an account who is signed in', async () => {
		const person = await app.signedInAgent({ password: PASSWORD });
		const { teamId, token } = await invited(person.email);
		expect(await (await open('show', token)).json()).toMatchObject({ hasAccount: true });
		await fails(await join(token), 409);
		const response = await person.post('/api/invitations/accept', { token });
		const teams = (await response.json()).teams.map(
			({ team }: { team: { id: string } }) => team.id
		);
		expect(teams.sort()).toEqual([person.team.id, teamId].sort());
		expect(await pull({ ...person, team: { ...person.team, id: teamId } })).toMatchObject({
			bots: [{}]
		});
	});

	test('is for the address that it was mailed to, and says so to anybody else', async () => {
		const { email, token } = await invited();
		const other = await app.signedInAgent();
		const response = await other.post('/api/invitations/accept', { token });
		await fails(response, 403, {
			message: expect.stringContaining(email),
			remedy: expect.stringContaining('Sign out')
		});
		expect((await (await other.get('/api/me')).json()).teams).toHaveLength(1);
		expect((await open('accept', token)).status).toBe(401);
	});

	test('is good for seven days, and for seven more when it is sent again, by a new link', async () => {
		const { owner, teamId, id, email, token, invitation } = await invited();
		expect(invitation).toMatchObject({
			isExpired: false,
			expiresAt: invitation.createdAt + 7 * DAY_MS
		});
		app.clock.advance(7 * DAY_MS);
		for (const what of ['show', 'decline'])
			await fails(await open(what, token), 410, { message: expect.stringContaining('expired') });
		await fails(await join(token), 410);
		expect(await listed(owner)).toMatchObject([{ id, isExpired: true }]);
		const again = await owner.post('/api/invitations/resend', { teamId, id });
		expect(await again.json()).toMatchObject({ id, isExpired: false });
		const newer = await mailedKey(app, teamId, email);
		await fails(await open('show', token), 404, { remedy: expect.stringContaining('newest mail') });
		expect((await join(newer)).status).toBe(200);
	});

	test('that was cancelled or declined opens nothing, and says which it was', async () => {
		const first = await invited();
		await first.owner.delete('/api/invitations', { teamId: first.teamId, id: first.id });
		await fails(await join(first.token), 410, { message: expect.stringContaining('withdrawn') });
		const { owner, teamId, id, token } = await invited();
		expect((await open('decline', token)).status).toBe(200);
		await fails(await open('show', token), 410, { message: expect.stringContaining('declined') });
		await fails(await owner.post('/api/invitations/resend', { teamId, id }), 404);
		expect(await listed(owner)).toEqual([]);
	});

	test('of nobody is not known', async () => {
		await fails(await open('show', 'x'.repeat(43)), 404);
		await fails(await join('x'.repeat(43)), 404);
	});

	test('goes to nobody who is in the team, and to an address once at a time', async () => {
		const { owner, teamId, id, email } = await invited();
		const body = { teamId, id: newId(), email, role: 'viewer', roleId: null, botIds: null };
		await fails(await owner.post('/api/invitations', body), 409, { field: 'email' });
		await fails(await owner.post('/api/invitations', { ...body, email: owner.email }), 409, {
			field: 'email'
		});
		await owner.delete('/api/invitations', { teamId, id });
		expect((await owner.post('/api/invitations', body)).status).toBe(200);
		expect(await mailsTo(app, teamId, email)).toHaveLength(2);
	});

	test('is answered once, even by two at the same moment', async () => {
		const { token } = await invited();
		const statuses = (await Promise.all([join(token), join(token)])).map(({ status }) => status);
		expect(statuses.sort()).toEqual([200, 410]);
	});

	test('gives no more than the inviter has', async () => {
		const owner = await app.signedInAgent({ role: 'owner' });
		const admin = await app.signedInAgent({ team: owner.team, role: 'admin' });
		const body = {
			teamId: owner.team.id,
			id: newId(),
			email: address(),
			role: 'owner',
			roleId: null,
			botIds: null
		};
		await fails(await admin.post('/api/invitations', body), 403);
		expect(await mailsTo(app, owner.team.id, body.email)).toEqual([]);
	});

	test('of another team is not to be seen, sent or cancelled', async () => {
		const { teamId, id, owner } = await invited();
		const stranger = await app.signedInAgent({ role: 'owner' });
		for (const team of [teamId, stranger.team.id]) {
			await fails(await stranger.post('/api/invitations/resend', { teamId: team, id }), 404);
			await fails(await stranger.delete('/api/invitations', { teamId: team, id }), 404);
		}
		expect(await listed(owner)).toHaveLength(1);
	});

	test('asks for a password that nobody would guess', async () => {
		const { token } = await invited();
		for (const password of ['password1234', 'Acme-2026-2026']) {
			const response = await open('join', token, { firstName: '', lastName: '', password });
			await fails(response, 400, { field: 'password' });
		}
		expect((await join(token)).status).toBe(200);
	});
});
