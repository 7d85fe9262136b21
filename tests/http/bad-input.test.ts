import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ErrorBody } from '#contract/errors.ts';
import { newId } from '#contract/ids.ts';
import { LIMITS } from '#contract/limits.ts';
import { PROTOCOL_VERSION } from '#contract/protocol.ts';
import { type Client, testApp } from '../support/app.ts';

/** Longer than the longest text, more than the longest list that any route takes. */
const TOO_LONG = 'x'.repeat(LIMITS.messageBody + 1);
const TOO_MANY = 2000;
// Longer than the slowest limit needs for one more request; the session lasts 30 days.
const BETWEEN_REQUESTS_MS = 6 * 60_000;

const app = await testApp();
afterAll(() => app.close());
const agent = await app.signedInAgent();
const person = await app.signedInAgent({ team: agent.team, password: 'seven wet umbrellas' });
const owner = await app.signedInAgent({ team: agent.team, role: 'owner' });
const teamId = agent.team.id;
const visitor = await app.newVisitor({ team: agent.team });
const id = newId();
const page = { id, visibility: 'visible', isFocused: true, idleMs: 0 };
const ways = { push: true, browser: true, sound: true };
const settings = {
	events: {
		...{ escalation: ways, unanswered: ways, message_mine: ways },
		...{ message_unassigned: ways, assigned: ways, mention: ways }
	},
	privacy: 'full',
	quietHours: { isOn: true, from: '22:00', until: '07:00', timeZone: 'Europe/Lisbon' },
	isSoundRepeated: true
};

interface Sample {
	as: Client;
	/** One that is right in form, with every optional field. */
	body: unknown;
	type?: string;
}

/** For each route with a body, a request that is right in form: what is spoiled below. */
const SAMPLES: Record<string, Sample> = {
	'POST /api/auth/sign-up': {
		as: app.stranger(),
		body: {
			email: 'ann@example.com',
			password: 'seven wet umbrellas',
			firstName: 'Ann',
			lastName: 'Lee',
			teamName: 'Acme',
			ownerToken: 'token'
		}
	},
	'POST /api/auth/sign-in': {
		as: app.stranger(),
		body: { email: 'ann@example.com', password: 'seven wet umbrellas' }
	},
	'POST /api/auth/forgot': { as: app.stranger(), body: { email: 'nobody@example.com' } },
	'POST /api/auth/reset': {
		as: app.stranger(),
		body: { token: 't'.repeat(43), password: 'seven wet umbrellas' }
	},
	'POST /api/auth/sign-out': { as: await app.signedInAgent(), body: { deviceId: id } },
	'POST /api/mutations': {
		as: agent,
		body: {
			protocol: PROTOCOL_VERSION,
			userId: agent.userId,
			teamId: agent.team.id,
			deviceId: id,
			mutations: [
				{
					id,
					n: 1,
					call: {
						name: 'reply',
						args: { conversationId: id, messageId: id, body: 'Hello', baseSeq: 1 }
					},
					waitedMs: 0,
					isReviewed: false
				},
				{
					id,
					n: 2,
					call: { name: 'read', args: { conversationId: id, seq: 1 } },
					waitedMs: 0,
					isReviewed: false
				}
			]
		}
	},
	'PUT /api/profile': { as: agent, body: { firstName: 'Ann', lastName: 'Lee' } },
	'DELETE /api/profile': { as: person, body: { password: 'wrong', reason: 'Moved on' } },
	'PUT /api/profile/password': {
		as: person,
		body: { current: 'wrong', password: 'eight dry umbrellas' }
	},
	'PUT /api/profile/email': {
		as: person,
		body: { email: 'new@example.com', password: 'wrong' }
	},
	'POST /api/profile/email/confirm': { as: app.stranger(), body: { token: 't'.repeat(43) } },
	'PUT /api/profile/default-team': { as: agent, body: { teamId: agent.team.id } },
	'DELETE /api/profile/sessions': { as: agent, body: { id: 'a'.repeat(64) } },
	'POST /api/passkeys/options': { as: person, body: { password: 'wrong' } },
	'POST /api/passkeys': {
		as: agent,
		body: {
			name: 'Phone',
			id: 'key',
			clientDataJSON: 'e30',
			attestationObject: 'oA',
			transports: ['internal']
		}
	},
	'PUT /api/passkeys': { as: agent, body: { id: 'key', name: 'Phone' } },
	'DELETE /api/passkeys': { as: person, body: { id: 'key', password: 'wrong' } },
	'POST /api/passkeys/sign-in': {
		as: app.stranger(),
		body: { id: 'key', clientDataJSON: 'e30', authenticatorData: 'AA', signature: 'AA' }
	},
	'POST /api/teams': { as: owner, body: { name: 'Second team' } },
	'PUT /api/teams/settings': {
		as: owner,
		body: {
			teamId,
			name: 'Acme',
			brandName: 'Acme',
			brandColor: '#0e6f74',
			showAgentsAs: 'agents'
		}
	},
	'DELETE /api/teams/avatar': { as: owner, body: { teamId } },
	'PUT /api/teams/roles': {
		as: owner,
		body: { teamId, id, name: 'Night desk', permissions: ['chat.view', 'chat.handle'] }
	},
	'DELETE /api/teams/roles': { as: owner, body: { teamId, id } },
	'PUT /api/members': {
		as: owner,
		body: {
			teamId,
			userId: agent.userId,
			role: 'agent',
			roleId: null,
			botIds: [agent.team.botId]
		}
	},
	'DELETE /api/members': { as: owner, body: { teamId, userId: id } },
	'POST /api/members/leave': { as: person, body: { teamId: id } },
	'POST /api/members/owner': { as: owner, body: { teamId, userId: id } },
	'POST /api/invitations': {
		as: owner,
		body: {
			teamId,
			id,
			email: 'ben@example.com',
			role: 'agent',
			roleId: null,
			botIds: [agent.team.botId]
		}
	},
	'POST /api/invitations/resend': { as: owner, body: { teamId, id } },
	'DELETE /api/invitations': { as: owner, body: { teamId, id } },
	'POST /api/invitations/show': { as: app.stranger(), body: { token: 't'.repeat(43) } },
	'POST /api/invitations/accept': { as: agent, body: { token: 't'.repeat(43) } },
	'POST /api/invitations/decline': { as: app.stranger(), body: { token: 't'.repeat(43) } },
	'POST /api/invitations/join': {
		as: app.stranger(),
		body: {
			token: 't'.repeat(43),
			firstName: 'Ben',
			lastName: 'Lee',
			password: 'eight dry umbrellas'
		}
	},
	'POST /api/bots': { as: owner, body: { teamId, id, name: 'Shop helper' } },
	'PUT /api/bots': {
		as: owner,
		body: {
			teamId,
			id: agent.team.botId,
			name: 'Shop helper',
			color: '#0e6f74',
			greeting: 'Hello!',
			quickQuestions: [{ question: 'Where?', answer: 'Here.' }],
			humanEscalation: true,
			humanOnly: false,
			showAvailability: true,
			allowedOrigins: ['https://shop.example']
		}
	},
	'DELETE /api/bots': { as: owner, body: { teamId, id } },
	'DELETE /api/bots/avatar': { as: owner, body: { teamId, id } },
	'POST /api/presence/beat': { as: agent, body: { deviceId: id, pages: [page] } },
	'POST /api/presence/leave': {
		as: agent,
		body: { deviceId: id, pageId: id },
		type: 'text/plain'
	},
	'PUT /api/presence/intent': {
		as: agent,
		body: {
			teamId: agent.team.id,
			status: 'offline',
			deviceId: id,
			page,
			untilMs: 3_600_000,
			reason: 'Lunch'
		}
	},
	'PUT /api/push/subscription': {
		as: agent,
		body: {
			deviceId: id,
			deviceName: 'Phone',
			endpoint: 'https://fcm.googleapis.com/fcm/send/x',
			keys: { p256dh: 'B'.repeat(87), auth: 'A'.repeat(22) },
			keyId: 'key',
			isStandalone: true
		}
	},
	'PUT /api/push/preferences': {
		as: agent,
		body: {
			pushOnline: true,
			pushOffline: true,
			pushOfflineByHand: false,
			browserOnline: true,
			browserOffline: false
		}
	},
	'DELETE /api/push/subscription': { as: agent, body: { deviceId: id } },
	// A device that is not there: no push may leave from here.
	'POST /api/push/test': { as: agent, body: { deviceId: newId(), afterMs: 0 } },
	'PUT /api/push/test': { as: agent, body: { id, didRing: true } },
	'DELETE /api/push/test': { as: agent, body: { id } },
	'PUT /api/push/settings': { as: agent, body: settings },
	'POST /api/push/confirm': {
		as: agent,
		body: { teamId: agent.team.id, deviceId: id, conversationId: id, seq: 1 }
	},
	'POST /api/push/opened': { as: agent, body: { teamId: agent.team.id, deliveryId: id } },
	'POST /api/push/snooze': {
		as: app.stranger(),
		body: { token: 't'.repeat(40), id, waitedMs: 0 }
	},
	'PUT /api/notifications/team': {
		as: owner,
		body: {
			teamId,
			isLadderOn: true,
			everyoneAfterS: 30,
			adminsAfterS: 120,
			tellBy: 'email',
			webhookUrl: null,
			maxPrivacy: 'full'
		}
	},
	'POST /api/notifications/board/test': { as: owner, body: { teamId, userId: id } },
	'POST /api/notifications/typing': {
		as: agent,
		body: { teamId: agent.team.id, conversationId: id }
	},
	'PUT /api/presence/offline': { as: owner, body: { teamId, userId: id } },
	'PUT /api/presence/auto-return': { as: agent, body: { isAutoReturn: true } },
	'PUT /api/presence/hours': {
		as: owner,
		body: {
			teamId,
			hours: {
				timeZone: 'Europe/Lisbon',
				spans: [{ day: 1, from: '09:00', to: '17:00' }],
				holidays: ['2026-12-25'],
				holidayNames: [{ date: '2026-12-25', name: 'Christmas' }]
			}
		}
	},
	'POST /api/presence/take-over': {
		as: agent,
		body: { teamId: agent.team.id, userId: id, untilMs: 3_600_000, giveChats: true }
	},
	'DELETE /api/presence/take-over': { as: agent, body: { teamId: agent.team.id } },
	'PUT /api/presence/leases': {
		as: owner,
		body: { teamId, leases: { visibleS: 120, hiddenS: 300 } }
	},
	'POST /api/push/ack': { as: app.stranger(), body: { token: 't'.repeat(40), state: 'shown' } },
	'POST /api/widget/session': {
		as: app.stranger(),
		body: {
			botId: agent.team.botId,
			token: 'token',
			hostOrigin: 'http://127.0.0.1:3001',
			page: { url: 'http://127.0.0.1:3001/', title: 'Shop' }
		}
	},
	'POST /api/widget/messages': {
		as: visitor,
		body: { conversationId: id, id, body: 'Hello' }
	},
	'POST /api/widget/escalate': { as: visitor, body: { conversationId: id, id } },
	'POST /api/widget/read': { as: visitor, body: { conversationId: id, seq: 1 } },
	'POST /api/widget/email': { as: visitor, body: { email: 'vera@example.com' } }
};

const auditQuery = {
	team: teamId,
	actor: id,
	action: 'bot.changed',
	from: '0',
	until: '1',
	before: id
};

/** For each route with a query, one that is right in form. Of the other GETs none reads its query. */
const QUERIES: Record<string, { as: Client; query: Record<string, string> }> = {
	'/api/sync': {
		as: agent,
		query: { team: agent.team.id, cursor: `${id}.0`, protocol: String(PROTOCOL_VERSION) }
	},
	'/api/stream': { as: agent, query: { team: agent.team.id, cursor: `${id}.0`, device: id } },
	'/api/presence/ledger': { as: agent, query: { team: agent.team.id } },
	'/api/presence/ledger/export': { as: agent, query: { team: agent.team.id } },
	'/api/presence/day': { as: agent, query: { team: agent.team.id, from: '1', to: '2' } },
	'/api/presence/team-day': { as: owner, query: { team: owner.team.id, from: '1', to: '2' } },
	'/api/presence/reach': { as: agent, query: { team: agent.team.id } },
	'/api/presence/coverage': { as: agent, query: { team: agent.team.id } },
	'/api/push/doctor': { as: agent, query: { device: id } },
	'/api/push/test': { as: agent, query: { id } },
	'/api/notifications/team': { as: owner, query: { team: teamId } },
	'/api/notifications/dry-run': { as: owner, query: { team: teamId, bot: id } },
	'/api/notifications/board': { as: owner, query: { team: teamId } },
	'/api/notifications/why': { as: owner, query: { team: teamId, conversation: id } },
	'/api/notifications/log': { as: owner, query: { team: teamId } },
	'/api/teams/roles': { as: owner, query: { team: teamId } },
	'/api/members': { as: owner, query: { team: teamId } },
	'/api/bots': { as: owner, query: { team: teamId } },
	'/api/audit': { as: owner, query: auditQuery },
	'/api/audit/export': { as: owner, query: auditQuery },
	'/api/mails': { as: agent, query: { team: agent.team.id } },
	'/api/widget/state': { as: visitor, query: { after: '0' } },
	'/api/widget/stream': { as: visitor, query: { after: '0' } },
	'/api/widget/availability': { as: app.stranger(), query: { bot: agent.team.botId } }
};
const WITHOUT_QUERY = new Set([
	'/api/passkeys',
	'/api/health',
	'/api/me',
	'/api/profile',
	'/api/profile/sessions',
	'/api/avatars/:hash{[0-9a-f]{32}}/:size{[0-9]{2,3}}',
	'/api/auth/options',
	'/api/push/key',
	'/api/push/settings',
	'/api/push/state'
]);
/** Changes state, but reads no body. */
const WITHOUT_BODY = new Set<string>([
	'POST /api/passkeys/sign-in/options',
	'DELETE /api/profile/email',
	'DELETE /api/profile/avatar'
]);
/** Takes a file as its body. */
const WITH_FILE = new Set<string>([
	'PUT /api/profile/avatar',
	'PUT /api/teams/avatar',
	'PUT /api/bots/avatar'
]);

const SAME = Symbol('as it was');
const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/** What is mounted under /api, from the app itself, so that a new route cannot be left out. */
const mounted = [
	...new Set(
		app.app.routes
			.filter(({ method, path }) => method !== 'ALL' && path.startsWith('/api/'))
			.map(({ method, path }) => `${method} ${path.replace(/\/$/, '')}`)
	)
];
const withBody = mounted.filter(
	(route) => !route.startsWith('GET ') && !WITHOUT_BODY.has(route) && !WITH_FILE.has(route)
);
const withQuery = mounted
	.filter((route) => route.startsWith('GET '))
	.map((route) => route.slice('GET '.length))
	.filter((path) => !WITHOUT_QUERY.has(path));

describe('every mounted route has a sample here', () => {
	test.each(withBody)('%s', (route) => expect(SAMPLES).toHaveProperty([route]));
	test.each(withQuery)('GET %s', (path) => expect(QUERIES).toHaveProperty([path]));
});

describe.each(withBody.filter((route) => SAMPLES[route]))('%s refuses', (route) => {
	const { body, type = 'application/json' } = SAMPLES[route] as Sample;
	const sendText = (text: string, contentType?: string) => sendTo(route, text, contentType);
	const send = (value: unknown) => sendTo(route, JSON.stringify(value));
	writesNothing();

	test('an unknown field, wherever it is', async () => {
		for (const value of spoil(body, (part) => (isObject(part) ? { ...part, extra: 1 } : SAME)))
			await expectRefusal(await send(value), { field: /extra$/, reason: /not a known field/ });
	});

	test('a wrong type of each field', async () => {
		for (const value of spoil(body, (part) => (typeof part === 'number' ? 'one' : 1)))
			await expectRefusal(await send(value));
		for (const value of [null, [], 'text', {}]) await expectRefusal(await send(value));
	});

	test('text that is too long', async () => {
		for (const value of spoil(body, (part) => (typeof part === 'string' ? TOO_LONG : SAME)))
			await expectRefusal(await send(value));
	});

	test('more of anything than is taken', async () => {
		const many = (part: unknown) => Array(TOO_MANY).fill(Array.isArray(part) ? part[0] : part);
		for (const value of spoil(body, (part) => (Array.isArray(part) ? many(part) : SAME)))
			await expectRefusal(await send(value));
		const huge = await sendText(JSON.stringify('x'.repeat(LIMITS.bodyBytes)));
		await expectRefusal(huge, { status: 413 });
	});

	test('the character that the database cannot keep', async () => {
		for (const value of spoil(body, (part) => (typeof part === 'string' ? `${part}\0` : SAME)))
			await expectRefusal(await send(value));
	});

	test('what is not JSON, or not called so', async () => {
		await expectRefusal(await sendText('{"a":'), { field: 'body', reason: /not valid JSON/ });
		await expectRefusal(await sendText(''), { field: 'body' });
		for (const other of ['application/x-www-form-urlencoded', 'multipart/form-data', ''])
			await expectRefusal(await sendText(JSON.stringify(body), other), { field: 'Content-Type' });
		const wrongType = type === 'text/plain' ? 'application/json' : 'text/plain';
		await expectRefusal(await sendText(JSON.stringify(body), wrongType));
	});
});

describe.each(withQuery.filter((path) => QUERIES[path]))('GET %s refuses', (path) => {
	const { as, query } = QUERIES[path] as { as: Client; query: Record<string, string> };
	writesNothing();
	const send = (search: URLSearchParams) => {
		app.clock.advance(BETWEEN_REQUESTS_MS);
		return as.get(`${path}?${search}`);
	};

	test('an unknown name', async () => {
		const response = await send(new URLSearchParams({ ...query, extra: '1' }));
		await expectRefusal(response, { field: 'extra' });
	});

	test('a wrong, a long and a repeated value of each name', async () => {
		for (const [name, value] of Object.entries(query)) {
			for (const bad of ['?', TOO_LONG, `${value}\0`])
				await expectRefusal(await send(new URLSearchParams({ ...query, [name]: bad })), {
					field: name
				});
			const twice = new URLSearchParams(query);
			twice.append(name, value);
			await expectRefusal(await send(twice), { field: name, reason: /more than once/ });
		}
	});
});

/** Copies of `value`, each with one of its parts, however deep, replaced by what `change` makes of it. */
function spoil(value: unknown, change: (part: unknown) => unknown): unknown[] {
	const own = change(value);
	const copies = own === SAME ? [] : [own];
	if (typeof value !== 'object' || value === null) return copies;
	for (const [key, part] of Object.entries(value))
		for (const changed of spoil(part, change)) {
			const copy = structuredClone(value) as Record<string, unknown>;
			copy[key] = changed;
			copies.push(copy);
		}
	return copies;
}

/** A refusal names field, reason and remedy. */
async function expectRefusal(
	response: Response,
	expected: { status?: number; field?: string | RegExp; reason?: RegExp } = {}
) {
	const text = await response.text();
	expect([400, 413, 415], text).toContain(response.status);
	const { error } = ErrorBody.parse(JSON.parse(text));
	expect(error.remedy).toMatch(/^[A-Z].*\.$/);
	expect(error.field).toMatch(expected.field ?? /./);
	expect(error.message).toMatch(expected.reason ?? /.{5,}\.$/);
	if (expected.status) expect(response.status).toBe(expected.status);
}

/** Each test of the group leaves every row as it was. */
function writesNothing() {
	let before: string;
	beforeAll(async () => {
		before = await fingerprint();
	});
	afterEach(async () => expect(await fingerprint()).toBe(before));
}

function sendTo(route: string, text: string, contentType?: string): Promise<Response> {
	const [method = '', path = ''] = route.split(' ');
	const { as, type = 'application/json' } = SAMPLES[route] as Sample;
	app.clock.advance(BETWEEN_REQUESTS_MS);
	const headers = { 'Content-Type': contentType ?? type };
	return as.request(path, { method, body: text, headers });
}

/** Of every row that anybody in this world can see; sessions note that they are in use. */
async function fingerprint(): Promise<string> {
	return app.db.team(agent.team.id, async (tx) => {
		const { rows } = await tx.executeSql(
			`select md5(query_to_xml(format('select * from %I.%I', schemaname, tablename), true, false, '')::text)
			from pg_tables where schemaname in ('public', 'pgboss') and tablename <> 'sessions'
			order by tablename`
		);
		return JSON.stringify(rows);
	});
}

// Last, since these may write.
describe.each(withBody.filter((route) => SAMPLES[route]))('%s', (route) => {
	const { body } = SAMPLES[route] as Sample;

	test('has no failure of its own for a number out of range', async () => {
		const huge = (part: unknown) => (typeof part === 'number' ? Number.MAX_SAFE_INTEGER : SAME);
		for (const value of spoil(body, huge))
			expect((await sendTo(route, JSON.stringify(value))).status).toBeLessThan(500);
	});

	test('finds nothing wrong with the form of the sample', async () => {
		const response = await sendTo(route, JSON.stringify(body));
		expect([400, 413], await response.text()).not.toContain(response.status);
	});
});
