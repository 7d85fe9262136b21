import { createHash } from 'node:crypto';
import { generateIdFromEntropySize } from 'lucia';
import { newId } from '#contract/ids.ts';
import { type AppConfig, type AppDeps, createApp } from '../../api/app.ts';
import { hashPassword } from '../../api/domain/account/password.ts';
import { createTeam } from '../../api/domain/team/create.ts';
import { makeToken } from '../../api/domain/visitor/token.ts';
import { createJobs } from '../../api/jobs/boss.ts';
import type { Job } from '../../api/jobs/enqueue.ts';
import { createMailer } from '../../api/mail/mailer.ts';
import { createPresence } from '../../api/presence/service.ts';
import { createPush, type PushOptions } from '../../api/push/service.ts';
import { createRealtime } from '../../api/realtime/realtime.ts';
import { insertBot } from '../../api/store/bot.ts';
import { openDb, type TeamTx } from '../../api/store/db.ts';
import { insertMember, type RoleName } from '../../api/store/member.ts';
import { insertSession } from '../../api/store/session.ts';
import { insertUser } from '../../api/store/user.ts';
import { insertVisitor } from '../../api/store/visitor.ts';
import { testDatabase } from './database.ts';

export const ORIGIN = 'http://localhost:3000';
const SESSION_MS = 30 * 86_400_000;

export interface TestTeam {
	id: string;
	botId: string;
	ownerId: string;
}

export interface LogLine {
	level: 'info' | 'warn' | 'error';
	fields: Record<string, unknown>;
	message: string;
}

/** Sends as a page of the app would: same origin, JSON, from one address. */
export interface Client {
	get(path: string): Promise<Response>;
	post(path: string, body: unknown): Promise<Response>;
	put(path: string, body: unknown): Promise<Response>;
	delete(path: string, body?: unknown): Promise<Response>;
	request(path: string, init?: RequestInit): Promise<Response>;
}

export interface TestAgent extends Client {
	userId: string;
	email: string;
	/** As in the request's header: `name=value`. */
	cookie: string;
	sessionDigest: Buffer;
	team: TestTeam;
}

export interface TestVisitor extends Client {
	visitorId: string;
	/** `<team>.<visitor>.<secret>`, as the widget keeps it. */
	token: string;
	team: TestTeam;
}

export type TestApp = Awaited<ReturnType<typeof testApp>>;

/**
 * The real app over a database of its own. Nothing is shared: each helper makes its own world.
 * `close` it in afterAll.
 */
export async function testApp(
	options: {
		config?: Partial<AppConfig>;
		deps?: Partial<AppDeps>;
		/** Either given: jobs go through the real queue, and pushes or mails out through what is named here. */
		mail?: { smtpUrl?: string };
		push?: { config?: Partial<PushOptions['config']>; transport?: PushOptions['transport'] };
	} = {}
) {
	const database = await testDatabase();
	const db = openDb(database.url, { max: 5 });
	const clock = testClock();
	const log: LogLine[] = [];
	const jobs: Job[] = [];
	const presence = createPresence({ db, now: clock.now, log: logInto(log) });
	const shared = { db, now: clock.now, newId: () => newId(clock.now()), log: logInto(log) };
	const queue =
		options.push || options.mail
			? createJobs(shared)
			: {
					enqueue: async (tx: TeamTx, job: Job) => tx.afterCommit(() => jobs.push(job)),
					work: async () => {},
					start: async () => {},
					stop: async () => {}
				};
	const push = createPush({
		...shared,
		presence,
		jobs: queue,
		config: { publicOrigin: ORIGIN, secretKey: 'only for tests', ...options.push?.config },
		...(options.push?.transport && { transport: options.push.transport })
	});
	const mailer = createMailer({
		...shared,
		jobs: queue,
		config: { mailFrom: 'Bellhop <bellhop@example.com>', ...options.mail }
	});
	await queue.start();
	await mailer.start();
	await push.start();
	const deps: AppDeps = {
		...shared,
		enqueue: queue.enqueue,
		presence,
		push,
		realtime: createRealtime({ db }),
		...options.deps,
		config: {
			publicOrigin: ORIGIN,
			trustedProxies: [],
			isSignUpOpen: true,
			isDemo: false,
			...options.mail,
			...options.config
		}
	};
	const app = createApp(deps);
	const request = sender(app);
	const world = worldOf(deps, request);
	return {
		...world,
		app,
		deps,
		db,
		/** Of the database, as the run-time role. */
		url: database.url,
		clock,
		log,
		/** The jobs of committed transactions. */
		jobs,
		/** A browser in which nobody has signed in. */
		stranger: () => clientOf(request, {}),
		async close() {
			await queue.stop();
			push.close();
			mailer.close();
			await deps.realtime.close();
			await db.close();
			await database.drop();
		}
	};
}

type Send = (path: string, init: RequestInit, address: string) => Promise<Response>;

function worldOf(deps: AppDeps, request: Send) {
	const newUser = async (password?: string) => {
		const id = deps.newId();
		const email = `ann-${id}@example.com`;
		const names = { firstName: 'Ann', lastName: 'Lee' };
		// No password opens this: a real hash would cost every test 40 ms.
		const passwordHash = password === undefined ? 'none' : await hashPassword(password);
		await insertUser(deps.db.person, { id, email, ...names, passwordHash });
		return { id, email };
	};
	const newTeam = async (): Promise<TestTeam> => {
		const [id, botId, owner] = [deps.newId(), deps.newId(), await newUser()];
		await deps.db.team(id, (tx) => createTeam(tx, { name: 'Acme', ownerId: owner.id, botId }));
		return { id, botId, ownerId: owner.id };
	};
	return {
		/** A person without a team. */
		newUser,
		/** A team with an owner and a bot. */
		newTeam,
		/** One more bot in the team, or the bot of a new team. */
		async newBot(team?: TestTeam): Promise<{ id: string; team: TestTeam }> {
			if (!team) {
				const own = await newTeam();
				return { id: own.botId, team: own };
			}
			const id = deps.newId();
			await deps.db.team(team.id, (tx) => insertBot(tx, { id, name: 'Bot', greeting: 'Hi' }));
			return { id, team };
		},
		/** A new person with a session and a role in the team, or in a new team. */
		async signedInAgent(
			given: { team?: TestTeam; role?: RoleName; password?: string } = {}
		): Promise<TestAgent> {
			const team = given.team ?? (await newTeam());
			const { id: userId, email } = await newUser(given.password);
			await deps.db.team(team.id, (tx) => insertMember(tx, userId, given.role ?? 'agent'));
			const sessionId = generateIdFromEntropySize(25);
			const sessionDigest = createHash('sha256').update(sessionId).digest();
			const expiresAt = deps.now() + SESSION_MS;
			await insertSession(deps.db.person, {
				digest: sessionDigest,
				userId,
				userAgent: 'test',
				expiresAt,
				at: deps.now()
			});
			const cookie = `__Host-session=${sessionId}`;
			const client = clientOf(request, { Cookie: cookie });
			return { ...client, userId, email, cookie, sessionDigest, team };
		},
		/** A visitor of the team's first bot, or of a new team's. */
		async newVisitor(given: { team?: TestTeam } = {}): Promise<TestVisitor> {
			const team = given.team ?? (await newTeam());
			const visitorId = deps.newId();
			const { token, digest } = makeToken(team.id, visitorId);
			await deps.db.team(team.id, (tx) =>
				insertVisitor(tx, {
					id: visitorId,
					botId: team.botId,
					digest,
					browser: null,
					page: undefined,
					at: deps.now()
				})
			);
			return { ...clientOf(request, { Authorization: `Bearer ${token}` }), visitorId, token, team };
		}
	};
}

let clients = 0;

/** Each client has an address of its own, so that rate limits count them apart. */
function clientOf(request: Send, headers: Record<string, string>): Client {
	const n = clients++;
	const address = `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;
	const send = async (path: string, init: RequestInit = {}) => {
		const all = new Headers({ Origin: ORIGIN, 'Sec-Fetch-Site': 'same-origin', ...headers });
		for (const [name, value] of new Headers(init.headers)) all.set(name, value);
		const response = await request(path, { ...init, headers: all }, address);
		// As a browser would, but for a sign-in: whoever signs in a second time is somebody else.
		const [given = ''] = (response.headers.get('Set-Cookie') ?? '').split(';');
		if (headers.Cookie && /=.+/.test(given) && !path.startsWith('/api/auth/'))
			headers.Cookie = given;
		return response;
	};
	const withBody = (method: string) => (path: string, body?: unknown) =>
		send(path, {
			method,
			...(body === undefined
				? {}
				: { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } })
		});
	return {
		get: (path) => send(path),
		post: withBody('POST'),
		put: withBody('PUT'),
		delete: withBody('DELETE'),
		request: send
	};
}

const sender =
	(app: ReturnType<typeof createApp>): Send =>
	async (path, init, remoteAddress) =>
		app.request(`${ORIGIN}${path}`, init, { incoming: { socket: { remoteAddress } } });

/** Runs as real time does; `advance` moves it ahead. */
function testClock() {
	let aheadMs = 0;
	return {
		now: () => Date.now() + aheadMs,
		advance(ms: number) {
			aheadMs += ms;
		}
	};
}

function logInto(lines: LogLine[]) {
	const at = (level: LogLine['level']) => (fields: Record<string, unknown>, message: string) => {
		lines.push({ level, fields, message });
	};
	return { info: at('info'), warn: at('warn'), error: at('error') };
}
