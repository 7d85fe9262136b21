import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '#contract/ids.ts';
import { signIn, thread } from './agent.ts';
import { faults } from './axe.ts';
import type { SomebodyHere } from './in-process.ts';
import { closedAfterEach, type Ringing, startRinging } from './ringing.ts';
import { DESK, PHONE } from './world.ts';

let ringing: Ringing;
beforeAll(async () => {
	ringing = await startRinging('chromium');
});
afterAll(() => ringing?.close());
const open = closedAfterEach(() => expect(ringing.bellhop.problems.splice(0)).toEqual([]));

const WHY = 'Why did my phone ring, or not?';
const heading = (page: Page) => page.getByRole('heading', { name: WHY, exact: true }).first();

/** Opens the chat and its menu. */
async function openMenu(page: Page, { team }: SomebodyHere, conversationId: string) {
	await page.goto(`${ringing.bellhop.origin}/chats/${conversationId}?team=${team.id}`);
	await thread(page).getByText('Is it in stock').waitFor();
	await page.getByRole('button', { name: 'More actions' }).click();
	await page.getByRole('menu').waitFor();
}

describe.each([
	['a phone', PHONE],
	['a desk', DESK]
])('on %s', (_, context) => {
	test('a chat’s menu leads to why it rang, in the order in which it happened, and back', async () => {
		const { agent, browser, page } = await ringing.agentWith({ context });
		open.add(browser);
		// Nothing is in front, so the push leaves at once.
		await page.close();
		const { conversationId } = await ringing.call(agent, 'Is it in stock');
		await ringing.settled(agent, [{ state: 'shown' }]);

		const chat = await browser.newPage();
		await openMenu(chat, agent, conversationId);
		await chat.getByRole('menuitem', { name: WHY }).click();
		await heading(chat).waitFor();
		await chat.getByText(/: shown \d/).waitFor();
		const told = await chat.getByRole('main').getByRole('listitem').allInnerTexts();
		const sentences = told.map((text) => text.replace(/^.*\n+/, ''));
		// What the team and the push service did stands somewhere between.
		const beside = (text: string) => /: the push service: |everyone who allows it/.test(text);
		expect(sentences.filter(beside).toSorted()).toEqual([
			expect.stringMatching(/^Ann Lee on .+: the push service: accepted \(201\)\.$/),
			'No agent who is online could be rung, so everyone who allows it was rung at once.'
		]);
		expect(sentences.filter((text) => !beside(text))).toEqual([
			'Today',
			'The visitor asked for a person.',
			expect.stringMatching(/^Ann Lee on .+: is rung: .+\.$/),
			expect.stringMatching(/^Ann Lee on .+: the push was sent\.$/),
			expect.stringMatching(/^Ann Lee on .+: shown \d+\.\d s after it was sent\.$/)
		]);
		expect(await faults(chat)).toEqual([]);
		await (context === PHONE
			? chat.getByRole('button', { name: 'Back' })
			: chat.getByRole('link', { name: 'Conversation' })
		).click();
		await thread(chat).getByText('Is it in stock').waitFor();
	});
});

test('who reads the log but answers no chats finds nothing else in that menu', async () => {
	const { bellhop } = ringing;
	const owner = await bellhop.newAgent({ role: 'owner' });
	const { team } = owner;
	const reader = await bellhop.newAgent({ team });
	const role = { teamId: team.id, id: newId(), name: 'Auditor' };
	await owner.put('/api/teams/roles', { ...role, permissions: ['chat.view', 'log.view'] });
	const grant = { role: 'custom', roleId: role.id, botIds: null };
	await owner.put('/api/members', { teamId: team.id, userId: reader.userId, ...grant });
	const { conversationId } = await ringing.call(owner, 'Is it in stock');
	const browser = await bellhop.open('chromium', { context: DESK });
	open.add(browser);
	const page = await browser.newPage();
	await signIn(page, reader);
	await openMenu(page, reader, conversationId);
	expect(await page.getByRole('menuitem').allInnerTexts()).toEqual([WHY]);
	await page.getByRole('menuitem', { name: WHY }).click();
	await heading(page).waitFor();
	await page.getByText('The visitor asked for a person.').waitFor();
});
