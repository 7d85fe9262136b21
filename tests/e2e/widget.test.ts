import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { newId } from '#contract/ids.ts';
import type { MutationCall } from '#contract/mutations.ts';
import { PROTOCOL_VERSION } from '#contract/protocol.ts';
import { demoSite } from '../../api/http/demo-site.ts';
import { readSite } from '../../api/http/site.ts';
import { PRESENCE_SETTINGS } from '../../api/presence/settings.ts';
import { sql } from '../../api/store/sql.ts';
import { type TestAgent, type TestApp, testApp } from '../support/app.ts';
import { type Listening, listening, widgetBuild } from '../support/widget.ts';
import { watch } from './problems.ts';
import { askForPerson, openChat } from './visitor.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
// Chromium asks for this of itself where a page names no icon.
const ALLOWED = [/favicon\.ico/];

let browser: Browser;
let bellhop: Listening;
let app: TestApp;
let origin: string;
let build: Awaited<ReturnType<typeof widgetBuild>>;

beforeAll(async () => {
	build = await widgetBuild();
	bellhop = await listening();
	origin = `http://localhost:${bellhop.port}`;
	app = await testApp({ config: { publicOrigin: origin }, deps: { site: readSite(build.root) } });
	// Past the time after a start in which nobody can be called online.
	app.clock.advance(PRESENCE_SETTINGS.quietMs + 1000);
	bellhop.serve(app.app.fetch);
	browser = await chromium.launch({
		executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
		// A name that is no loopback's, so that the website is no secure context.
		args: ['--no-sandbox', '--host-resolver-rules=MAP *.example 127.0.0.1']
	});
});
afterAll(async () => {
	await browser.close();
	await app.close();
	await bellhop.close();
	build.remove();
});

let contexts: BrowserContext[] = [];
afterEach(async () => {
	for (const context of contexts) await context.close();
	contexts = [];
});

/** A website of the test's own. */
async function website(html: (siteOrigin: string) => string): Promise<string> {
	const site = await listening();
	onTestFinished(() => site.close());
	const siteOrigin = `http://shop.example:${site.port}`;
	const headers = { 'Content-Type': 'text/html' };
	site.serve(() => new Response(html(siteOrigin), { headers }));
	return siteOrigin;
}

/** A team with an agent, and its shop on a foreign origin that its bot allows. */
async function shop(): Promise<{ agent: TestAgent; siteOrigin: string }> {
	const agent = await app.signedInAgent();
	const { id: teamId, botId } = agent.team;
	const site = await listening();
	onTestFinished(() => site.close());
	const siteOrigin = `http://shop.example:${site.port}`;
	site.serve(demoSite({ publicOrigin: origin, botId }).fetch);
	await app.db.team(teamId, async (tx) => {
		await tx.run(sql`update teams set brand_name = 'Tideline Kayaks' where id = ${teamId}`);
		await tx.run(sql`
			update bots set allowed_origins = array[${siteOrigin}], quick_questions = ${JSON.stringify([
				{ question: 'Rental prices', answer: '40 euros a day.' }
			])}::jsonb where id = ${botId}`);
	});
	return { agent, siteOrigin };
}

async function visitor(options: Parameters<Browser['newContext']>[0] = {}) {
	const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
	contexts.push(context);
	const problems: string[] = [];
	watch(context, problems, ALLOWED);
	// Below the test's own limit, so that a failure names the step.
	context.setDefaultTimeout(60_000);
	return { page: await context.newPage(), problems };
}

const launcher = (page: Page) => page.getByRole('button', { name: /^(Open|Close) chat/ });
const frameOf = (page: Page) => page.frameLocator('iframe[title=Chat]');
const field = (page: Page) => frameOf(page).getByRole('textbox', { name: /^(Write|Add)/ });

/** For who has to find out why something did not come. */
const shown = async (page: Page): Promise<string> =>
	(await Promise.all(page.frames().map((frame) => frame.locator('body').ariaSnapshot()))).join(
		'\n--\n'
	);

async function write(page: Page, text: string): Promise<void> {
	await field(page).fill(text);
	await field(page).press('Enter');
}

async function conversationOf(agent: TestAgent): Promise<string> {
	const { id } = await app.db.team(agent.team.id, (tx) =>
		tx.one<{ id: string }>(sql`select id from conversations where team_id = ${agent.team.id}`)
	);
	return id;
}

const devices = new WeakMap<TestAgent, { id: string; n: number }>();

async function act(agent: TestAgent, call: MutationCall): Promise<void> {
	const device = devices.get(agent) ?? { id: newId(), n: 0 };
	device.n += 1;
	devices.set(agent, device);
	const answer = await agent.post('/api/mutations', {
		protocol: PROTOCOL_VERSION,
		userId: agent.userId,
		teamId: agent.team.id,
		deviceId: device.id,
		mutations: [{ id: newId(), n: device.n, call, waitedMs: 0 }]
	});
	const { results } = await answer.json();
	expect(results).toMatchObject([{ outcome: 'applied' }]);
}

/** On a device that the agent looks at, which beats when it is told to. */
async function goOnline(agent: TestAgent): Promise<{ beat(): Promise<void> }> {
	const page = { id: newId(), visibility: 'visible', isFocused: true, idleMs: 0 };
	const deviceId = newId();
	const intent = { teamId: agent.team.id, deviceId, page, status: 'online' };
	expect((await agent.put('/api/presence/intent', intent)).status).toBe(200);
	return {
		async beat() {
			await agent.post('/api/presence/beat', { deviceId, pages: [page] });
			await app.deps.presence.round();
		}
	};
}

const reply = (agent: TestAgent, conversationId: string, body: string) =>
	act(agent, {
		name: 'reply',
		args: { conversationId, messageId: newId(), body, baseSeq: 1_000_000 }
	});

describe('a conversation on another website', () => {
	test('runs in both directions, under the agent’s name', async () => {
		const { agent, siteOrigin } = await shop();
		const { page, problems } = await visitor();
		await page.goto(siteOrigin);
		await launcher(page).click();
		const frame = frameOf(page);
		await frame.getByText('Hello! How can we help?').waitFor();
		const inner = page.frames().find((one) => one.url().startsWith(`${origin}/frame/`));
		expect(await inner?.evaluate(() => isSecureContext)).toBe(false);

		await frame.getByRole('button', { name: 'Rental prices' }).click();
		await frame.getByText('40 euros a day.').waitFor();
		await frame.getByRole('button', { name: /Talk to a person/ }).click();
		await frame.getByText(/Ringing the team|Nobody could answer/).waitFor();
		expect(await frame.getByRole('button', { name: /Talk to a person/ }).count()).toBe(0);
		await write(page, 'Is the sea green one in stock?');
		const conversationId = await conversationOf(agent);
		await reply(agent, conversationId, 'It is, Lena.');
		await frame.getByText('It is, Lena.').waitFor();
		await frame.getByText('Ann joined').waitFor();
		await frame.getByRole('heading', { name: 'Ann Lee' }).waitFor();
		await act(agent, { name: 'resolve', args: { conversationId } });
		await frame.getByText('Ann closed this chat. Write again to reopen it.').waitFor();
		expect(await frame.getByText('Is the sea green one in stock?').count()).toBe(1);
		expect(problems).toEqual([]);
	});

	test('says that nobody is there, and takes an address that the agents read', async () => {
		const { agent, siteOrigin } = await shop();
		const { page, problems } = await visitor();
		const frame = await openChat(page, siteOrigin);
		await askForPerson(frame);
		await frame.getByText('Nobody could answer just now.').waitFor();
		expect(await frame.getByText('Ringing the team').count()).toBe(0);
		const address = frame.getByLabel('Get the answer by email too');
		await address.fill('kai@example.com');
		await address.press('Enter');
		await frame.getByText('The answer also goes to kai@example.com.').waitFor();
		// Never a gate.
		await write(page, 'Is the sea green one in stock?');
		await frame.getByText('Is the sea green one in stock?').waitFor();
		const answer = await agent.get(`/api/sync?team=${agent.team.id}`);
		const { conversations } = await answer.json();
		expect(conversations).toMatchObject([{ visitor: { email: 'kai@example.com' } }]);
		expect(problems).toEqual([]);
	});

	test('says so too where somebody is online, once nobody has answered the last ring', async () => {
		const { agent, siteOrigin } = await shop();
		const online = await goOnline(agent);
		const { page, problems } = await visitor();
		const frame = await openChat(page, siteOrigin);
		await askForPerson(frame);
		await frame.getByText('Ringing the team').waitFor();
		const { id: ladderId } = await app.db.team(agent.team.id, (tx) =>
			tx.one<{ id: string }>(sql`select id from ladders where team_id = ${agent.team.id}`)
		);
		for (const ms of [30_000, 90_000]) {
			expect(await frame.getByText('Nobody could answer just now.').count()).toBe(0);
			app.clock.advance(ms);
			await online.beat();
			await app.deps.push.climb({ teamId: agent.team.id, ladderId });
		}
		await frame.getByText('Nobody could answer just now.').waitFor();
		await frame.getByLabel('Get the answer by email too').waitFor();
		await frame
			.getByText(/Ann.* online/)
			.first()
			.waitFor();
		expect(await frame.getByText('Ringing the team').count()).toBe(0);
		expect(problems).toEqual([]);
	});

	test('goes on after the visitor has gone to another page', async () => {
		const { agent, siteOrigin } = await shop();
		const { page, problems } = await visitor();
		await page.goto(siteOrigin);
		await launcher(page).click();
		await write(page, 'Do you rent?');
		await frameOf(page).getByText('Do you rent?').waitFor();
		await page.getByRole('link', { name: 'Rental' }).click();
		await page.waitForURL('**/rental');
		await frameOf(page).getByText('Do you rent?').waitFor();
		await frameOf(page)
			.getByRole('button', { name: /Talk to a person/ })
			.click();
		await expect.poll(() => conversationOf(agent)).toBeTruthy();
		await reply(agent, await conversationOf(agent), 'We do.');
		await frameOf(page).getByText('We do.').waitFor();
		expect(problems).toEqual([]);
	});

	test('keeps what could not be sent over a reload, and then sends it once', async () => {
		const { agent, siteOrigin } = await shop();
		const { page } = await visitor();
		const posts = '**/api/widget/messages';
		await page.route(posts, (route) => route.abort());
		await page.goto(siteOrigin);
		await launcher(page).click();
		await write(page, 'Are you there?');
		await frameOf(page).getByText('Not sent yet · goes out by itself').waitFor();
		await page.reload();
		await frameOf(page)
			.getByText('Not sent yet · goes out by itself')
			.waitFor()
			.catch(async (cause) => {
				throw new Error(`it does not say so; the page shows ${await shown(page)}`, { cause });
			});
		await page.unroute(posts);
		await frameOf(page).getByText('Not sent yet').waitFor({ state: 'detached' });
		expect(await frameOf(page).getByText('Are you there?').count()).toBe(1);
		const { count } = await app.db.team(agent.team.id, (tx) =>
			tx.one<{ count: number }>(sql`
				select count(*) from messages
				where team_id = ${agent.team.id} and body = 'Are you there?'`)
		);
		expect(count).toBe(1);
	});

	test('goes on by itself where the server did not answer at first', async () => {
		const { siteOrigin } = await shop();
		const { page } = await visitor();
		const questions = '**/api/widget/availability**';
		await page.clock.install();
		await page.goto(siteOrigin);
		await launcher(page).click();
		await write(page, 'Are you there?');
		await frameOf(page).getByText('Are you there?').waitFor();
		await page.route(questions, (route) => route.abort());
		const failed = page.waitForEvent('requestfailed', (request) =>
			request.url().includes('/availability')
		);
		await page.reload();
		await failed;
		await page.unroute(questions);
		// The launcher asks again after a minute.
		await page.clock.runFor(61_000);
		await frameOf(page).getByText('Are you there?').waitFor();
	});
});

describe('the green dot', () => {
	test('goes out when its time is over and the server does not answer any more', async () => {
		const { agent, siteOrigin } = await shop();
		await agent.put('/api/presence/intent', {
			teamId: agent.team.id,
			status: 'online',
			deviceId: newId(),
			page: { id: newId(), visibility: 'visible', isFocused: true, idleMs: 0 }
		});
		const { page } = await visitor();
		await page.clock.install();
		await page.goto(siteOrigin);
		await page.clock.runFor(5000);
		await page.getByRole('button', { name: 'Open chat. People are online' }).waitFor();
		await page.route('**/api/widget/availability**', (route) => route.abort());
		await page.clock.runFor(50_000);
		expect(await launcher(page).getAttribute('aria-label')).toContain('online');
		await page.clock.runFor(15_000);
		expect(await launcher(page).getAttribute('aria-label')).toBe('Open chat');
	});
});

describe('the keyboard', () => {
	test('opens, writes, closes and finds itself back on the launcher', async () => {
		const { siteOrigin } = await shop();
		const { page } = await visitor();
		await page.goto(siteOrigin);
		await launcher(page).focus();
		await page.keyboard.press('Enter');
		await expect.poll(() => field(page).evaluate((e) => e === document.activeElement)).toBe(true);
		await page.keyboard.type('Hello');
		await page.keyboard.press('Enter');
		await frameOf(page).getByRole('log').getByText('You: Hello').waitFor();
		await page.keyboard.press('Escape');
		await page.getByRole('button', { name: 'Open chat' }).waitFor();
		expect(
			await launcher(page).evaluate((e) => (e.getRootNode() as ShadowRoot).activeElement === e)
		).toBe(true);
	});
});

/** A page that would notice: a button to press, and every shift of its layout. */
const hostPage = (
	script: string
) => `<!doctype html><title>Shop</title><link rel="icon" href="data:,">
<script>
	shifts = 0;
	new PerformanceObserver((list) => { shifts += list.getEntries().length; })
		.observe({ type: 'layout-shift', buffered: true });
</script>
${script}<h1>Shop</h1><button onclick="this.textContent='Bought'" style="position:fixed;left:30px;bottom:30px">Buy</button>`;
const twoLines = (scriptOrigin: string, botId: string) =>
	`<script async src="${scriptOrigin}/widget.js" data-bot="${botId}"></script>`;

const traces = (page: Page) =>
	page.evaluate(() => ({
		shifts: (globalThis as unknown as { shifts: number }).shifts,
		elements: document.querySelectorAll('bellhop-widget, iframe').length
	}));

describe('the host page', () => {
	test('is not touched by a server that is down', async () => {
		const gone = await listening();
		await gone.close();
		const site = await website(() => hostPage(twoLines(`http://localhost:${gone.port}`, newId())));
		const { page } = await visitor();
		const thrown: Error[] = [];
		page.on('pageerror', (error) => thrown.push(error));
		await page.goto(site);
		await page.getByRole('button', { name: 'Buy' }).click();
		await page.getByRole('button', { name: 'Bought' }).waitFor();
		expect(await traces(page)).toEqual({ shifts: 0, elements: 0 });
		expect(thrown).toEqual([]);
	});

	test('is not touched by a server that goes down after the loader has come', async () => {
		const { agent } = await shop();
		const site = await website(() => hostPage(twoLines(origin, agent.team.botId)));
		const { page } = await visitor();
		const thrown: Error[] = [];
		page.on('pageerror', (error) => thrown.push(error));
		await page.route('**/api/widget/availability**', (route) => route.abort());
		const asked = page.waitForEvent('requestfailed');
		await page.goto(site);
		await asked;
		await page.getByRole('button', { name: 'Buy' }).click();
		await page.getByRole('button', { name: 'Bought' }).waitFor();
		expect(await traces(page)).toEqual({ shifts: 0, elements: 0 });
		expect(thrown).toEqual([]);
	});

	test('keeps its launcher, and nothing else, while the frame does not come', async () => {
		const { siteOrigin } = await shop();
		const { page } = await visitor();
		await page.clock.install();
		await page.route('**/frame/**', () => undefined);
		await page.goto(siteOrigin);
		await page.clock.runFor(5000);
		await launcher(page).click();
		await expect.poll(() => launcher(page).getAttribute('aria-busy')).toBe('true');
		expect(await page.locator('iframe').isVisible()).toBe(false);
		await page.getByRole('link', { name: 'Rental' }).hover();
		await page.clock.runFor(15_000);
		await expect.poll(() => launcher(page).getAttribute('aria-busy')).toBe('false');
		expect(await page.locator('iframe').count()).toBe(0);
	});

	test('is not shifted when the launcher and the window appear', async () => {
		const { agent } = await shop();
		const { botId, id: teamId } = agent.team;
		const site = await website(() => hostPage(twoLines(origin, botId)));
		await app.db.team(teamId, (tx) =>
			tx.run(sql`update bots set allowed_origins = array[${site}] where id = ${botId}`)
		);
		const { page, problems } = await visitor();
		await page.goto(site);
		await launcher(page).click();
		await frameOf(page).getByText('Hello! How can we help?').waitFor();
		expect(await traces(page)).toMatchObject({ shifts: 0, elements: 1 });
		expect(await page.evaluate(() => Object.keys(window.Bellhop ?? {}))).toEqual(['open', 'close']);
		expect(problems).toEqual([]);
	});
});

describe('a website that the bot does not allow', () => {
	test('cannot show the frame', async () => {
		const { agent } = await shop();
		const source = `${origin}/frame/${agent.team.botId}`;
		const stranger = await website(() => `<iframe src="${source}"></iframe>`);
		const { page } = await visitor();
		const refused = page.waitForEvent('console', (message) =>
			message.text().includes('frame-ancestors')
		);
		await page.goto(stranger);
		expect((await refused).text()).toContain('Content Security Policy');
		expect(page.frames().some((frame) => frame.url().startsWith(source))).toBe(false);
	});

	test('nor can anybody show the frame of a bot that there is not', async () => {
		const { page } = await visitor();
		const answer = await page.goto(`${origin}/frame/${newId()}`);
		expect(answer?.status()).toBe(404);
		expect((await page.goto(`${origin}/widget/frame.html`))?.status()).toBe(404);
	});
});

describe.each(['light', 'dark'] as const)('in the %s theme', (colorScheme) => {
	test.each([
		{ width: 390, height: 844 },
		{ width: 1280, height: 800 }
	])('axe finds nothing at $width px', async (viewport) => {
		const { agent, siteOrigin } = await shop();
		const { page } = await visitor({ viewport, colorScheme });
		await page.goto(siteOrigin);
		await launcher(page).click();
		await frameOf(page).getByText('Hello! How can we help?').waitFor();
		expect(await violations(page)).toEqual([]);
		await frameOf(page)
			.getByRole('button', { name: /Talk to a person/ })
			.click();
		await frameOf(page)
			.getByText(/Nobody could answer/)
			.waitFor();
		await reply(agent, await conversationOf(agent), 'Here I am.');
		await frameOf(page).getByText('Here I am.').waitFor();
		expect(await violations(page)).toEqual([]);
	});
});

async function violations(page: Page): Promise<string[]> {
	const found: string[] = [];
	for (const frame of page.frames()) {
		await frame.evaluate(AXE);
		const results = await frame.evaluate(() =>
			(globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run()
		);
		for (const { id, nodes } of results.violations)
			found.push(`${id}: ${nodes.map((node) => node.html).join(' ')}`);
	}
	return found;
}
