import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AuditAction } from '#contract/audit.ts';
import { newId } from '#contract/ids.ts';
import { insertMember } from '../../api/store/member.ts';
import { sql } from '../../api/store/sql.ts';
import { type TestApp, testApp } from '../support/app.ts';
import { authenticator } from '../support/authenticator.ts';
import { mailedKey } from '../support/mails.ts';
import { PASSWORD, type World, worldOf } from '../support/matrix.ts';
import { drawing } from '../support/pictures.ts';

let app: TestApp;
let picture: Uint8Array<ArrayBuffer>;
beforeAll(async () => {
	app = await testApp();
	picture = new Uint8Array(await drawing(400, 400).png().toBuffer());
});
afterAll(() => app.close());

const names = { firstName: 'Zoë', lastName: 'Lee' };
const grant = { role: 'viewer', roleId: null, botIds: [] };
const bot = {
	...{
		name: 'Bot',
		color: '#0e6f74',
		greeting: 'Hello',
		quickQuestions: [],
		humanEscalation: true
	},
	...{ humanOnly: false, showAvailability: true, allowedOrigins: [] }
};
const ladder = {
	...{ isLadderOn: true, everyoneAfterS: 30, adminsAfterS: 120 },
	...{ tellBy: 'webhook', webhookUrl: 'https://example.com/secret-path', maxPrivacy: 'full' }
};
const brand = { name: 'Tideline', brandName: null, brandColor: '#0e6f74', showAgentsAs: 'agents' };
const newAddress = () => `${newId()}@example.com`;
const upload = (world: World, path: string) =>
	world.as.request(path, { method: 'PUT', body: picture });

const changeEmail = ({ as }: World, email = newAddress()) =>
	as.put('/api/profile/email', { email, password: PASSWORD });
async function addPasskey({ as }: World): Promise<{ id: string; response: Response }> {
	const asked = await as.post('/api/passkeys/options', { password: PASSWORD });
	const { challenge } = await asked.json();
	const key = authenticator();
	const body = { name: 'Phone', ...key.create({ challenge }) };
	return { id: key.id, response: await as.post('/api/passkeys', body) };
}
async function onlineColleague({ app: { db, clock }, team, colleague }: World): Promise<string> {
	const userId = await colleague();
	await db.team(team.id, (tx) =>
		tx.run(sql`
			insert into intents (team_id, user_id, status, since)
			values (${team.id}, ${userId}, 'online', ${new Date(clock.now())})`)
	);
	return userId;
}

type Send = (world: World) => Promise<Response>;

/** Every route that changes people, roles, bots, settings, secrets or somebody else's presence: what the log says of it. */
const LOGGED: Record<string, [AuditAction, Send]> = {
	'POST /api/auth/sign-up': [
		'team.created',
		({ as }) =>
			as.post('/api/auth/sign-up', {
				...{ email: newAddress(), password: PASSWORD, ...names, teamName: 'New' }
			})
	],
	'POST /api/auth/reset': [
		'account.password_reset',
		async ({ userId, email }) => {
			await app.stranger().post('/api/auth/forgot', { email });
			const token = await mailedKey(app, userId, email);
			return app.stranger().post('/api/auth/reset', { token, password: 'eight dry umbrellas' });
		}
	],
	'PUT /api/profile': ['member.renamed', ({ as }) => as.put('/api/profile', names)],
	'DELETE /api/profile': [
		'account.deleted',
		({ as }) => as.delete('/api/profile', { password: PASSWORD })
	],
	'PUT /api/profile/password': [
		'account.password_changed',
		({ as }) =>
			as.put('/api/profile/password', { current: PASSWORD, password: 'eight dry umbrellas' })
	],
	'PUT /api/profile/email': ['account.email_change_asked', (world) => changeEmail(world)],
	'DELETE /api/profile/email': [
		'account.email_change_cancelled',
		async (world) => {
			await changeEmail(world);
			return world.as.delete('/api/profile/email');
		}
	],
	'POST /api/profile/email/confirm': [
		'member.email_changed',
		async (world) => {
			const email = newAddress();
			await changeEmail(world, email);
			const token = await mailedKey(world.app, world.userId, email);
			return world.app.stranger().post('/api/profile/email/confirm', { token });
		}
	],
	'PUT /api/profile/avatar': [
		'member.picture_changed',
		(world) => upload(world, '/api/profile/avatar')
	],
	'DELETE /api/profile/avatar': [
		'member.picture_changed',
		({ as }) => as.delete('/api/profile/avatar')
	],
	'DELETE /api/profile/sessions': [
		'account.sessions_ended',
		async ({ as, email }) => {
			await app.stranger().post('/api/auth/sign-in', { email, password: PASSWORD });
			return as.delete('/api/profile/sessions', { id: null });
		}
	],
	'POST /api/passkeys': [
		'account.passkey_added',
		async (world) => (await addPasskey(world)).response
	],
	'PUT /api/passkeys': [
		'account.passkey_renamed',
		async (world) => {
			const { id } = await addPasskey(world);
			return world.as.put('/api/passkeys', { id, name: 'Key ring' });
		}
	],
	'DELETE /api/passkeys': [
		'account.passkey_removed',
		async (world) => {
			const { id } = await addPasskey(world);
			return world.as.delete('/api/passkeys', { id, password: PASSWORD });
		}
	],
	'POST /api/teams': ['team.created', ({ as }) => as.post('/api/teams', { name: 'New' })],
	'PUT /api/teams/settings': [
		'team.changed',
		({ as, team }) => as.put('/api/teams/settings', { teamId: team.id, ...brand })
	],
	'PUT /api/teams/avatar': [
		'team.changed',
		(world) => upload(world, `/api/teams/avatar?team=${world.team.id}`)
	],
	'DELETE /api/teams/avatar': [
		'team.changed',
		({ as, team }) => as.delete('/api/teams/avatar', { teamId: team.id })
	],
	'PUT /api/teams/roles': [
		'role.created',
		({ as, team }) =>
			as.put('/api/teams/roles', {
				...{ teamId: team.id, id: newId(), name: 'Night desk', permissions: ['chat.view'] }
			})
	],
	'DELETE /api/teams/roles': [
		'role.deleted',
		async ({ as, team, roleId }) =>
			as.delete('/api/teams/roles', { teamId: team.id, id: await roleId() })
	],
	'PUT /api/members': [
		'member.changed',
		async ({ as, team, colleague }) =>
			as.put('/api/members', { teamId: team.id, userId: await colleague(), ...grant })
	],
	'DELETE /api/members': [
		'member.removed',
		async ({ as, team, colleague }) =>
			as.delete('/api/members', { teamId: team.id, userId: await colleague() })
	],
	'POST /api/members/leave': [
		'member.left',
		({ as, team }) => as.post('/api/members/leave', { teamId: team.id })
	],
	'POST /api/members/owner': [
		'owner.transferred',
		async ({ as, team, colleague }) =>
			as.post('/api/members/owner', { teamId: team.id, userId: await colleague() })
	],
	'POST /api/invitations': [
		'invitation.sent',
		({ as, team }) =>
			as.post('/api/invitations', {
				...{ teamId: team.id, id: newId(), email: newAddress(), ...grant }
			})
	],
	'POST /api/invitations/resend': [
		'invitation.resent',
		async ({ as, team, invitation }) =>
			as.post('/api/invitations/resend', { teamId: team.id, id: (await invitation()).id })
	],
	'DELETE /api/invitations': [
		'invitation.cancelled',
		async ({ as, team, invitation }) =>
			as.delete('/api/invitations', { teamId: team.id, id: (await invitation()).id })
	],
	'POST /api/invitations/accept': [
		'member.joined',
		async ({ as, email, invitation }) =>
			as.post('/api/invitations/accept', { token: (await invitation(email)).token })
	],
	'POST /api/invitations/join': [
		'member.joined',
		async ({ invitation }) =>
			app.stranger().post('/api/invitations/join', {
				...{ token: (await invitation()).token, ...names, password: PASSWORD }
			})
	],
	'POST /api/invitations/decline': [
		'invitation.declined',
		async ({ invitation }) =>
			app.stranger().post('/api/invitations/decline', { token: (await invitation()).token })
	],
	'POST /api/bots': [
		'bot.created',
		({ as, team }) => as.post('/api/bots', { teamId: team.id, id: newId(), name: 'Bot' })
	],
	'PUT /api/bots': [
		'bot.changed',
		({ as, team }) => as.put('/api/bots', { teamId: team.id, id: team.botId, ...bot })
	],
	'DELETE /api/bots': [
		'bot.deleted',
		({ as, team }) => as.delete('/api/bots', { teamId: team.id, id: team.botId })
	],
	'PUT /api/bots/avatar': [
		'bot.changed',
		(world) => upload(world, `/api/bots/avatar?team=${world.team.id}&bot=${world.team.botId}`)
	],
	'DELETE /api/bots/avatar': [
		'bot.changed',
		({ as, team }) => as.delete('/api/bots/avatar', { teamId: team.id, id: team.botId })
	],
	'PUT /api/notifications/team': [
		'notifications.changed',
		({ as, team }) => as.put('/api/notifications/team', { teamId: team.id, ...ladder })
	],
	'PUT /api/presence/offline': [
		'member.offline_set',
		async (world) =>
			world.as.put('/api/presence/offline', {
				...{ teamId: world.team.id, userId: await onlineColleague(world) }
			})
	],
	'PUT /api/presence/hours': [
		'hours.changed',
		({ as, team }) => as.put('/api/presence/hours', { teamId: team.id, hours: null })
	],
	'PUT /api/presence/leases': [
		'leases.changed',
		({ as, team }) => as.put('/api/presence/leases', { teamId: team.id, leases: null })
	]
};

/** Routes that take something and change none of that, and why the log says nothing of them. */
const NOT_LOGGED: Record<string, string> = {
	...{ 'POST /api/auth/sign-in': 'opens a session', 'POST /api/auth/sign-out': 'ends one’s own' },
	...{
		'POST /api/passkeys/options': 'a question',
		'POST /api/passkeys/sign-in/options': 'a question'
	},
	...{ 'POST /api/passkeys/sign-in': 'opens a session', 'POST /api/invitations/show': 'reads' },
	...{ 'PUT /api/profile/default-team': 'one’s own view', 'POST /api/mutations': 'chats tell it' },
	...{ 'POST /api/presence/beat': 'proof', 'POST /api/presence/leave': 'proof' },
	...{
		'PUT /api/presence/intent': 'the ledger tells it',
		'PUT /api/presence/auto-return': 'one’s own'
	},
	...{ 'POST /api/auth/forgot': 'a mail; what comes of it is logged' },
	...{ 'DELETE /api/presence/take-over': 'an answer to a colleague' },
	...{ 'POST /api/presence/take-over': 'a question to a colleague' },
	...{
		'PUT /api/push/subscription': 'one’s own device',
		'DELETE /api/push/subscription': 'the same'
	},
	...{ 'PUT /api/push/preferences': 'one’s own', 'PUT /api/push/settings': 'one’s own' },
	...{
		'POST /api/push/ack': 'proof',
		'POST /api/push/opened': 'proof',
		'POST /api/push/confirm': 'proof'
	},
	...{ 'POST /api/push/snooze': 'one’s own', 'POST /api/push/test': 'one’s own' },
	...{ 'PUT /api/push/test': 'one’s own', 'DELETE /api/push/test': 'one’s own' },
	...{
		'POST /api/notifications/board/test': 'changes nothing',
		'POST /api/notifications/typing': 'passes'
	},
	...{ 'POST /api/widget/session': 'a visitor', 'POST /api/widget/messages': 'a visitor' },
	...{ 'POST /api/widget/escalate': 'a visitor', 'POST /api/widget/read': 'a visitor' },
	...{ 'POST /api/widget/email': 'a visitor', 'POST /api/widget/typing': 'a visitor' }
};

/** The newest deed in the team's log, or in that of a team that the answer names. */
async function lastDeed(world: World, response: Response) {
	const { teams = [] } = await response.json().catch(() => ({}));
	const ids = [world.team.id, ...teams.map(({ team }: { team: { id: string } }) => team.id)];
	const found: { action: string; at: number; row: string; address: string }[] = [];
	for (const id of new Set<string>(ids))
		found.push(
			...(await world.app.db.team(id, (tx) =>
				tx.many<(typeof found)[number]>(sql`
					select action, at, address, row_to_json(l)::text as row from audit_log l
					order by at desc, id desc limit 1`)
			))
		);
	return found.sort((a, b) => b.at - a.at)[0];
}

test.each(Object.entries(LOGGED))('%s is written into the log', async (_, [action, send]) => {
	const world = await worldOf(app, 'owner');
	const response = await send(world);
	expect(response.ok, await response.clone().text()).toBe(true);
	const deed = await lastDeed(world, response);
	expect(deed).toMatchObject({ action, address: expect.stringMatching(/^10\./) });
	// No key, password or link, and of a webhook's address nothing but the host.
	expect(deed?.row).not.toMatch(/[A-Za-z0-9_-]{43}|umbrellas|secret-path|whsec_/);
});

test('what concerns an account is written into the log of each of its person’s teams', async () => {
	const world = await worldOf(app, 'agent');
	const other = await app.newTeam();
	await app.db.team(other.id, (tx) => insertMember(tx, world.userId, 'viewer'));
	await LOGGED['PUT /api/profile/password']?.[1](world);
	for (const { id } of [world.team, other])
		expect(
			await app.db.team(id, (tx) =>
				tx.many(sql`select action, actor_id as "actorId", subject_id as "subjectId" from audit_log`)
			)
		).toEqual([
			{ action: 'account.password_changed', actorId: world.userId, subjectId: world.userId }
		]);
});

test('every route that takes something is logged, or it is written down why not', () => {
	const taking = app.app.routes
		.filter(({ method, path }) => !['ALL', 'GET'].includes(method) && path.startsWith('/api/'))
		.map(({ method, path }) => `${method} ${path.replace(/\/$/, '')}`);
	const known = new Set([...Object.keys(LOGGED), ...Object.keys(NOT_LOGGED)]);
	expect([...new Set(taking)].filter((route) => !known.has(route))).toEqual([]);
});
