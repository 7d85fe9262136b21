import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sql } from '../../api/store/sql.ts';
import { type Desktop, startDesktop } from '../support/desktop.ts';
import { ledger } from '../support/push/device.ts';
import { enableNotifications, goOnline, signIn } from './agent.ts';
import { type Bellhop, type SomebodyHere, startBellhop } from './in-process.ts';
import { DESK, PHONE } from './world.ts';

/** Five pushes each. */
const CALLERS = 40;
const MESSAGES = 3;

describe.each(['chromium', 'firefox'] as const)('in %s', (name) => {
	let bellhop: Bellhop;
	let desktop: Desktop;
	beforeAll(async () => {
		[bellhop, desktop] = [await startBellhop(), await startDesktop()];
	});
	afterAll(async () => {
		await bellhop?.close();
		await desktop?.close();
	});

	/** An agent with a browser that rings, at the chats. */
	async function agentWith(context: typeof PHONE) {
		const agent = await bellhop.newAgent();
		const browser = await bellhop.open(name, { context, desktop });
		const page = await browser.newPage();
		await signIn(page, agent);
		await enableNotifications(page);
		return { agent, browser, page };
	}

	const shownFor = (text: string) =>
		[...desktop.shown.values()].filter(({ body }) => body.includes(text));
	const call = (agent: SomebodyHere, text: string) =>
		bellhop.newCaller(agent.team, { name: text, text });
	const stateOf = (agent: SomebodyHere, id: string) =>
		bellhop.app.db.team(agent.team.id, (tx) =>
			tx.one<{ state: string; assigneeId: string | null }>(sql`
				select state, assignee_id as "assigneeId" from conversations
				where team_id = ${agent.team.id} and id = ${id}`)
		);
	const textsOf = async (agent: SomebodyHere, id: string) => {
		const rows = await bellhop.app.db.team(agent.team.id, (tx) =>
			tx.many<{ body: string }>(sql`select body from messages where team_id = ${agent.team.id}
				and conversation_id = ${id} and author_kind = 'agent' and kind = 'text'`)
		);
		return rows.map(({ body }) => body);
	};

	test('of a run of mixed pushes none is silent, and each chat has one notification', async () => {
		const { agent, browser, page } = await agentWith(PHONE);
		await page.close();
		const before = desktop.history.length;
		for (let i = 0; i < CALLERS; i++) {
			const caller = await call(agent, `Caller ${i} of ${name}`);
			for (let n = 0; n < MESSAGES; n++) await caller.say(`More ${n} from ${i} of ${name}`);
		}
		// The escalation, the first message and what follows; one that a newer has overtaken is not sent.
		const isDone = async () => {
			const lines = (await ledger(bellhop.app, agent.team)).filter(({ deviceId }) => deviceId);
			const isSettled = lines.filter(
				({ state, rule }) => state === 'shown' || rule === 'a newer push was sent'
			);
			return isSettled.length;
		};
		await expect.poll(isDone, { timeout: 120_000, interval: 500 }).toBe(CALLERS * (2 + MESSAGES));
		const history = desktop.history.slice(before);
		expect(
			history.filter(({ summary, body }) => /updated in the background/i.test(summary + body))
		).toEqual([]);
		const acks = bellhop.services.mozilla.acks;
		expect(
			acks.filter(({ messageType, code }) => messageType === 'nack' || (code ?? 100) !== 100)
		).toEqual([]);
		for (let i = 0; i < CALLERS; i++)
			expect(shownFor(`from ${i} of ${name}`), `caller ${i}`).toHaveLength(1);
		expect(bellhop.problems).toEqual([]);
		await browser.close();
	});

	test('a snooze and a reply are done in the notification itself', async () => {
		const { agent, browser, page } = await agentWith(PHONE);
		await page.close();
		const { conversationId, say } = await call(agent, `Ask in ${name}`);
		const last = (state: string, n: number) =>
			expect
				.poll(
					async () =>
						(await ledger(bellhop.app, agent.team)).filter((line) => line.state === state).length,
					{ timeout: 20_000 }
				)
				.toBeGreaterThanOrEqual(n);
		await last('shown', 1);
		await say(`Once more in ${name}`);
		const message = await desktop.waitFor(({ body }) => body.includes(`Once more in ${name}`));
		desktop.press(message, 'Snooze 10 min');
		await expect
			.poll(
				async () => (await ledger(bellhop.app, agent.team)).some(({ rule }) => rule === 'snoozed'),
				{ timeout: 20_000 }
			)
			.toBe(true);
		expect(await stateOf(agent, conversationId)).toMatchObject({ state: 'pending' });
		// Only Chromium takes a text in the notification itself.
		const answered = await call(agent, `Answer in ${name}`);
		await last('shown', 3);
		await answered.say(`And this in ${name}`);
		const ring = await desktop.waitFor(({ body }) => body.includes(`And this in ${name}`));
		if (name === 'chromium') {
			desktop.reply(ring, 'On my way');
			await expect
				.poll(() => textsOf(agent, answered.conversationId), { timeout: 20_000 })
				.toEqual(['On my way']);
		}
		await browser.close();
	});

	test('a page in front is told in the app, and spares the push', async () => {
		const { agent, browser, page } = await agentWith(DESK);
		await goOnline(page);
		await page.bringToFront();
		await expect
			.poll(async () => {
				await bellhop.app.deps.presence.round();
				const { n } = await bellhop.app.db.person.one<{ n: number }>(sql`
					select count(*)::int as n from leases where user_id = ${agent.userId} and is_focused`);
				return n;
			})
			.toBeGreaterThan(0);
		await call(agent, `Look here in ${name}`);
		await page.getByText(`Look here in ${name}`).first().waitFor();
		await expect
			.poll(async () => (await ledger(bellhop.app, agent.team)).map(({ rule }) => rule), {
				timeout: 10_000
			})
			.toContain('shown in the app on this device');
		expect(shownFor(`Look here in ${name}`)).toEqual([]);
		await browser.close();
	});

	test('a chat that is opened takes its notification away', async () => {
		const { agent, browser, page } = await agentWith(DESK);
		await page.close();
		const { conversationId } = await call(agent, `Read me in ${name}`);
		await desktop.waitFor(({ body }) => body.includes(`Read me in ${name}`));
		const again = await openChat(browser, agent, conversationId);
		await expect.poll(() => shownFor(`Read me in ${name}`), { timeout: 20_000 }).toEqual([]);
		await again.close();
	});
});

async function openChat(
	browser: BrowserContext,
	{ origin, team }: SomebodyHere,
	id: string
): Promise<Page> {
	const page = await browser.newPage();
	await page.goto(`${origin}/chats/${id}?team=${team.id}`);
	return page;
}
