import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { composer, presencePill, signIn, thread } from './agent.ts';
import { sideways, smallTargets } from './fit.ts';
import { type Bellhop, type SomebodyHere, startBellhop } from './in-process.ts';
import { DESK, PHONE } from './world.ts';

/** Of all that moves by itself in a page's life, as the browser scores it. */
const MAX_SHIFT = 0.02;
const LONG = 'Hubert Blaine Wolfeschlegelsteinhausenbergerdorff-Anticonstitutionnellement';
const CALLERS = [
	{ name: LONG, text: `Unbroken: ${'x'.repeat(400)}` },
	{ name: 'محمد بن عبد الرحمن', text: 'أين طلبي؟ (رقم 520) hello' },
	{ name: '👩‍👩‍👧‍👦🏳️‍🌈 Zoë', text: '👍🏽'.repeat(60) },
	{ name: '長い名前の山田太郎さん', text: '電話番号が見つかりません。'.repeat(8) },
	{
		name: '<b>Bobby</b>',
		text: 'https://shop.example/a/very/long/path?with=a&query=that&never=ends'
	}
];

let bellhop: Bellhop;
let team: SomebodyHere['team'];
let chats: string[];
let context: BrowserContext;
beforeAll(async () => {
	bellhop = await startBellhop();
	({ team } = await bellhop.newAgent());
	chats = [];
	for (const caller of CALLERS) chats.push((await bellhop.newCaller(team, caller)).conversationId);
});
afterAll(() => bellhop.close());
afterEach(async () => {
	await context.close();
	expect(bellhop.problems.splice(0)).toEqual([]);
});

const rows = (page: Page) => page.locator('a[data-row]');

async function opened(options: Parameters<Bellhop['open']>[1]): Promise<Page> {
	context = await bellhop.open('chromium', options);
	const page = await context.newPage();
	await signIn(page, await bellhop.newAgent({ team }));
	await rows(page)
		.nth(CALLERS.length - 1)
		.waitFor();
	return page;
}

/** Every page, each at rest: `look` is told its path. */
async function everywhere(page: Page, look: (path: string) => Promise<void>): Promise<void> {
	for (const path of ['/chats', ...chats.map((id) => `/chats/${id}`)]) {
		await page.goto(bellhop.origin + path);
		if (path === '/chats')
			await rows(page)
				.nth(CALLERS.length - 1)
				.waitFor();
		else await composer(page).waitFor();
		await look(path);
	}
	for (const path of ['/mine', '/notification', '/why', '/colleagues', '/more']) {
		await page.goto(bellhop.origin + path);
		await page.getByRole('heading', { level: 1 }).first().waitFor();
		if (path === '/notification')
			await page.getByRole('heading', { name: 'When to notify' }).waitFor();
		if (path === '/colleagues') await page.getByText('Not reachable').first().waitFor();
		await look(path);
	}
}

test('nothing scrolls sideways at any width', async () => {
	const page = await opened({ context: DESK });
	const found: string[] = [];
	for (const width of [320, 390, 720, 900, 1080, 1280]) {
		await page.setViewportSize({ width, height: 800 });
		await everywhere(page, async (path) => {
			for (const one of await sideways(page)) found.push(`${width} ${path}: ${one}`);
		});
	}
	expect(found).toEqual([]);
});

test.each([
	{ on: 'a phone', viewport: PHONE.viewport },
	{ on: 'a tablet', viewport: { width: 900, height: 1100 } },
	{ on: 'a touch screen on a desk', viewport: DESK.viewport }
])('on $on a finger meets everything that can be pressed', async ({ viewport }) => {
	const page = await opened({ context: { viewport, hasTouch: true, isMobile: true } });
	const found: string[] = [];
	await everywhere(page, async (path) => {
		for (const one of await smallTargets(page)) found.push(`${path}: ${one}`);
	});
	await page.goto(`${bellhop.origin}/chats`);
	await presencePill(page).click();
	await page.getByRole('menuitemradio', { name: /^Online/ }).waitFor();
	for (const one of await smallTargets(page)) found.push(`presence menu: ${one}`);
	expect(found).toEqual([]);
});

test('who calls while one writes is told beside or above what one writes with', async () => {
	const agent = await bellhop.newAgent();
	const { conversationId } = await bellhop.newCaller(agent.team, { text: 'Is it in stock' });
	context = await bellhop.open('chromium', { context: DESK });
	const page = await context.newPage();
	await signIn(page, agent);
	await page.goto(`${bellhop.origin}/chats/${conversationId}`);
	await composer(page).waitFor();
	await bellhop.newCaller(agent.team, { name: LONG, text: 'Somebody there? '.repeat(20) });
	const alert = page.getByRole('status').filter({ hasText: 'waits for a person' });
	// Who is on the way to it has time.
	await alert.getByRole('link').focus();
	for (const width of [320, 390, 720, 900, 1080, 1280]) {
		await page.setViewportSize({ width, height: 800 });
		const [told, box] = await Promise.all([alert.boundingBox(), composer(page).boundingBox()]);
		if (!told || !box) throw new Error(`${width}: no alert, or nothing to write in`);
		const isFree = told.x + told.width <= box.x || told.y + told.height <= box.y;
		expect(isFree, `${width}: ${JSON.stringify({ told, box })}`).toBe(true);
	}
});

/** Everything that has moved by itself in this page so far. */
const shift = (page: Page) =>
	page.evaluate(
		() =>
			new Promise<{ score: number; moved: string[] }>((resolve) => {
				type Shift = PerformanceEntry & {
					value: number;
					hadRecentInput: boolean;
					sources: { node: Node | null }[];
				};
				new PerformanceObserver((list, observer) => {
					observer.disconnect();
					const shifts = (list.getEntries() as Shift[]).filter((entry) => !entry.hadRecentInput);
					resolve({
						score: shifts.reduce((sum, { value }) => sum + value, 0),
						moved: shifts.flatMap(({ value, sources }) =>
							sources.map(
								({ node }) => `${value.toFixed(4)} ${(node as Element)?.outerHTML?.slice(0, 120)}`
							)
						)
					});
				}).observe({ type: 'layout-shift', buffered: true });
				// Without any shift the observer is never called.
				requestAnimationFrame(() => requestAnimationFrame(() => resolve({ score: 0, moved: [] })));
			})
	);

test.each([
	{ on: 'a phone', viewport: PHONE.viewport },
	{ on: 'a desk', viewport: DESK.viewport }
])('on $on nothing jumps while the inbox and a chat open', async ({ viewport }) => {
	const page = await opened({ context: { viewport } });
	for (const path of ['/chats', `/chats/${chats[2]}`]) {
		await page.goto(bellhop.origin + path);
		// Whatever comes late has come by then: the second half of the app, presence, notifications.
		if (path === '/chats') {
			await page.getByText('This device does not ring').waitFor();
			await page.getByRole('button', { name: 'You are Offline' }).first().waitFor();
		} else {
			await thread(page).getByText('👍🏽').first().waitFor();
			await composer(page).waitFor();
		}
		const { score, moved } = await shift(page);
		expect(score, moved.join('\n')).toBeLessThan(MAX_SHIFT);
	}
});

test('names and texts of every script keep to their rows', async () => {
	const page = await opened({ context: PHONE });
	for (const width of [320, 390, 720, 1280]) {
		await page.setViewportSize({ width, height: 844 });
		await rows(page).first().waitFor();
		const heights = await rows(page).evaluateAll((all) =>
			all.map((one) => Math.round(one.getBoundingClientRect().height))
		);
		expect(heights).toHaveLength(CALLERS.length);
		// A line of emoji or another script may be a little higher than one of Latin letters.
		expect(Math.max(...heights) - Math.min(...heights), `${width}: ${heights}`).toBeLessThan(8);
		const isInside = await rows(page).evaluateAll((all) =>
			all.every((one) => {
				const row = one.getBoundingClientRect();
				return [...one.querySelectorAll('.name, .timer, .preview')].every((part) => {
					const box = part.getBoundingClientRect();
					return box.width > 0 && box.left >= row.left && box.right <= row.right;
				});
			})
		);
		expect(isInside).toBe(true);
	}
	await page.getByText('<b>Bobby</b>').first().waitFor();
});
