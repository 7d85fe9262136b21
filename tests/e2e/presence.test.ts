import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '#contract/ids.ts';
import { readSite } from '../../api/http/site.ts';
import { createPresence, type PresenceService } from '../../api/presence/service.ts';
import { PRESENCE_SETTINGS, type PresenceSettings, scaled } from '../../api/presence/settings.ts';
import { openDb } from '../../api/store/db.ts';
import { ledgerOf } from '../../api/store/ledger.ts';
import { type TestApp, testApp } from '../support/app.ts';
import { openBrowser } from '../support/browsers.ts';
import { type PlainChromium, plainChromium, type Tab } from '../support/cdp.ts';
import { testDatabase } from '../support/database.ts';
import { type Listening, listening } from '../support/widget.ts';
import { goOnline, presencePill, signIn } from './agent.ts';

/** Ten times as fast, but for one run a night at true speed. */
const SPEED = process.env.NIGHTLY ? 1 : 10;
const SECOND = 1_000 / SPEED;
/** Of a busy machine; nothing that is measured here waits for it. */
const SLACK = 500;
const PASSWORD = 'correct horse battery';

interface Agent {
	email: string;
	userId: string;
	teamId: string;
}

/** The real app over the real build, with a presence whose clock is the test's. */
interface Bellhop {
	origin: string;
	newAgent(): Promise<Agent>;
	statusOf(agent: Agent): Promise<string | undefined>;
	/** Causes of all changes, the newest first, with their times. */
	ledger(agent: Agent): Promise<{ cause: string; at: number }[]>;
	/** No page can reach it any more. */
	cut(): Promise<void>;
	close(): Promise<void>;
}

async function startBellhop(given: Partial<PresenceSettings> = {}): Promise<Bellhop> {
	const server: Listening = await listening();
	const origin = `http://localhost:${server.port}`;
	// Nobody came before, so nobody has to be waited for.
	const settings = { ...scaled(PRESENCE_SETTINGS, SPEED), quietMs: 0, ...given };
	const database = await testDatabase();
	const db = openDb(database.url, { max: 5 });
	const log = { info() {}, warn() {}, error() {} };
	const presence: PresenceService = createPresence({ db, now: Date.now, log, settings });
	const app: TestApp = await testApp({
		config: { publicOrigin: origin },
		deps: { db, presence, site: readSite('build') }
	});
	server.serve(app.app.fetch);
	presence.start();
	return {
		origin,
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

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Nothing happens for so long: no row beyond the one of going online, and online all the time. */
async function staysOnline(bellhop: Bellhop, agent: Agent, ms: number): Promise<void> {
	const end = Date.now() + ms;
	while (Date.now() < end) {
		expect(await bellhop.statusOf(agent)).toBe('online');
		await wait(50);
	}
	expect(await bellhop.ledger(agent)).toHaveLength(1);
}

/** Offline by a lost heartbeat, at most so long after `from`, and written once. */
async function goesOffline(bellhop: Bellhop, agent: Agent, from: number, atMostMs: number) {
	await expect
		.poll(() => bellhop.ledger(agent), { timeout: atMostMs + 10_000, interval: 20 })
		.toMatchObject([{ cause: 'heartbeat lost' }, { cause: 'set by you' }]);
	const [{ at } = { at: Number.NaN }] = await bellhop.ledger(agent);
	expect(at - from).toBeLessThanOrEqual(atMostMs + SLACK);
}

let bellhop: Bellhop;
let agent: Agent;
beforeAll(async () => {
	bellhop = await startBellhop();
});
/** A page loads no faster than ever, so around a reload a farewell leaves what it leaves in life. */
const REAL_FAREWELL = { leaveMs: PRESENCE_SETTINGS.leaveMs };

/** In a Bellhop of its own. */
async function within(given: Partial<PresenceSettings>, work: () => Promise<void>): Promise<void> {
	const outer = { bellhop, agent };
	bellhop = await startBellhop(given);
	try {
		agent = await bellhop.newAgent();
		await work();
	} finally {
		await bellhop.close();
		({ bellhop, agent } = outer);
	}
}
afterAll(() => bellhop.close());
beforeEach(async () => {
	agent = await bellhop.newAgent();
});

const says = (text: string) => `document.body.innerText.includes(${JSON.stringify(text)})`;
/** What the presence control of the header is called by screen readers and read as by eyes. */
const header = `[...document.querySelectorAll('button')].map((b) => b.textContent.replace(/\\s+/g, ' ').trim()).find((t) => t.startsWith('You are'))`;
const press = (name: string) => `(() => {
	const all = [...document.querySelectorAll('button, [role=menuitem], [role=menuitemradio]')];
	const found = all.find((b) => b.textContent.replace(/\\s+/g, ' ').trim().startsWith(${JSON.stringify(name)}));
	found?.click();
	return Boolean(found);
})()`;

async function signInTab(tab: Tab): Promise<void> {
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
async function ready(tab: Tab): Promise<void> {
	await tab.until(`navigator.serviceWorker.controller !== null`);
	await tab.until(`/^You are (Online|Offline)/.test(${header})`);
}

async function goOnlineTab(tab: Tab): Promise<void> {
	await tab.evaluate(press('You are'));
	await tab.until(press('Online'));
	await tab.until(`${header} === 'You are Online'`);
}

describe('in Chromium', () => {
	let chromium: PlainChromium;
	beforeEach(async () => {
		chromium = await plainChromium();
	});
	afterEach(() => chromium.close());

	async function online(): Promise<Tab> {
		const tab = await chromium.open(`${bellhop.origin}/sign-in`);
		await signInTab(tab);
		await goOnlineTab(tab);
		return tab;
	}
	const another = async (): Promise<Tab> => {
		const tab = await chromium.open(`${bellhop.origin}/chats`);
		await ready(tab);
		return tab;
	};
	const hide = () => chromium.open('about:blank');

	test('the last tab closed: offline within 15 s', async () => {
		const tab = await online();
		const from = Date.now();
		await tab.close();
		await goesOffline(bellhop, agent, from, 15 * SECOND);
	});

	test('a visible tab crashed: offline within 90 s', async () => {
		const tab = await online();
		const from = Date.now();
		void tab.send('Page.crash').catch(() => undefined);
		await goesOffline(bellhop, agent, from, 90 * SECOND);
	});

	test('a hidden tab stays online, and is offline within 215 s of its crash', async () => {
		const tab = await online();
		await hide();
		await tab.until(`document.visibilityState === 'hidden'`);
		await staysOnline(bellhop, agent, 250 * SECOND);
		const from = Date.now();
		void tab.send('Page.crash').catch(() => undefined);
		await goesOffline(bellhop, agent, from, 215 * SECOND);
	});

	test('one of two tabs closed: nothing', async () => {
		const first = await online();
		const second = await another();
		await second.close();
		await staysOnline(bellhop, agent, 30 * SECOND);
		const third = await another();
		await first.close();
		await staysOnline(bellhop, agent, 100 * SECOND);
		await third.close();
	});

	test('a reload: no change at all', () =>
		within(REAL_FAREWELL, async () => {
			const tab = await online();
			await tab.send('Page.reload');
			await staysOnline(bellhop, agent, 30 * SECOND);
			await ready(tab);
			await staysOnline(bellhop, agent, 100 * SECOND);
		}));

	test('a frozen page: offline after its lease, and the banner when it resumes', async () => {
		const tab = await online();
		const from = Date.now();
		await tab.send('Page.setWebLifecycleState', { state: 'frozen' });
		await goesOffline(bellhop, agent, from, 215 * SECOND);
		await tab.send('Page.setWebLifecycleState', { state: 'active' });
		await tab.activate();
		await tab.until(says('You went offline at'));
		await tab.until(`${header} === 'You are Offline'`);
		await tab.until(press('Go online'));
		await tab.until(`${header} === 'You are Online'`);
		await tab.until(`!${says('You went offline at')}`);
	});

	test('two devices, one closed: nothing', async () => {
		await online();
		const phone = await chromium.open(`${bellhop.origin}/sign-in`, await chromium.newProfile());
		await signInTab(phone);
		await phone.until(`${header} === 'You are Online'`);
		await phone.close();
		await staysOnline(bellhop, agent, 100 * SECOND);
	});

	test('a cut connection: colleagues see it within one lease, and the own header never says Online', () =>
		within({}, async () => {
			const tab = await online();
			const from = Date.now();
			await bellhop.cut();
			await tab.until(`${header} === 'You are Not connected'`, 90 * SECOND + SLACK);
			await goesOffline(bellhop, agent, from, 80 * SECOND);
			expect(await tab.evaluate(header)).toBe('You are Not connected');
		}));
});

describe('in Firefox', () => {
	test('a hidden page and a closed one of two change nothing; the last closed is offline', async () => {
		const context = await openBrowser('firefox');
		try {
			const opener = await context.newPage();
			await signIn(opener, { ...bellhop, email: agent.email, password: PASSWORD });
			await opener.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
			await goOnline(opener);
			const opening = context.waitForEvent('page');
			await opener.evaluate(() => void window.open('/chats'));
			const front = await opening;
			await presencePill(front).waitFor();
			expect(await opener.evaluate(() => document.visibilityState)).toBe('hidden');
			await staysOnline(bellhop, agent, 50 * SECOND);
			await front.close();
			await staysOnline(bellhop, agent, 50 * SECOND);
			const from = Date.now();
			await opener.close();
			await goesOffline(bellhop, agent, from, 15 * SECOND);
		} finally {
			await context.close();
		}
	});

	test('a reload: no change at all', () =>
		within(REAL_FAREWELL, async () => {
			const context = await openBrowser('firefox');
			try {
				const app = await context.newPage();
				await signIn(app, { ...bellhop, email: agent.email, password: PASSWORD });
				await goOnline(app);
				await app.reload();
				await staysOnline(bellhop, agent, 100 * SECOND);
			} finally {
				await context.close();
			}
		}));
});
