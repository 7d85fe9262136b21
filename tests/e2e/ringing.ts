import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterEach, expect } from 'vitest';
import { newId } from '#contract/ids.ts';
import type { WhyResponse } from '#contract/notifications.ts';
import { sql } from '../../api/store/sql.ts';
import type { TestVisitor } from '../support/app.ts';
import type { BrowserName } from '../support/browsers.ts';
import { callPerson, say } from '../support/chat.ts';
import { type Desktop, startDesktop } from '../support/desktop.ts';
import { type LedgerLine, ledger } from '../support/push/device.ts';
import { enableNotifications, signIn } from './agent.ts';
import { type Bellhop, LADDER, ringSlowly, type SomebodyHere, startBellhop } from './in-process.ts';
import { PHONE } from './world.ts';

/** Of a busy machine; what is measured does not wait for it. */
export const PATIENCE = { timeout: 60_000, interval: 100 };

/** A visitor's chat. */
export interface Caller {
	visitor: TestVisitor;
	conversationId: string;
	say(text: string): Promise<string>;
}

export interface Ringing {
	bellhop: Bellhop;
	desktop: Desktop;
	/** Mozilla's service or Google's, whichever the browser uses. */
	service: Bellhop['services']['mozilla'] | Bellhop['services']['google'];
	/** A browser that rings for the agent, with the app open in it. */
	agentWith(given?: {
		agent?: SomebodyHere;
		context?: BrowserContextOptions;
		profile?: string;
	}): Promise<{ agent: SomebodyHere; browser: BrowserContext; page: Page }>;
	/** A visitor writes, then asks for a person: one event. */
	call(agent: SomebodyHere, text: string): Promise<Caller>;
	/** The ladder's last step: nobody has answered. */
	ringAgain(agent: SomebodyHere, conversationId: string): Promise<void>;
	/** Notifications that stand on the desktop with this text. */
	standing(text: string): { summary: string }[];
	/** Resolves when one with this text stands alone: a browser tells the server so before it has told its desktop. */
	stands(text: string): Promise<void>;
	/** How often something with this text was put up on the desktop, anew or in place. */
	told(text: string): number;
	/** What the ledger says about devices, in order. */
	linesOf(agent: SomebodyHere): Promise<LedgerLine[]>;
	/** Resolves when the ledger's lines about devices stand so. */
	settled(agent: SomebodyHere, lines: Partial<LedgerLine>[]): Promise<void>;
	/** Why it rang or not, as the agent reads it, without names and times. */
	why(agent: SomebodyHere, conversationId: string): Promise<string[]>;
	/** The registration of the agent's one device, at its push service. */
	registrationOf(agent: SomebodyHere): Promise<NonNullable<ReturnType<Ringing['service']['find']>>>;
	endpointOf(agent: SomebodyHere): Promise<string | undefined>;
	conversation(
		agent: SomebodyHere,
		id: string
	): Promise<{ state: string; assigneeId: string | null }>;
	close(): Promise<void>;
}

/** A Bellhop whose pushes reach real browsers, which show them on one desktop. */
export async function startRinging(
	name: BrowserName,
	given: { allowed?: readonly RegExp[]; timeoutMs?: number } = {}
): Promise<Ringing> {
	const bellhop = await startBellhop(given.allowed, { timeoutMs: given.timeoutMs });
	const desktop = await startDesktop();
	const { app, services } = bellhop;
	const service = name === 'chromium' ? services.google : services.mozilla;
	const ringing: Ringing = {
		bellhop,
		desktop,
		service,
		async agentWith({ agent, context = PHONE, profile } = {}) {
			const who = agent ?? (await bellhop.newAgent());
			const browser = await bellhop.open(name, { context, desktop, profile });
			const page = await browser.newPage();
			await signIn(page, who);
			await enableNotifications(page);
			return { agent: who, browser, page };
		},
		async call({ team }, text) {
			await ringSlowly(app, team);
			const visitor = await app.newVisitor({ team });
			const conversationId = newId();
			await say(visitor, conversationId, text);
			await callPerson(visitor, conversationId);
			return { visitor, conversationId, say: (more) => say(visitor, conversationId, more) };
		},
		async ringAgain({ team }, conversationId) {
			const { id: ladderId } = await app.db.team(team.id, (tx) =>
				tx.one<{ id: string }>(sql`select id from ladders
					where team_id = ${team.id} and conversation_id = ${conversationId}`)
			);
			app.clock.advance(LADDER.adminsAfterS * 1_000);
			await app.deps.push.climb({ teamId: team.id, ladderId });
		},
		standing: (text) => [...desktop.shown.values()].filter(({ body }) => body.includes(text)),
		stands: (text) => expect.poll(() => ringing.standing(text), PATIENCE).toHaveLength(1),
		told: (text) => desktop.history.filter(({ body }) => body.includes(text)).length,
		linesOf: async ({ team }) => (await ledger(app, team)).filter(({ deviceId }) => deviceId),
		settled: (agent, lines) =>
			expect.poll(() => ringing.linesOf(agent), PATIENCE).toMatchObject(lines),
		async why(agent, conversationId) {
			const query = new URLSearchParams({ team: agent.team.id, conversation: conversationId });
			const answer = await agent.get(`/api/notifications/why?${query}`);
			const { rows } = (await answer.json()) as WhyResponse;
			return rows
				.filter(({ deviceId }) => deviceId)
				.map(({ text }) =>
					text
						.replace(/^[^:]+: /, '')
						.replace(/\d+\.\d s after it was sent/, 'N s after it was sent')
				);
		},
		async endpointOf({ userId }) {
			const row = await app.db.person.maybe<{ endpoint: string }>(sql`
				select endpoint from push_subscriptions where user_id = ${userId} and state = 'live'`);
			return row?.endpoint;
		},
		async registrationOf(agent) {
			const registration = service.find((await ringing.endpointOf(agent)) ?? '');
			if (!registration) throw new Error('not registered');
			return registration;
		},
		conversation: ({ team }, id) =>
			app.db.team(team.id, (tx) =>
				tx.one(sql`select state, assignee_id as "assigneeId" from conversations
					where team_id = ${team.id} and id = ${id}`)
			),
		async close() {
			await bellhop.close();
			await desktop.close();
		}
	};
	return ringing;
}

/** The app's own windows in a browser. */
export const windowsOf = (browser: BrowserContext, { bellhop }: Ringing): string[] =>
	browser
		.pages()
		.map((page) => page.url())
		.filter((url) => url.startsWith(bellhop.origin))
		.map((url) => new URL(url).pathname);

/** What is added to it is closed after each test, the last first: a browser ends with the desktop that it is on. Then `check`. */
export function closedAfterEach(check: () => void): Set<{ close(): Promise<unknown> }> {
	const open = new Set<{ close(): Promise<unknown> }>();
	afterEach(async () => {
		for (const one of [...open].reverse()) await one.close();
		open.clear();
		check();
	});
	return open;
}
