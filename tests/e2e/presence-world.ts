import { expect } from 'vitest';
import { newId } from '#contract/ids.ts';
import type { BeatRequest, LeaveRequest } from '#contract/presence.ts';
import { readSite } from '../../api/http/site.ts';
import { createPresence, type PresenceService } from '../../api/presence/service.ts';
import { PRESENCE_SETTINGS, type PresenceSettings, scaled } from '../../api/presence/settings.ts';
import { openDb } from '../../api/store/db.ts';
import { ledgerOf } from '../../api/store/ledger.ts';
import { type TestApp, testApp } from '../support/app.ts';
import type { Tab } from '../support/cdp.ts';
import { testDatabase } from '../support/database.ts';
import { type Listening, listening } from '../support/widget.ts';

/** Ten times as fast, but for one run a night at true speed. */
const SPEED = process.env.NIGHTLY ? 1 : 10;
/** What the settings call a second. */
export const SECOND = 1_000 / SPEED;
/** For what takes as long as in life, however fast the settings are. */
export const REAL_SECOND = 1_000;
/** The longest test at true speed, and the longest at ten times that. */
export const TIME_LIMIT = { testTimeout: (process.env.NIGHTLY ? 30 : 8) * 60 * REAL_SECOND };
/** Of a busy machine; nothing that is measured here waits for it. */
const SLACK = 2 * REAL_SECOND;
export const PASSWORD = 'correct horse battery';

export interface Agent {
	email: string;
	userId: string;
	teamId: string;
}

/** The real app over the real build, with a presence whose numbers are the test's. */
export interface Bellhop {
	origin: string;
	newAgent(): Promise<Agent>;
	statusOf(agent: Agent): Promise<string | undefined>;
	/** Causes of all changes, the newest first, with their times. */
	ledger(agent: Agent): Promise<{ cause: string; at: number }[]>;
	/** What devices have sent, with the moment it came. */
	beats: (BeatRequest & { at: number })[];
	/** And their farewells. */
	farewells: (LeaveRequest & { at: number })[];
	/** No page can reach it any more. */
	cut(): Promise<void>;
	close(): Promise<void>;
}

/** At the speed of the run, but for what is `given`. */
export async function startBellhop(given: Partial<PresenceSettings> = {}): Promise<Bellhop> {
	const server: Listening = await listening();
	const origin = `http://localhost:${server.port}`;
	// Nobody came before, so nobody has to be waited for.
	const settings = { ...scaled(PRESENCE_SETTINGS, SPEED), quietMs: 0, ...given };
	const database = await testDatabase();
	const db = openDb(database.url, { max: 5 });
	const log = { info() {}, warn() {}, error() {} };
	const presence: PresenceService = createPresence({ db, now: Date.now, log, settings });
	const beats: Bellhop['beats'] = [];
	const farewells: Bellhop['farewells'] = [];
	const app: TestApp = await testApp({
		config: { publicOrigin: origin },
		deps: {
			db,
			presence: {
				...presence,
				beat(userId, request) {
					beats.push({ ...request, at: Date.now() });
					return presence.beat(userId, request);
				},
				leave(userId, request) {
					farewells.push({ ...request, at: Date.now() });
					presence.leave(userId, request);
				}
			},
			site: readSite('build')
		}
	});
	server.serve(app.app.fetch);
	presence.start();
	return {
		...{ origin, beats, farewells },
		async newAgent() {
			const email = `ana-${newId()}@example.com`;
			const names = { firstName: 'Ana', lastName: 'Duarte', teamName: 'Tideline' };
			const answer = await app.stranger().post('/api/auth/sign-up', {
				email,
				password: PASSWORD,
				...names
			});
			const { user, teams } = await answer.json();
			return { email, userId: user.id, teamId: teams[0].team.id };
		},
		statusOf: ({ teamId, userId }) =>
			db.team(teamId, async (tx) => (await presence.ofTeam(tx)).get(userId)?.status),
		ledger: ({ teamId, userId }) => db.team(teamId, (tx) => ledgerOf(tx, { userId, limit: 100 })),
		cut: () => server.close(),
		async close() {
			await presence.stop();
			await server.close().catch(() => undefined);
			await app.close();
			await db.close();
			await database.drop();
		}
	};
}

export const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Nothing happens for so long: no row beyond the one of going online, and online all the time. */
export async function staysOnline(bellhop: Bellhop, agent: Agent, ms: number): Promise<void> {
	const end = Date.now() + ms;
	while (Date.now() < end) {
		expect(await bellhop.statusOf(agent)).toBe('online');
		await wait(SECOND / 2);
	}
	expect(await bellhop.ledger(agent)).toHaveLength(1);
}

/** The last that came, for who has to find out why somebody is still online. */
const heard = ({ beats, farewells }: Bellhop): string =>
	JSON.stringify({ beats: beats.slice(-6), farewells: farewells.slice(-4) });

/** Offline by a lost heartbeat, so long after `from`, and written once. */
export async function goesOffline(
	bellhop: Bellhop,
	agent: Agent,
	{ from, atLeastMs = 0, atMostMs }: { from: number; atLeastMs?: number; atMostMs: number }
): Promise<void> {
	await expect
		.poll(() => bellhop.ledger(agent), { timeout: atMostMs + 10 * REAL_SECOND, interval: 20 })
		.toMatchObject([{ cause: 'heartbeat lost' }, { cause: 'set by you' }])
		.catch((cause) => {
			throw new Error(`not offline; from ${from} on the server heard ${heard(bellhop)}`, { cause });
		});
	const [{ at } = { at: Number.NaN }] = await bellhop.ledger(agent);
	expect(at - from).toBeLessThanOrEqual(atMostMs + SLACK);
	expect(at - from).toBeGreaterThanOrEqual(atLeastMs);
}

// What an agent does and sees in a tab that plain CDP drives.

export const says = (text: string) => `document.body.innerText.includes(${JSON.stringify(text)})`;

/** What the presence control of the header is called by screen readers and read as by eyes. */
export const header = `[...document.querySelectorAll('button')].map((b) => b.textContent.replace(/\\s+/g, ' ').trim()).find((t) => t.startsWith('You are'))`;

export const press = (name: string) => `(() => {
	const all = [...document.querySelectorAll('button, [role=menuitem], [role=menuitemradio]')];
	const found = all.find((b) => b.textContent.replace(/\\s+/g, ' ').trim().startsWith(${JSON.stringify(name)}));
	found?.click();
	return Boolean(found);
})()`;

export async function signInTab(tab: Tab, bellhop: Bellhop, agent: Agent): Promise<void> {
	await tab.until(`location.pathname === '/sign-in' && document.readyState === 'complete'`);
	await tab.evaluate(`fetch('/api/auth/sign-in', { method: 'POST',
		headers: { 'Content-Type': 'application/json' },
		body: JSON.stringify({ email: '${agent.email}', password: '${PASSWORD}' }) })
		.then(() => localStorage.setItem('bellhop-user', '${agent.userId}'))`);
	await tab.send('Page.enable');
	await tab.send('Page.navigate', { url: `${bellhop.origin}/chats` });
	await ready(tab);
}

/** The server has answered a beat, and the worker that merges them is in control. */
export async function ready(tab: Tab): Promise<void> {
	await tab.until(`navigator.serviceWorker.controller !== null`, 120 * REAL_SECOND);
	await tab.until(`/^You are (Online|Offline)/.test(${header})`, 120 * REAL_SECOND);
}

export async function goOnlineTab(tab: Tab): Promise<void> {
	await tab.evaluate(press('You are'));
	await tab.until(press('Online'));
	await tab.until(`${header} === 'You are Online'`);
}
