import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { sql } from '../../api/store/sql.ts';
import type { DesktopNotification } from '../support/desktop.ts';
import { thread } from './agent.ts';
import type { SomebodyHere } from './in-process.ts';
import { PATIENCE, type Ringing, startRinging, windowsOf } from './ringing.ts';

// A network that is gone is what some of this is about; browsers report every request that fails.
const NO_NETWORK = [/Failed to load resource|NetworkError|ERR_|can.t establish|interrupted while/i];

describe.each(['chromium', 'firefox'] as const)('in %s', (name) => {
	let ringing: Ringing;
	beforeAll(async () => {
		ringing = await startRinging(name, { allowed: NO_NETWORK });
	});
	afterAll(() => ringing?.close());
	let browser: BrowserContext | undefined;
	afterEach(async () => {
		ringing.bellhop.setReachable(true);
		await browser?.close();
		browser = undefined;
		expect(ringing.bellhop.problems.splice(0)).toEqual([]);
	});

	/** An agent whose app is closed. */
	async function away() {
		const { agent, page, ...rest } = await ringing.agentWith();
		browser = rest.browser;
		await page.close();
		return { agent, browser };
	}
	/** A chat that waits, with its notification on the desktop, of which the server has been told. */
	async function ring(agent: SomebodyHere, text: string) {
		const caller = await ringing.call(agent, text);
		const notice = await noticeOf(text);
		await expect
			.poll(async () => (await ringing.linesOf(agent)).at(-1)?.state, PATIENCE)
			.toBe('shown');
		return { ...caller, notice };
	}
	const noticeOf = (text: string): Promise<DesktopNotification> =>
		ringing.desktop.waitFor(({ body }) => body.includes(text), 60_000);
	const windows = () => windowsOf(browser as BrowserContext, ringing);
	/** One window is at the chat. */
	const shows = (id: string) => expect.poll(windows, PATIENCE).toEqual([`/chats/${id}`]);
	/** It has loaded, too: Firefox complains of what a page still fetches when it is closed. */
	const showsText = (text: string) => thread(appPage()).getByText(text).waitFor();
	const appPage = (): Page =>
		(browser as BrowserContext).pages().find((page) => /\/chats/.test(page.url())) as Page;

	/** What the agent did in a chat, by the server's record. */
	const done = ({ team, userId }: SomebodyHere, conversationId: string) =>
		ringing.bellhop.app.db.team(team.id, async (tx) => {
			const rows = await tx.many<{ what: string }>(sql`
				select coalesce(event->>'type', body) as what from messages
				where team_id = ${team.id} and conversation_id = ${conversationId}
					and author_id = ${userId} order by seq`);
			return rows.map(({ what }) => what);
		});
	const snoozes = async (agent: SomebodyHere) =>
		(await ringing.linesOf(agent)).filter(({ rule }) => rule === 'snoozed').length;

	test('a press opens one window on the conversation, and the next one leads that window on', async () => {
		const { agent } = await away();
		const first = await ring(agent, `First press in ${name}`);
		const second = await ring(agent, `Second press in ${name}`);
		ringing.desktop.press(first.notice);
		await shows(first.conversationId);
		await showsText(`First press in ${name}`);
		ringing.desktop.press(second.notice);
		await shows(second.conversationId);
		await showsText(`Second press in ${name}`);
		// The page follows at once; the server hears of the press by a request of its own.
		await ringing.settled(agent, [{ state: 'opened' }, { state: 'opened' }]);
	});

	test('two presses in a row open one window, which ends at one of the two', async () => {
		const { agent } = await away();
		const first = await ring(agent, `One of two in ${name}`);
		const second = await ring(agent, `Two of two in ${name}`);
		ringing.desktop.press(first.notice);
		ringing.desktop.press(second.notice);
		await expect
			.poll(async () => (await ringing.linesOf(agent)).map(({ state }) => state), PATIENCE)
			.toEqual(['opened', 'opened']);
		await shows(second.conversationId);
		await showsText(`Two of two in ${name}`);
	});

	test('a press finds a window that is still loading, or in which nobody is signed in', async () => {
		const { agent, browser } = await away();
		const { notice, conversationId } = await ring(agent, `Still loading in ${name}`);
		const page = await browser.newPage();
		await page.goto(`${ringing.bellhop.origin}/sign-in`, { waitUntil: 'commit' });
		// Before it has a document the browser lists no window.
		await page.waitForFunction(() => location.pathname !== 'blank');
		ringing.desktop.press(notice);
		await shows(conversationId);
		await thread(page).getByText(`Still loading in ${name}`).waitFor();
	});

	test('Claim claims the chat on the server and opens it', async () => {
		const { agent } = await away();
		const { notice, conversationId } = await ring(agent, `Claim me in ${name}`);
		expect(Object.values(notice.actions)).toEqual(
			expect.arrayContaining(['Claim', 'Snooze 10 min'])
		);
		ringing.desktop.press(notice, 'Claim');
		await expect
			.poll(() => ringing.conversation(agent, conversationId), PATIENCE)
			.toEqual({ state: 'unresolved', assigneeId: agent.userId });
		await shows(conversationId);
		expect(await done(agent, conversationId)).toEqual(['joined']);
		await expect.poll(() => ringing.standing(`Claim me in ${name}`), PATIENCE).toEqual([]);
		await showsText(`Claim me in ${name}`);
	});

	test('Claim pressed without a network is done once when it is back', async () => {
		const { agent } = await away();
		const { notice, conversationId } = await ring(agent, `Claim later in ${name}`);
		ringing.bellhop.setReachable(false);
		ringing.desktop.press(notice, 'Claim');
		await shows(conversationId);
		expect(await ringing.conversation(agent, conversationId)).toMatchObject({ state: 'pending' });
		ringing.bellhop.setReachable(true);
		await expect
			.poll(() => ringing.conversation(agent, conversationId), PATIENCE)
			.toEqual({ state: 'unresolved', assigneeId: agent.userId });
		expect(await done(agent, conversationId)).toEqual(['joined']);
		await showsText(`Claim later in ${name}`);
	});

	test('Snooze pressed without a network is told once when it is back, with the app closed', async () => {
		const { agent } = await away();
		const { notice } = await ring(agent, `Snooze later in ${name}`);
		const before = await ringing.linesOf(agent);
		ringing.bellhop.setReachable(false);
		ringing.desktop.press(notice, 'Snooze 10 min');
		await expect.poll(() => ringing.standing(`Snooze later in ${name}`), PATIENCE).toEqual([]);
		expect(await ringing.linesOf(agent)).toEqual(before);
		ringing.bellhop.setReachable(true);
		await expect.poll(() => snoozes(agent), PATIENCE).toBe(1);
		expect(windows()).toEqual([]);
		// The next contact tells the rest: that it was pressed, and nothing a second time.
		await ring(agent, `After the snooze in ${name}`);
		await expect
			.poll(async () => (await ringing.linesOf(agent))[0]?.state, PATIENCE)
			.toBe('opened');
		expect(await snoozes(agent)).toBe(1);
	});

	test('an answer is written in the notification itself where the platform can, else the chat opens', async () => {
		const { agent } = await away();
		const { conversationId, say } = await ring(agent, `Ask in ${name}`);
		await say(`Once more in ${name}`);
		const notice = await noticeOf(`Once more in ${name}`);
		if (name === 'chromium') {
			ringing.desktop.reply(notice, 'On my way');
			await expect.poll(() => done(agent, conversationId), PATIENCE).toContain('On my way');
			expect(windows()).toEqual([]);
		} else {
			ringing.desktop.press(notice, 'Reply');
			await shows(conversationId);
			await showsText(`Once more in ${name}`);
		}
	});

	test('a dismissed notification opens nothing, is not shown again, and the next message comes', async () => {
		const { agent } = await away();
		const { notice, say, conversationId } = await ring(agent, `Dismiss me in ${name}`);
		ringing.desktop.dismiss(notice);
		await say(`After that in ${name}`);
		await noticeOf(`After that in ${name}`);
		expect(ringing.standing(`Dismiss me in ${name}`)).toEqual([]);
		expect(windows()).toEqual([]);
		await ringing.settled(agent, [{ state: 'shown' }, { state: 'shown' }]);
		expect(await ringing.conversation(agent, conversationId)).toMatchObject({ state: 'pending' });
	});
});
