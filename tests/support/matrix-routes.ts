import { newId } from '#contract/ids.ts';
import { authenticator } from './authenticator.ts';
import { mailedKey } from './mails.ts';
import { mutate, PASSWORD, type World } from './matrix.ts';
import { drawing } from './pictures.ts';

type Send = (world: World) => Promise<Response>;
let drawn: Promise<Buffer> | undefined;
/** Drawn once. */
async function picture(): Promise<Uint8Array<ArrayBuffer>> {
	drawn ??= drawing(400, 400).png().toBuffer();
	return new Uint8Array(await drawn);
}

const page = () => ({ id: newId(), visibility: 'visible', isFocused: true, idleMs: 0 });
const subscription = () => ({
	deviceId: newId(),
	deviceName: 'Phone',
	endpoint: `https://fcm.googleapis.com/fcm/send/${newId()}`,
	keys: { p256dh: `B${'A'.repeat(86)}`, auth: 'A'.repeat(22) },
	keyId: 'key',
	isStandalone: false
});
const preferences = {
	...{ pushOnline: true, pushOffline: true, pushOfflineByHand: false },
	...{ browserOnline: true, browserOffline: false }
};
const ladder = {
	...{ isLadderOn: true, everyoneAfterS: 30, adminsAfterS: 120 },
	...{ tellBy: 'nobody', webhookUrl: null, maxPrivacy: 'full' }
};
const bot = {
	...{ name: 'Bot', color: '#0e6f74', greeting: '', quickQuestions: [], humanEscalation: true },
	...{ humanOnly: false, showAvailability: true, allowedOrigins: [] }
};
const brand = { name: 'Acme', brandName: null, brandColor: '#0e6f74', showAgentsAs: 'agents' };
const grant = { role: 'viewer', roleId: null, botIds: [] };
const names = { firstName: 'Ann', lastName: 'Lee' };
const get =
	(path: (world: World) => string): Send =>
	(world) =>
		world.as.get(path(world));
const upload =
	(path: (world: World) => string): Send =>
	async (world) =>
		world.as.request(path(world), { method: 'PUT', body: await picture() });
const ofTeam = (path: string) => get(({ team }) => `${path}?team=${team.id}`);
const widget =
	(method: 'get' | 'post', path: string, body?: () => object): Send =>
	({ as }) =>
		as[method](`/api/widget/${path}`, body?.());

const addPasskey: Send = async ({ as }) => {
	const asked = await as.post('/api/passkeys/options', { password: PASSWORD });
	const { challenge = 'none' } = await asked.json();
	return as.post('/api/passkeys', { name: 'Phone', ...authenticator().create({ challenge }) });
};

const resetPassword: Send = async ({ app, as }) => {
	const { id, email } = await app.newUser();
	await as.post('/api/auth/forgot', { email });
	const token = await mailedKey(app, id, email);
	return as.post('/api/auth/reset', { token, password: PASSWORD });
};

/**
 * Every route, what each caller gets, and a request that is right in form. The columns are CALLERS':
 * owner, admin, editor, agent, viewer, custom (members, log), then the owner of another team, an
 * admin whose list lacks the bot, and nobody signed in.
 */
export const MATRIX: [route: string, answers: string, send: Send][] = [
	// For anybody.
	['GET /api/health', 'YYYYYY Y Y Y', get(() => '/api/health')],
	['GET /api/auth/options', 'YYYYYY Y Y Y', get(() => '/api/auth/options')],
	[
		'POST /api/auth/sign-up',
		'YYYYYY Y Y Y',
		({ as }) =>
			as.post('/api/auth/sign-up', {
				email: `${newId()}@example.com`,
				password: PASSWORD,
				...names,
				teamName: 'New'
			})
	],
	[
		'POST /api/auth/sign-in',
		'YYYYYY Y Y U',
		({ as, email }) => as.post('/api/auth/sign-in', { email, password: PASSWORD })
	],
	[
		'POST /api/auth/forgot',
		'YYYYYY Y Y Y',
		({ as, email }) => as.post('/api/auth/forgot', { email })
	],
	['POST /api/auth/reset', 'YYYYYY Y Y Y', resetPassword],
	['GET /api/push/key', 'YYYYYY Y Y Y', get(() => '/api/push/key')],
	[
		'POST /api/push/ack',
		'NNNNNN N N N',
		({ as }) => as.post('/api/push/ack', { token: 't'.repeat(40), state: 'shown' })
	],
	[
		'GET /api/avatars/:hash{[0-9a-f]{32}}/:size{[0-9]{2,3}}',
		'NNNNNN N N N',
		get(() => `/api/avatars/${'0'.repeat(32)}/64`)
	],
	[
		'POST /api/passkeys/sign-in/options',
		'YYYYYY Y Y Y',
		({ as }) => as.request('/api/passkeys/sign-in/options', { method: 'POST' })
	],
	[
		'POST /api/passkeys/sign-in',
		'UUUUUU U U U',
		({ as }) =>
			as.post('/api/passkeys/sign-in', {
				id: 'key',
				clientDataJSON: 'e30',
				authenticatorData: 'AA',
				signature: 'AA'
			})
	],
	// For whoever has the link in a mail.
	[
		'POST /api/profile/email/confirm',
		'YYYYYY Y Y Y',
		async ({ as, emailToken }) =>
			as.post('/api/profile/email/confirm', { token: await emailToken() })
	],
	[
		'POST /api/invitations/show',
		'YYYYYY Y Y Y',
		async ({ as, invitation }) =>
			as.post('/api/invitations/show', { token: (await invitation()).token })
	],
	[
		'POST /api/invitations/join',
		'YYYYYY Y Y Y',
		async ({ as, invitation }) =>
			as.post('/api/invitations/join', {
				token: (await invitation()).token,
				...names,
				password: PASSWORD
			})
	],
	[
		'POST /api/invitations/decline',
		'YYYYYY Y Y Y',
		async ({ as, invitation }) =>
			as.post('/api/invitations/decline', { token: (await invitation()).token })
	],
	[
		'POST /api/invitations/accept',
		'YYYYYY Y Y U',
		async ({ as, email, invitation }) =>
			as.post('/api/invitations/accept', { token: (await invitation(email)).token })
	],
	// A person's own.
	[
		'POST /api/auth/sign-out',
		'YYYYYY Y Y U',
		({ as }) => as.post('/api/auth/sign-out', { deviceId: null })
	],
	['GET /api/me', 'YYYYYY Y Y U', get(() => '/api/me')],
	['GET /api/profile', 'YYYYYY Y Y U', get(() => '/api/profile')],
	['PUT /api/profile', 'YYYYYY Y Y U', ({ as }) => as.put('/api/profile', names)],
	[
		'DELETE /api/profile',
		'YYYYYY Y Y U',
		({ as }) => as.delete('/api/profile', { password: PASSWORD })
	],
	[
		'PUT /api/profile/password',
		'YYYYYY Y Y U',
		({ as }) =>
			as.put('/api/profile/password', { current: PASSWORD, password: 'eight dry umbrellas' })
	],
	[
		'PUT /api/profile/email',
		'YYYYYY Y Y U',
		({ as }) =>
			as.put('/api/profile/email', { email: `${newId()}@example.com`, password: PASSWORD })
	],
	['DELETE /api/profile/email', 'YYYYYY Y Y U', ({ as }) => as.delete('/api/profile/email')],
	['PUT /api/profile/avatar', 'YYYYYY Y Y U', upload(() => '/api/profile/avatar')],
	['DELETE /api/profile/avatar', 'YYYYYY Y Y U', ({ as }) => as.delete('/api/profile/avatar')],
	['GET /api/profile/sessions', 'YYYYYY Y Y U', get(() => '/api/profile/sessions')],
	[
		'DELETE /api/profile/sessions',
		'YYYYYY Y Y U',
		({ as }) => as.delete('/api/profile/sessions', { id: null })
	],
	[
		'POST /api/presence/beat',
		'YYYYYY Y Y U',
		({ as }) => as.post('/api/presence/beat', { deviceId: newId(), pages: [page()] })
	],
	[
		'POST /api/presence/leave',
		'YYYYYY Y Y U',
		({ as }) =>
			as.request('/api/presence/leave', {
				method: 'POST',
				body: JSON.stringify({ deviceId: newId(), pageId: newId() }),
				headers: { 'Content-Type': 'text/plain' }
			})
	],
	['GET /api/push/state', 'YYYYYY Y Y U', get(() => '/api/push/state')],
	['GET /api/push/settings', 'YYYYYY Y Y U', get(() => '/api/push/settings')],
	[
		'PUT /api/push/settings',
		'YYYYYY Y Y U',
		async ({ as }) => {
			const known = await (await as.get('/api/push/settings')).json();
			return as.put('/api/push/settings', known.settings ?? {});
		}
	],
	['GET /api/push/doctor', 'NNNNNN N N U', get(() => `/api/push/doctor?device=${newId()}`)],
	['GET /api/push/test', 'NNNNNN N N U', get(() => `/api/push/test?id=${newId()}`)],
	[
		'PUT /api/push/test',
		'NNNNNN N N U',
		({ as }) => as.put('/api/push/test', { id: newId(), didRing: true })
	],
	[
		'DELETE /api/push/test',
		'NNNNNN N N U',
		({ as }) => as.delete('/api/push/test', { id: newId() })
	],
	[
		'POST /api/push/snooze',
		'NNNNNN N N N',
		({ as }) => as.post('/api/push/snooze', { token: 't'.repeat(40), id: newId(), waitedMs: 0 })
	],
	[
		'PUT /api/presence/auto-return',
		'YYYYYY Y Y U',
		({ as }) => as.put('/api/presence/auto-return', { isAutoReturn: true })
	],
	[
		'PUT /api/push/subscription',
		'YYYYYY Y Y U',
		({ as }) => as.put('/api/push/subscription', subscription())
	],
	[
		'DELETE /api/push/subscription',
		'YYYYYY Y Y U',
		({ as }) => as.delete('/api/push/subscription', { deviceId: newId() })
	],
	[
		'PUT /api/push/preferences',
		'YYYYYY Y Y U',
		({ as }) => as.put('/api/push/preferences', preferences)
	],
	[
		'POST /api/push/test',
		'CCCCCC C C U',
		({ as }) => as.post('/api/push/test', { deviceId: newId() })
	],
	['POST /api/teams', 'YYYYYY Y Y U', ({ as }) => as.post('/api/teams', { name: 'New' })],
	['GET /api/passkeys', 'YYYYYY Y Y U', get(() => '/api/passkeys')],
	[
		'POST /api/passkeys/options',
		'YYYYYY Y Y U',
		({ as }) => as.post('/api/passkeys/options', { password: PASSWORD })
	],
	['POST /api/passkeys', 'YYYYYY Y Y U', addPasskey],
	[
		'PUT /api/passkeys',
		'NNNNNN N N U',
		({ as }) => as.put('/api/passkeys', { id: 'key', name: 'Phone' })
	],
	[
		'DELETE /api/passkeys',
		'NNNNNN N N U',
		({ as }) => as.delete('/api/passkeys', { id: 'key', password: PASSWORD })
	],
	// For members.
	[
		'PUT /api/profile/default-team',
		'YYYYYY N Y U',
		({ as, team }) => as.put('/api/profile/default-team', { teamId: team.id })
	],
	['GET /api/presence/ledger', 'YYYYYY N Y U', ofTeam('/api/presence/ledger')],
	['GET /api/presence/ledger/export', 'YYYYYY N Y U', ofTeam('/api/presence/ledger/export')],
	[
		'GET /api/presence/day',
		'YYYYYY N Y U',
		get(({ team }) => `/api/presence/day?team=${team.id}&from=1&to=2`)
	],
	[
		'GET /api/presence/team-day',
		'YYFFFY N Y U',
		get(({ team }) => `/api/presence/team-day?team=${team.id}&from=1&to=2`)
	],
	['GET /api/presence/reach', 'YYYYYY N Y U', ofTeam('/api/presence/reach')],
	['GET /api/presence/coverage', 'YYYYYY N Y U', ofTeam('/api/presence/coverage')],
	[
		'PUT /api/presence/hours',
		'YYFFFF N Y U',
		({ as, team }) => as.put('/api/presence/hours', { teamId: team.id, hours: null })
	],
	[
		'POST /api/presence/take-over',
		'NNFNFF N N U',
		({ as, team }) =>
			as.post('/api/presence/take-over', { teamId: team.id, userId: newId(), giveChats: false })
	],
	[
		'DELETE /api/presence/take-over',
		'YYYYYY N Y U',
		({ as, team }) => as.delete('/api/presence/take-over', { teamId: team.id })
	],
	[
		'PUT /api/presence/leases',
		'YYFFFF N Y U',
		({ as, team }) => as.put('/api/presence/leases', { teamId: team.id, leases: null })
	],
	[
		'PUT /api/presence/offline',
		'YYFFFY N Y U',
		async ({ as, team, colleague }) =>
			as.put('/api/presence/offline', { teamId: team.id, userId: await colleague() })
	],
	['GET /api/notifications/team', 'YYFFFF N Y U', ofTeam('/api/notifications/team')],
	[
		'PUT /api/notifications/team',
		'YYFFFF N Y U',
		({ as, team }) => as.put('/api/notifications/team', { teamId: team.id, ...ladder })
	],
	['GET /api/notifications/board', 'YYFFFF N Y U', ofTeam('/api/notifications/board')],
	[
		'POST /api/notifications/board/test',
		'YYFFFF N Y U',
		({ as, team }) => as.post('/api/notifications/board/test', { teamId: team.id, userId: null })
	],
	['GET /api/notifications/log', 'YYYYYY N Y U', ofTeam('/api/notifications/log')],
	[
		'GET /api/notifications/dry-run',
		'YYFFFF N Y U',
		get(({ team }) => `/api/notifications/dry-run?team=${team.id}&bot=${team.botId}`)
	],
	[
		'GET /api/notifications/why',
		'YYYYYY N N U',
		async ({ as, team, chat }) =>
			as.get(`/api/notifications/why?team=${team.id}&conversation=${await chat()}`)
	],
	[
		'POST /api/notifications/typing',
		'YYFYFF N N U',
		async ({ as, team, chat }) =>
			as.post('/api/notifications/typing', { teamId: team.id, conversationId: await chat() })
	],
	[
		'POST /api/push/confirm',
		'YYYYYY N Y U',
		async ({ as, team, chat }) =>
			as.post('/api/push/confirm', {
				...{ teamId: team.id, deviceId: newId(), conversationId: await chat(), seq: 1 }
			})
	],
	[
		'POST /api/push/opened',
		'YYYYYY N Y U',
		({ as, team }) => as.post('/api/push/opened', { teamId: team.id, deliveryId: newId() })
	],
	['GET /api/sync', 'YYYYYY N Y U', ofTeam('/api/sync')],
	[
		'GET /api/stream',
		'YYYYYY N Y U',
		get(({ team }) => `/api/stream?team=${team.id}&cursor=${newId()}.0&device=${newId()}`)
	],
	['GET /api/teams/roles', 'YYYYYY N Y U', ofTeam('/api/teams/roles')],
	[
		'POST /api/members/leave',
		'YYYYYY N Y U',
		({ as, team }) => as.post('/api/members/leave', { teamId: team.id })
	],
	// For agents.
	[
		'PUT /api/presence/intent',
		'YYFYFF N Y U',
		({ as, team }) =>
			as.put('/api/presence/intent', {
				teamId: team.id,
				status: 'online',
				deviceId: newId(),
				page: page()
			})
	],
	[
		'POST /api/mutations reply',
		'YYFYFF N N U',
		async (world) =>
			mutate(world, {
				name: 'reply',
				args: { conversationId: await world.chat(), messageId: newId(), body: 'Hi', baseSeq: 1 }
			})
	],
	[
		'POST /api/mutations note',
		'YYFYFF N N U',
		async (world) =>
			mutate(world, {
				name: 'note',
				args: { conversationId: await world.chat(), messageId: newId(), body: 'Hm' }
			})
	],
	[
		'POST /api/mutations claim',
		'YYFYFF N N U',
		async (world) => mutate(world, { name: 'claim', args: { conversationId: await world.chat() } })
	],
	[
		'POST /api/mutations assign',
		'YYFYFF N N U',
		async (world) =>
			mutate(world, {
				name: 'assign',
				args: { conversationId: await world.chat(), agentId: world.team.ownerId, expectedId: null }
			})
	],
	[
		'POST /api/mutations resolve',
		'YYFYFF N N U',
		async (world) =>
			mutate(world, { name: 'resolve', args: { conversationId: await world.chat() } })
	],
	[
		'POST /api/mutations reopen',
		'YYFYFF N N U',
		async (world) => mutate(world, { name: 'reopen', args: { conversationId: await world.chat() } })
	],
	[
		'POST /api/mutations hand_back',
		'YYFYFF N N U',
		async (world) =>
			mutate(world, { name: 'hand_back', args: { conversationId: await world.chat() } })
	],
	[
		'POST /api/mutations read',
		'YYYYYY N N U',
		async (world) =>
			mutate(world, { name: 'read', args: { conversationId: await world.chat(), seq: 1 } })
	],
	// For those who run the team.
	[
		'PUT /api/teams/settings',
		'YYFFFF N Y U',
		({ as, team }) => as.put('/api/teams/settings', { teamId: team.id, ...brand })
	],
	[
		'PUT /api/teams/avatar',
		'YYFFFF N Y U',
		upload(({ team }) => `/api/teams/avatar?team=${team.id}`)
	],
	[
		'DELETE /api/teams/avatar',
		'YYFFFF N Y U',
		({ as, team }) => as.delete('/api/teams/avatar', { teamId: team.id })
	],
	[
		'PUT /api/teams/roles',
		'YYFFFF N Y U',
		({ as, team }) =>
			as.put('/api/teams/roles', {
				teamId: team.id,
				id: newId(),
				name: 'Night desk',
				permissions: ['chat.view']
			})
	],
	[
		'DELETE /api/teams/roles',
		'YYFFFF N Y U',
		async ({ as, team, roleId }) =>
			as.delete('/api/teams/roles', { teamId: team.id, id: await roleId() })
	],
	['GET /api/members', 'YYFFFY N Y U', ofTeam('/api/members')],
	[
		'PUT /api/members',
		'YYFFFY N Y U',
		async ({ as, team, colleague }) =>
			as.put('/api/members', { teamId: team.id, userId: await colleague(), ...grant })
	],
	[
		'DELETE /api/members',
		'YYFFFY N Y U',
		async ({ as, team, colleague }) =>
			as.delete('/api/members', { teamId: team.id, userId: await colleague() })
	],
	[
		'POST /api/members/owner',
		'YFFFFF N F U',
		async ({ as, team, colleague }) =>
			as.post('/api/members/owner', { teamId: team.id, userId: await colleague() })
	],
	[
		'POST /api/invitations',
		'YYFFFY N Y U',
		({ as, team }) =>
			as.post('/api/invitations', {
				teamId: team.id,
				id: newId(),
				email: `${newId()}@example.com`,
				...grant
			})
	],
	[
		'POST /api/invitations/resend',
		'YYFFFY N Y U',
		async ({ as, team, invitation }) =>
			as.post('/api/invitations/resend', { teamId: team.id, id: (await invitation()).id })
	],
	[
		'DELETE /api/invitations',
		'YYFFFY N Y U',
		async ({ as, team, invitation }) =>
			as.delete('/api/invitations', { teamId: team.id, id: (await invitation()).id })
	],
	['GET /api/bots', 'YYYFFF N Y U', ofTeam('/api/bots')],
	[
		'POST /api/bots',
		'YYYFFF N Y U',
		({ as, team }) => as.post('/api/bots', { teamId: team.id, id: newId(), name: 'Bot' })
	],
	[
		'PUT /api/bots',
		'YYYFFF N N U',
		({ as, team }) => as.put('/api/bots', { teamId: team.id, id: team.botId, ...bot })
	],
	[
		'DELETE /api/bots',
		'YYFFFF N N U',
		({ as, team }) => as.delete('/api/bots', { teamId: team.id, id: team.botId })
	],
	[
		'PUT /api/bots/avatar',
		'YYYFFF N N U',
		upload(({ team }) => `/api/bots/avatar?team=${team.id}&bot=${team.botId}`)
	],
	[
		'DELETE /api/bots/avatar',
		'YYYFFF N N U',
		({ as, team }) => as.delete('/api/bots/avatar', { teamId: team.id, id: team.botId })
	],
	['GET /api/audit', 'YYFFFY N Y U', ofTeam('/api/audit')],
	['GET /api/audit/export', 'YYFFFY N Y U', ofTeam('/api/audit/export')],
	['GET /api/mails', 'YFFFFF N F U', ofTeam('/api/mails')],
	// A visitor's: no agent's cookie opens them.
	[
		'GET /api/widget/availability',
		'YYYYYY Y Y Y',
		get(({ team }) => `/api/widget/availability?bot=${team.botId}`)
	],
	[
		'POST /api/widget/session',
		'YYYYYY Y Y Y',
		({ as, team }) =>
			as.post('/api/widget/session', { botId: team.botId, hostOrigin: 'http://localhost:3000' })
	],
	['GET /api/widget/state', 'UUUUUU U U U', widget('get', 'state')],
	['GET /api/widget/stream', 'UUUUUU U U U', widget('get', 'stream')],
	[
		'POST /api/widget/messages',
		'UUUUUU U U U',
		widget('post', 'messages', () => ({ conversationId: newId(), id: newId(), body: 'Hi' }))
	],
	[
		'POST /api/widget/escalate',
		'UUUUUU U U U',
		widget('post', 'escalate', () => ({ conversationId: newId(), id: newId() }))
	],
	[
		'POST /api/widget/read',
		'UUUUUU U U U',
		widget('post', 'read', () => ({ conversationId: newId(), seq: 1 }))
	],
	[
		'POST /api/widget/email',
		'UUUUUU U U U',
		widget('post', 'email', () => ({ email: 'vera@example.com' }))
	]
];
