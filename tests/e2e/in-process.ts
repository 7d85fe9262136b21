import type { Socket } from 'node:net';
import type { HttpBindings } from '@hono/node-server';
import type { BrowserContext } from 'playwright-core';
import { BeatRequest } from '#contract/presence.ts';
import { createApp } from '../../api/app.ts';
import { DEFAULT_TEAM_SETTINGS } from '../../api/domain/notification/preferences.ts';
import { readSite } from '../../api/http/site.ts';
import { findTeamSettings, saveTeamSettings } from '../../api/store/notification-team-settings.ts';
import { sql } from '../../api/store/sql.ts';
import { type TestAgent, type TestApp, testApp } from '../support/app.ts';
import { type BrowserName, type BrowserOptions, openBrowser } from '../support/browsers.ts';
import { callPerson, say } from '../support/chat.ts';
import { type PushServices, startPushServices } from '../support/push/services.ts';
import { listening } from '../support/widget.ts';
import { watch } from './problems.ts';

const PASSWORD = 'correct horse battery';

/** Slower than any test: a chat that one leaves waiting would ring by itself in the middle of another. */
export const LADDER = { ...DEFAULT_TEAM_SETTINGS, everyoneAfterS: 300, adminsAfterS: 600 };

/** What `signIn` types. */
export interface SomebodyHere extends TestAgent {
	origin: string;
	password: string;
}

/** The real app over the real build in the test's own process, where what browsers ask of it can be counted. */
export interface Bellhop {
	readonly origin: string;
	readonly app: TestApp;
	readonly services: PushServices;
	/** Streams of changes that browsers have opened, and how many of them still are. */
	readonly streams: { opened: number; open: number };
	/** In the order of their arrival. */
	readonly beats: BeatRequest[];
	/** Everything any page of an opened browser has complained about. */
	readonly problems: string[];
	/** Somebody with a team of their own, or in this one; an agent unless `role` says otherwise. */
	newAgent(given?: Parameters<TestApp['signedInAgent']>[0]): Promise<SomebodyHere>;
	/** A visitor of the team who has asked for a person and written; returns the conversation and the way to write more. */
	newCaller(
		team: TestAgent['team'],
		given: { name?: string; text: string }
	): Promise<{ conversationId: string; say(text: string): Promise<unknown> }>;
	open(name: BrowserName, options?: BrowserOptions): Promise<BrowserContext>;
	/** Serves this build from now on. */
	serveBuild(root: string): void;
	/** `false`: every connection breaks, as without a network, until it is `true` again. */
	setReachable(isReachable: boolean): void;
	/** No page can reach it any more. */
	cut(): Promise<void>;
	close(): Promise<void>;
}

/** The team's chats climb the slow `LADDER`, unless somebody has set another. */
export const ringSlowly = (app: TestApp, team: TestAgent['team']): Promise<void> =>
	app.db.team(team.id, async (tx) => {
		if (!(await findTeamSettings(tx))) await saveTeamSettings(tx, LADDER);
	});

/** `allowed`: complaints that a test brings about on purpose, such as requests to a stopped server. */
export async function startBellhop(
	allowed: readonly RegExp[] = [],
	given: {
		/** How long a push service may take to answer. */
		timeoutMs?: number | undefined;
	} = {}
): Promise<Bellhop> {
	const services = await startPushServices();
	const server = await listening();
	const origin = `http://localhost:${server.port}`;
	const app = await testApp({
		config: { publicOrigin: origin },
		deps: { site: readSite('build') },
		push: {
			config: { publicOrigin: origin, pushProxy: services.proxy.url },
			transport: {
				ca: services.certificate.ca,
				...(given.timeoutMs !== undefined && { timeoutMs: given.timeoutMs })
			}
		}
	});
	const contexts: BrowserContext[] = [];
	const problems: string[] = [];
	const { streams, beats, count } = counter();
	const line = createLine();
	const serve = (fetch: typeof app.app.fetch) =>
		server.serve(async (request, env) => {
			if (!line.passes(env as HttpBindings)) return new Response(null, { status: 503 });
			await count(request, env as HttpBindings);
			return fetch(request, env);
		});
	serve(app.app.fetch);
	return {
		...{ origin, app, services, streams, beats, problems },
		async newAgent(given = {}) {
			const agent = await app.signedInAgent({ password: PASSWORD, ...given });
			return { ...agent, origin, password: PASSWORD };
		},
		async newCaller(team, { name, text }) {
			const visitor = await app.newVisitor({ team });
			const conversationId = app.deps.newId();
			if (name !== undefined)
				await app.db.team(team.id, (tx) =>
					tx.run(sql`update visitors set name = ${name} where id = ${visitor.visitorId}`)
				);
			await ringSlowly(app, team);
			await callPerson(visitor, conversationId);
			await say(visitor, conversationId, text);
			return { conversationId, say: (more) => say(visitor, conversationId, more) };
		},
		async open(name, options = {}) {
			const allow = [...(options.allow ?? []), origin];
			const context = await openBrowser(name, { services, ...options, allow });
			contexts.push(context);
			watch(context, problems, allowed);
			return context;
		},
		serveBuild: (root) => serve(createApp({ ...app.deps, site: readSite(root) }).fetch),
		setReachable: line.setReachable,
		cut: () => server.close(),
		async close() {
			for (const context of contexts) await context.close();
			await server.close().catch(() => undefined);
			await app.close();
			services.close();
		}
	};
}

/** The way to the app, which can be cut and mended. */
function createLine() {
	const sockets = new Set<Socket>();
	let isReachable = true;
	return {
		passes({ incoming: { socket } }: HttpBindings): boolean {
			if (!sockets.has(socket)) socket.once('close', () => sockets.delete(socket));
			sockets.add(socket);
			if (!isReachable) socket.destroy();
			return isReachable;
		},
		setReachable(next: boolean) {
			isReachable = next;
			if (!isReachable) for (const socket of sockets) socket.destroy();
		}
	};
}

/** Sees every request before the app does. */
function counter() {
	const streams = { opened: 0, open: 0 };
	const beats: BeatRequest[] = [];
	const count = async (request: Request, { outgoing }: HttpBindings) => {
		const { pathname } = new URL(request.url);
		if (pathname === '/api/presence/beat')
			beats.push(BeatRequest.parse(await request.clone().json()));
		if (pathname !== '/api/stream') return;
		streams.opened += 1;
		streams.open += 1;
		// Whichever side ends it.
		outgoing.once('close', () => {
			streams.open -= 1;
		});
	};
	return { streams, beats, count };
}
